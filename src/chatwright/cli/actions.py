"""`chatwright actions list | serve DIR`: the actions of a bot folder, and an action server for Rasa over them."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatwright.cli.folder import BotDir
from chatwright.cli.show import JsonFlag, print_json, say, table

if TYPE_CHECKING:
    import socket

    from starlette.applications import Starlette

app = typer.Typer(help="Actions of a bot.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_actions(directory: BotDir, as_json: bool = JsonFlag) -> None:
    """The functions in the folder's actions.py that flows can call, with their parameters."""
    from chatwright.actions.folder_code import load_python_actions
    from chatwright.actions.registry import describe

    described = [describe(action) for action in load_python_actions(directory)]
    if as_json:
        print_json(described)
        return
    rows = [
        [
            each["name"],
            " ".join(each["parameters"].get("properties", {})),
            "yes" if each["writes"] else "",
            each["description"],
        ]
        for each in described
    ]
    table(["name", "parameters", "writes", "description"], rows)


@app.command("serve")
def serve(
    directory: BotDir,
    port: Annotated[int, typer.Option(min=1, max=65535, help="5055 is Rasa's.")] = 5055,
    host: Annotated[str, typer.Option(help="It asks for no key: only the bot should reach it.")] = "127.0.0.1",
    timeout_s: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds an action may take.")] = 60.0,
) -> None:
    """Serve the folder's actions by Rasa's action-server protocol."""
    from chatwright.actions.serving import create_action_app
    from chatwright.server.run import bind, configure_logging
    from chatwright.settings import Settings

    if not directory.is_dir():
        _refuse(directory)
    actions = create_action_app(directory, timeout_s=timeout_s)
    with bind(host, port) as listener:
        configure_logging(Settings().log_level)
        say(f"Serving {', '.join(actions.state.names)} at http://{host}:{port}/webhook  (stop with Ctrl-C)")
        asyncio.run(_serve(actions, listener))


async def _serve(actions: "Starlette", listener: "socket.socket") -> None:
    import uvicorn

    config = uvicorn.Config(
        actions, log_config=None, access_log=False, server_header=False, ws="none", timeout_graceful_shutdown=10
    )
    await uvicorn.Server(config).serve(sockets=[listener])


def _refuse(directory: Path) -> None:
    from chatwright.errors import ConfigError

    raise ConfigError(
        f"There is no folder {directory}.", hint="Name the folder that has actions.py.", code="bot_not_found"
    )
