"""`chatwright models list | pull | add | show | remove`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatwright.cli.show import JsonFlag, print_json, say, size, table

if TYPE_CHECKING:
    from chatwright.models import ModelStatus, ModelStore

app = typer.Typer(help="The language models on this machine.", no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(help="A name from: chatwright models list")]


def _store() -> "ModelStore":
    from chatwright.models import ModelStore
    from chatwright.settings import Settings

    return ModelStore(Settings().models_dir)


@app.command("list")
def list_models(as_json: bool = JsonFlag) -> None:
    """Every model known by name: size, licence, languages, and whether it is here."""
    found = _store().list()
    if as_json:
        print_json([_facts(status) for status in found])
        return
    rows = [
        [
            status.entry.name,
            size(status.entry.size_bytes),
            status.entry.licence,
            " ".join(status.entry.languages) or "?",
            "ready" if status.is_prepared else "present" if status.is_present else "-",
            status.origin,
        ]
        for status in found
    ]
    table(["name", "size", "licence", "languages", "here", "from"], rows)


@app.command("pull")
def pull(name: Annotated[str, typer.Argument(help="Leave out for the default model.")] = "") -> None:
    """Fetch a model from its sources in turn, verify it and make it ready to run."""
    store = _store()
    if not name:
        name = store.default().name
        say(f"The default is {name}: the smallest of the catalogue that speaks Chinese and English.")
    path = store.pull(name)
    if store.entry(name).kind == "chat":
        store.prepare(name)
    status = next(status for status in store.list() if status.entry.name == name)
    say(f"{name} is ready: {path} (from {status.origin}, sha256 verified)")


@app.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="A GGUF file.", metavar="FILE.gguf")],
    name: Annotated[str | None, typer.Option(help="What to call it; by default its file name.")] = None,
) -> None:
    """Take a GGUF file of your own into the store."""
    entry = _store().add(file, name)
    say(f"{entry.name} was added. Use it with `model: {{name: {entry.name}}}` in bot.yaml.")


@app.command("show")
def show(name: Name, as_json: bool = JsonFlag) -> None:
    """What a model is, and what its file says of itself."""
    store = _store()
    entry = store.entry(name)
    status = next(status for status in store.list() if status.entry.name == name)
    facts = _facts(status)
    if status.is_present and entry.kind == "chat":
        from dataclasses import asdict

        facts["header"] = asdict(store.header(name))
    if as_json:
        print_json(facts)
        return
    for key, value in facts.items():
        say(f"{key}: {value}")


@app.command("remove")
def remove(name: Name) -> None:
    """Delete a model's files."""
    _store().remove(name)
    say(f"{name} was removed.")


def _facts(status: "ModelStatus") -> dict[str, object]:
    entry = status.entry
    return {
        "name": entry.name,
        "title": entry.title,
        "kind": entry.kind,
        "licence": entry.licence,
        "languages": list(entry.languages),
        "size_bytes": entry.size_bytes,
        "context_length": entry.context_length,
        "sha256": entry.sha256,
        "is_present": status.is_present,
        "is_prepared": status.is_prepared,
        "origin": status.origin,
    }
