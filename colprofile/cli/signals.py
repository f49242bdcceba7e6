"""What ends the command line from outside: Ctrl-C, SIGTERM and SIGHUP clean up and end it within a second."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType

from colprofile import standard, stopping
from colprofile.temporary import remove_all

WAIT_SECONDS = 0.8
"""How long the work may take to end by itself; then the process ends without it."""

_WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
if hasattr(signal, "SIGHUP"):
    _WORDS[signal.SIGHUP] = "hung up"

FIRST_STATUS = 128
"""The exit status of a process that a signal ends is this and the signal's number."""


class Signals:
    """The handlers of the command line's process: never installed where colprofile is called from Python.

    SIGTERM and SIGHUP raise SystemExit in the main thread, as SIGINT raises KeyboardInterrupt. Python runs handlers
    between two of its own instructions: where one takes too long, a thread ends the process, which the system wakes.
    """

    def __init__(self) -> None:
        self.status: int | None = None
        self._kept: list[int] = []
        self._is_over = threading.Event()
        self._reader, self._writer = os.pipe()

    def install(self) -> None:
        """Take over the signals that are not ignored, as nohup and background jobs ask for."""
        for number in _WORDS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                self._kept.append(number)
                if number != signal.SIGINT:
                    signal.signal(number, self._raise)
        os.set_blocking(self._writer, False)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        threading.Thread(target=self._watch, daemon=True).start()

    def end(self) -> None:
        """Remove what is left, and leave signals to the system."""
        remove_all()
        self._is_over.set()
        signal.set_wakeup_fd(-1)
        os.close(self._writer)
        for number in self._kept:
            signal.signal(number, signal.SIG_DFL)

    def say(self, number: int) -> None:
        """Say in one line which signal ends the process."""
        standard.write_error(f"colprofile: {_WORDS[signal.Signals(number)]}\n")

    def _raise(self, number: int, frame: FrameType | None) -> None:
        if self.status is None:
            self.status = FIRST_STATUS + number
            raise SystemExit(self.status)

    def _watch(self) -> None:
        """End the process where a signal has not ended it in time."""
        interrupts = 0
        while received := os.read(self._reader, 1):
            number = received[0]
            if number not in _WORDS:
                continue
            interrupts += number == signal.SIGINT
            if self._is_over.wait(WAIT_SECONDS):
                break
            if number == signal.SIGINT and interrupts == 1 and stopping.is_finishing():
                continue
            remove_all(for_good=True)
            self.say(number)
            os._exit(FIRST_STATUS + number)
        os.close(self._reader)
