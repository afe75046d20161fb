"""`chatwright flows list | show DIR`: the business processes of a bot folder, as a table, as text or as pictures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatwright.cli.folder import BotDir
from chatwright.cli.show import JsonFlag, print_json, say, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwright.dialogue.flows.flow import Flow, Step
    from chatwright.messages import Language

app = typer.Typer(help="Business processes of a bot.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_flows(directory: BotDir, as_json: bool = JsonFlag) -> None:
    """Every flow with its steps, the slots it asks for, and where it is written."""
    from chatwright.dialogue.flows.flow_slots import collected_slots

    flows = _flows(directory)
    rows = [
        {
            "id": flow.id,
            "description": flow.description,
            "steps": len(flow.steps),
            "slots": list(collected_slots(flow, flows)),
            "examples": len(flow.examples),
            "place": f"{flow.path}:{flow.line}",
        }
        for flow in flows.values()
    ]
    if as_json:
        print_json({"flows": rows})
        return
    headings = ["id", "description", "steps", "slots", "examples", "place"]
    shown = [{**row, "slots": " ".join(collected_slots(flows[str(row["id"])], flows))} for row in rows]
    table(headings, [[str(row[heading]) for heading in headings] for row in shown])


@app.command("show")
def show(
    directory: BotDir,
    flow: Annotated[str, typer.Option("--flow", metavar="ID", help="One flow only.")] = "",
    svg: Annotated[
        Path | None,
        typer.Option("--svg", metavar="PATH", help="Draw: a .svg file for one flow, a folder for several."),
    ] = None,
    language: Annotated[str, typer.Option(help="zh or en: of the words in the picture.")] = "",
) -> None:
    """Show flows step by step, or draw them."""
    chosen = _chosen(_flows(directory), flow)
    if svg is not None:
        for path in _draw(directory, chosen, svg, _language(directory, language)):
            say(str(path))
        return
    for each in chosen.values():
        say(f"{each.id}: {each.description}")
        for step in each.steps.values():
            say(f"  {_worded(step)}")


def _flows(directory: Path) -> "Mapping[str, Flow]":
    from chatwright.dialogue.flows.flow_file import load_flows
    from chatwright.errors import ConfigError

    flows = load_flows(directory)
    if not flows:
        raise ConfigError(
            f"There are no flows in {directory}.", hint=f"Write them in {directory / 'flows'}.", code="no_flows"
        )
    return flows


def _chosen(flows: "Mapping[str, Flow]", flow_id: str) -> "Mapping[str, Flow]":
    from chatwright.errors import ConfigError, nearest

    if flow_id and flow_id not in flows:
        raise ConfigError(f"There is no flow {flow_id!r}.", hint=nearest(flow_id, list(flows)))
    return {flow_id: flows[flow_id]} if flow_id else flows


def _language(directory: Path, language: str) -> "Language":
    """The asked one, else the first that the bot speaks."""
    from chatwright.bot.definition import load_definition
    from chatwright.errors import ConfigError

    if language == "zh":
        return "zh"
    if language == "en":
        return "en"
    if language:
        raise ConfigError(f"Pictures are not drawn in language {language!r}.", hint="Choose one of: en, zh.")
    return load_definition(directory).languages[0] if (directory / "bot.yaml").exists() else "en"


def _draw(directory: Path, flows: "Mapping[str, Flow]", target: Path, language: "Language") -> list[Path]:
    """Writes one file a flow; the paths written."""
    from chatwright.dialogue.flows.domain_file import load_domain
    from chatwright.dialogue.flows.flow_picture import draw_flow

    domain = load_domain(directory)
    is_file = target.suffix.lower() == ".svg" and len(flows) == 1
    paths = {name: target if is_file else target / f"{name}.svg" for name in flows}
    for name, path in paths.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(draw_flow(flows[name], domain, language=language), encoding="utf-8")
        except OSError as err:
            _refuse_unwritable(path, err)
    return list(paths.values())


def _refuse_unwritable(path: Path, err: OSError) -> None:
    from chatwright.errors import ConfigError

    raise ConfigError(f"Cannot write {path}: {err.strerror}.", hint="Name another place with --svg.") from err


def _worded(step: "Step") -> str:
    """A step on one line: what it does, then where it goes on."""
    from chatwright.dialogue.flows.flow_picture import describe_step

    ways = [f"if {way.condition}: {way.target}" if way.condition else way.target for way in step.next]
    return f"{step.id}: {describe_step(step)} → {'; '.join(ways) or 'END'}"
