"""`python -m chatwright` is the command line."""

from chatwright.cli.main import run

if __name__ == "__main__":
    run()
