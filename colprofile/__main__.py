"""What `colprofile` and `python -m colprofile` run."""

import gc
import sys

OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""Python looks for cycles after so many new objects, not after 700: a wide table's profile has millions, and none."""


def run() -> None:
    """Run the command line and end the process with its exit status; Ctrl-C is one line from the first import on."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])
    try:
        from colprofile.cli import main

        status = main()
    except KeyboardInterrupt:
        print("colprofile: interrupted", file=sys.stderr)
        status = 130
    sys.exit(status)


if __name__ == "__main__":
    run()
