"""`chatwright import rasa SRC DIR`: a Rasa project becomes a bot folder, with a report of what became of each part."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatwright.cli.show import JsonFlag, print_json, say, table

if TYPE_CHECKING:
    from chatwright.bot.rasa_import import Report

app = typer.Typer(help="Move a bot here from elsewhere.", no_args_is_help=True, rich_markup_mode=None)

_MAX_SHOWN = 40


@app.callback()
def importing() -> None:
    """Move a bot here from elsewhere."""


@app.command("rasa")
def rasa(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="The folder of the Rasa project.")],
    target: Annotated[Path, typer.Argument(metavar="DIR", help="The bot folder to make; it must not exist yet.")],
    name: Annotated[str, typer.Option(help="The bot's name; by default the folder's.")] = "",
    as_json: bool = JsonFlag,
) -> None:
    """Import a Rasa project: 3.x with stories, rules and forms, or CALM."""
    from chatwright.bot.rasa_import import import_rasa

    report = import_rasa(source, target, name=name)
    if as_json:
        print_json(report.to_json())
    else:
        _show(report, target)
    if report.problems:
        raise typer.Exit(1)


def _show(report: "Report", target: Path) -> None:
    rows = [[kind, *(str(number or "") for number in row.values())] for kind, row in report.counts().items()]
    table(["part", "converted", "approximated", "left"], rows)
    for outcome in ("left", "approximated"):
        entries = [entry for entry in report.entries if entry.outcome == outcome]
        say()
        say(f"{outcome}: {len(entries)}")
        for entry in entries[:_MAX_SHOWN]:
            say(f"  {entry.place}: {entry.kind} {entry.name}: {entry.note} {entry.next_step}".rstrip())
        if len(entries) > _MAX_SHOWN:
            say(f"  … and {len(entries) - _MAX_SHOWN} more in {target / 'IMPORT.md'}")
    for problem in report.problems:
        say(f"check: {problem}")
    say()
    say(f"Wrote {target}; the whole list is in {target / 'IMPORT.md'}. Next: chatwright ingest {target}")
