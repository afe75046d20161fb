"""`chatwright keys create | list | revoke DIR`: who may call a bot's API."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatwright.cli.folder import BotDir
from chatwright.cli.show import JsonFlag, print_json, say, table

if TYPE_CHECKING:
    from chatwright.server.auth import KeyRing

app = typer.Typer(help="API keys of a bot.", no_args_is_help=True, rich_markup_mode=None)


def key_ring(directory: Path) -> "KeyRing":
    """The keys of a bot folder."""
    from chatwright.bot.definition import load_definition
    from chatwright.server.auth import KeyRing
    from chatwright.settings import Settings

    load_definition(directory)
    return KeyRing(Settings().bot_data_dir(directory) / "keys.json")


@app.command("create")
def create(
    directory: BotDir,
    name: Annotated[str, typer.Option(help="Whose key it is.")] = "default",
    scope: Annotated[list[str] | None, typer.Option(help="chat, operate or admin; may be repeated.")] = None,
) -> None:
    """Make a key and print it; it is shown this once."""
    say(key_ring(directory).create(name, tuple(scope or ["chat"])))


@app.command("list")
def list_keys(directory: BotDir, as_json: bool = JsonFlag) -> None:
    """Every key's id, name and scopes; never the key itself."""
    keys = key_ring(directory).list()
    if as_json:
        print_json([{"id": key.id, "name": key.name, "scopes": key.scopes} for key in keys])
        return
    table(["id", "name", "scopes"], [[key.id, key.name, " ".join(key.scopes)] for key in keys])


@app.command("revoke")
def revoke(directory: BotDir, key_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Make a key worthless at once."""
    key_ring(directory).revoke(key_id)
    say(f"{key_id} was revoked.")
