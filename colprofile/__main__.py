"""What `colprofile` and `python -m colprofile` run."""

import sys


def run() -> None:
    """Run the command line and end the process with its exit status; Ctrl-C is one line from the first import on."""
    try:
        from colprofile.cli import main

        status = main()
    except KeyboardInterrupt:
        print("colprofile: interrupted", file=sys.stderr)
        status = 130
    sys.exit(status)


if __name__ == "__main__":
    run()
