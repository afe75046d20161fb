"""`chatwright conversations DIR`: who talked, and who is waiting for a person."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatwright.cli.folder import BotDir
from chatwright.cli.show import JsonFlag, print_json, say, table

if TYPE_CHECKING:
    from chatwright.messages import ConversationSummary, Event


def conversations(
    directory: BotDir,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that wait for a person.")] = False,
    show: Annotated[str | None, typer.Option(help="Print this conversation, event by event.", metavar="ID")] = None,
    close: Annotated[str | None, typer.Option(help="Mark this one as no longer waiting.", metavar="ID")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: bool = JsonFlag,
) -> None:
    """List conversations, newest first; or show one."""
    if close:
        asyncio.run(_close(directory, close))
        say(f"{close} is no longer waiting.")
    elif show:
        _print_events(asyncio.run(_events(directory, show)), as_json)
    else:
        _print_summaries(asyncio.run(_summaries(directory, waiting, limit)), as_json)


async def _summaries(directory: Path, waiting: bool, limit: int) -> "list[ConversationSummary]":
    from chatwright.bot.assemble import opened_store

    async with opened_store(directory) as (definition, store):
        return await store.conversations(definition.name, waiting_only=waiting, limit=limit)


async def _events(directory: Path, conversation: str) -> "list[Event]":
    from chatwright.bot.assemble import opened_store
    from chatwright.errors import RequestError
    from chatwright.messages import ConversationId

    async with opened_store(directory) as (_, store):
        events = await store.events(ConversationId(conversation))
    if not events:
        raise RequestError(
            f"There is no conversation {conversation!r}.", hint=f"List them: chatwright conversations {directory}"
        )
    return events


async def _close(directory: Path, conversation: str) -> None:
    from chatwright.bot.assemble import opened_store
    from chatwright.messages import ConversationId, Event

    events = await _events(directory, conversation)
    event = Event(conversation=ConversationId(conversation), kind="handover_closed", turn=events[-1].turn, data={})
    async with opened_store(directory) as (_, store):
        await store.append([event])


def _print_summaries(found: "list[ConversationSummary]", as_json: bool) -> None:
    if as_json:
        print_json([{name: getattr(item, name) for name in item.__slots__} for item in found])
        return
    rows = [
        [
            item.id,
            f"{item.updated_at:%Y-%m-%d %H:%M}",
            item.user,
            str(item.num_turns),
            "waiting" if item.is_waiting else "",
            item.last_user_text[:60],
        ]
        for item in found
    ]
    table(["conversation", "last turn (UTC)", "user", "turns", "", "last said"], rows)


def _print_events(events: "list[Event]", as_json: bool) -> None:
    if as_json:
        print_json([{name: getattr(event, name) for name in event.__slots__} for event in events])
        return
    for event in events:
        said = event.data.get("text") or event.data.get("answer") or event.data.get("decided_by") or ""
        say(f"{event.seq:>4} turn {event.turn} {event.kind}: {said}")
        for rule in event.data.get("rules", ()) if event.kind == "commands" else ():
            because = ", ".join(f"{name} {value}" for name, value in rule["because"].items())
            say(f"       rule {rule['id']} fired ({because})")
        for rule in event.data.get("rules_left_out", ()) if event.kind == "commands" else ():
            say(f"       rule {rule['id']} was left out: {rule['because']}")
