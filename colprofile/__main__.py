"""python -m colprofile: the command line."""

from colprofile.cli import run

if __name__ == "__main__":
    run()
