"""SparkJobs: what one run asks of a session of Spark, which can be ended without ending anything else."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from colprofile.sources.spark.errors import readable_errors
from colprofile.sources.spark.quiet import quiet
from colprofile.sources.spark.recognise import is_connect
from colprofile.sources.spark.sessions import activate
from colprofile.stopping import left_alone

T = TypeVar("T")

_TRY_SECONDS = 1.0
_AGAIN_SECONDS = 0.1
_END_SECONDS = 60.0


class SparkJobs:
    """Runs actions in a session, classic or of Spark Connect; their jobs carry a tag of their own.

    Parameters
    ----------
    session
        The session; its own tags stay as they are.
    description
        What messages call that which is read.
    """

    def __init__(self, session: Any, description: str) -> None:
        self.session, self.description = session, description
        self._tag = f"colprofile-{uuid.uuid4().hex}"
        # A classic session only ends by tag what the same thread has begun; its context ends what any has.
        self._context = None if is_connect(session) else session.sparkContext

    def run(self, action: Callable[[], T]) -> T:
        """Return what an action gives, with its errors as one line.

        Where the run is to end, or the wait is broken off, the action's jobs are ended; a server that does not answer
        is not waited for.

        Raises
        ------
        SourceError
            What Spark raises.
        """
        ended = threading.Event()

        def tagged() -> T:
            try:
                with readable_errors(self.description), quiet(), self._tagged():
                    return action()
            finally:
                ended.set()

        try:
            return left_alone(tagged)
        except BaseException:
            if not ended.is_set():
                # The job may have been on its way to the server when it was first told, or Connect may begin it again.
                threading.Thread(target=self._end, args=(ended,), daemon=True).start()
                ended.wait(_TRY_SECONDS)
            raise

    @contextlib.contextmanager
    def _tagged(self) -> Iterator[None]:
        context = self._context
        activate(self.session)
        add, remove = (
            (self.session.addTag, self.session.removeTag)
            if context is None
            else (context.addJobTag, context.removeJobTag)
        )
        add(self._tag)
        try:
            yield
        finally:
            remove(self._tag)

    def _end(self, ended: threading.Event) -> None:
        """Interrupt until what ran has ended."""
        latest = time.monotonic() + _END_SECONDS
        while not ended.wait(_AGAIN_SECONDS) and time.monotonic() < latest:
            self.interrupt()

    def interrupt(self) -> None:
        """End the jobs of this run on the cluster, and no others."""
        cancel = self.session.interruptTag if self._context is None else self._context.cancelJobsWithTag
        tried(lambda: cancel(self._tag))


def tried(work: Callable[[], object]) -> None:
    """Ask Spark for something whose failure nobody can mend; a server that does not answer is not waited for."""

    def ask() -> None:
        with contextlib.suppress(Exception), quiet():
            work()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_TRY_SECONDS)
