"""What `colprofile` and `python -m colprofile` run."""

import gc
import sys

OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""Python looks for cycles after so many new objects, not after 700: a wide table's profile has millions, and none."""


def run() -> None:
    """Run the command line and end the process with its exit status; Ctrl-C is one line from the first import on."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])
    try:
        status = _run()
    except KeyboardInterrupt:
        if sys.stderr is not None:
            print("colprofile: interrupted", file=sys.stderr)
        status = 130
    sys.exit(status)


def _run() -> int:
    from colprofile import standard
    from colprofile.cli.memory import lack_of_memory
    from colprofile.cli.signals import FIRST_STATUS, Signals

    standard.occupy_closed()
    lack = lack_of_memory(sys.argv[1:])
    if lack is not None:
        standard.write_error(f"colprofile: {lack}\n")
        return 2
    signals = Signals()
    try:
        signals.install()
        from colprofile.cli import main

        status = main()
        return status if signals.status is None else signals.status
    except SystemExit:
        if signals.status is None:
            raise
        signals.say(signals.status - FIRST_STATUS)
        return signals.status
    finally:
        signals.end()


if __name__ == "__main__":
    run()
