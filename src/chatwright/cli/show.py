"""Prints results: plain text for people, one JSON object for programs, never a control character from outside."""

import re
from typing import Any

import typer

JsonFlag = typer.Option(False, "--json", help="Print one JSON object and nothing else.")
# A terminal obeys escape sequences, and what is printed may come from a customer or a document.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def print_json(values: Any) -> None:
    """One line of JSON on standard output."""
    import orjson

    typer.echo(orjson.dumps(values, option=orjson.OPT_NON_STR_KEYS).decode())


def plain(text: str) -> str:
    """`text` without characters that a terminal would obey."""
    return _CONTROL.sub("", text)


def say(text: str = "") -> None:
    """Prints a line for people."""
    typer.echo(plain(text))


def table(headings: list[str], rows: list[list[str]]) -> None:
    """A table that fits the terminal; nothing is cut when the output is not a terminal."""
    import sys

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 200)
    shown = Table(box=None, pad_edge=False)
    for heading in headings:
        shown.add_column(heading, overflow="fold")  # a path that is too long is continued, not cut
    for row in rows:
        shown.add_row(*(Text(plain(cell)) for cell in row))
    console.print(shown)


def size(size_bytes: int) -> str:
    """Bytes as people read them."""
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.0f} MB"
