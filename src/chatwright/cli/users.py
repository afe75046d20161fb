"""`chatwright export-user` and `erase-user`: everything kept about one person, out or gone."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from chatwright.cli.folder import BotDir
from chatwright.cli.show import print_json, say

UserArgument = Annotated[str, typer.Argument(help="The user's id.", metavar="USER")]


def export_user(directory: BotDir, user: UserArgument) -> None:
    """Print everything kept about a user as one JSON object."""
    print_json(asyncio.run(_export(directory, user)))


def erase_user(
    directory: BotDir,
    user: UserArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase everything kept about a user; this cannot be undone."""
    if not yes and not typer.confirm(f"Erase every conversation of {user!r}?"):
        raise typer.Exit(1)
    say(f"{asyncio.run(_erase(directory, user))} conversations of {user} were erased.")


async def _export(directory: Path, user: str) -> Mapping[str, Any]:
    from chatwright.bot.assemble import opened_store
    from chatwright.messages import UserId

    async with opened_store(directory) as (_, store):
        return await store.export_user(UserId(user))


async def _erase(directory: Path, user: str) -> int:
    from chatwright.bot.assemble import opened_store
    from chatwright.messages import UserId

    async with opened_store(directory) as (_, store):
        return await store.erase_user(UserId(user))
