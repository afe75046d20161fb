"""Commands on a bot folder: new, check, ingest; and doctor, which looks at the machine instead."""

from pathlib import Path
from typing import Annotated

import typer

from chatwright.cli.show import JsonFlag, print_json, say, table

BotDir = Annotated[Path, typer.Argument(help="The bot's folder.", metavar="DIR")]


def new(
    directory: BotDir,
    scenario: Annotated[str, typer.Option(help="support, marketing or tutor.")] = "support",
    language: Annotated[str, typer.Option(help="zh or en: the language of the starter texts.")] = "en",
) -> None:
    """Make a bot folder with a definition, starter knowledge and questions to test it with."""
    from chatwright.bot.scaffold import make_bot_folder

    for path in make_bot_folder(directory, scenario, language):
        say(f"  {path}")
    say(f"Now put your documents into {directory / 'knowledge'} and run: chatwright ingest {directory}")


def check(directory: BotDir, as_json: bool = JsonFlag) -> None:
    """Validate everything in a bot folder; every problem at once, with file and line."""
    from chatwright.bot.check import check_bot_folder

    problems = check_bot_folder(directory)
    if as_json:
        print_json({"problems": problems})
    else:
        for problem in problems:
            say(problem)
        say("No problems." if not problems else f"Problems: {len(problems)}.")
    raise typer.Exit(1 if problems else 0)


def ingest(directory: BotDir, as_json: bool = JsonFlag) -> None:
    """Build or refresh the knowledge index; only what changed is read again."""
    from chatwright.bot.assemble import ingest_bot
    from chatwright.settings import Settings

    report = ingest_bot(directory, Settings(), is_progress_shown=not as_json)
    if as_json:
        from dataclasses import asdict

        print_json(asdict(report))
    else:
        counts = f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged"
        say(f"{counts}, {report.removed} removed: {report.num_passages} passages in {report.seconds:.1f} s.")
        for source, reason in report.failed:
            say(f"not read: {source}: {reason}")
    if report.is_empty and not _has_flows(directory):
        _refuse_empty(directory)
    raise typer.Exit(1 if report.failed else 0)


def _has_flows(directory: Path) -> bool:
    """A bot may be there for its processes alone, with nothing to answer from."""
    from chatwright.dialogue.flows.flow_file import read_flows

    return bool(read_flows(directory)[0])


def _refuse_empty(directory: Path) -> None:
    from chatwright.errors import ConfigError

    raise ConfigError(
        f"There is nothing to answer from in {directory / 'knowledge'}.",
        hint=f"Put documents or a faq.yaml there and run: chatwright ingest {directory}",
        code="knowledge_empty",
    )


def doctor(as_json: bool = JsonFlag) -> None:
    """What this machine has, what is missing, and the exact command that mends it."""
    from chatwright.cli.machine import examine

    findings = examine()
    if as_json:
        print_json([{"name": f.name, "is_ok": f.is_ok, "found": f.found, "mend": f.mend} for f in findings])
    else:
        table(
            ["", "what", "found", "to mend it"],
            [["ok" if f.is_ok else "!!", f.name, f.found, f.mend] for f in findings],
        )
    raise typer.Exit(0 if all(f.is_ok for f in findings) else 1)
