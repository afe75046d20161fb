"""`chatwright serve DIR [DIR...]`: the HTTP server with its chat page."""

import signal
from pathlib import Path
from typing import Annotated

import typer

from chatwright.cli.show import say


def serve(
    directories: Annotated[list[Path], typer.Argument(help="One or more bot folders.", metavar="DIR...")],
    host: Annotated[str, typer.Option(help="127.0.0.1 needs no keys; anything else does.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
) -> None:
    """Serve bots: chat page at /, OpenAI-compatible API at /v1, native API at /api."""
    from chatwright.server.run import run_on_fast_loop

    if run_on_fast_loop(_serve(directories, host, port)) == signal.SIGINT:
        raise typer.Exit(130)


async def _serve(directories: list[Path], host: str, port: int) -> int | None:
    from chatwright.bot.assemble import opened_house
    from chatwright.bot.definition import load_definition
    from chatwright.cli.keys import key_ring
    from chatwright.server.app import create_app
    from chatwright.server.run import ServerSettings, bind, data_folder_locks, run_server
    from chatwright.settings import Settings

    settings = Settings()
    for directory in directories:
        load_definition(directory)  # before a lock makes a data folder where there is no bot
    folders = [settings.bot_data_dir(directory) for directory in directories]
    # The port first: whether it is free is known at once, whether the models are whole only after reading them.
    with data_folder_locks(folders), bind(host, port) as listener:
        async with opened_house(directories, settings) as house:
            server_settings = ServerSettings(host=host, port=port)
            app = create_app(
                house.bots, house.engines, house.embedder, settings=server_settings, keys=key_ring(directories[0])
            )
            say(f"Serving {', '.join(house.bots)} at http://{host}:{port}  (stop with Ctrl-C)")
            return await run_server(app, server_settings, listener=listener, log_level=settings.log_level)
