"""`chatwright ask` and `chatwright chat`: one question, or a conversation, in the terminal. Same path as the server."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatwright.cli.folder import BotDir
from chatwright.cli.show import JsonFlag, plain, print_json, say

if TYPE_CHECKING:
    from chatwright.bot.turn import Bot
    from chatwright.messages import ConversationId, Reply

UserOption = Annotated[str, typer.Option(help="Who is asking; their data can be exported and erased.")]
LABELS = {"zh": "来源", "en": "sources"}


def ask(
    directory: BotDir,
    text: Annotated[str, typer.Argument(help="The question.", metavar="TEXT")],
    conversation: Annotated[str | None, typer.Option(help="Go on with this conversation.")] = None,
    user: UserOption = "local",
    as_json: bool = JsonFlag,
) -> None:
    """Ask one question and print the answer with its citations."""
    reply, record = asyncio.run(_ask(directory, text, conversation, user))
    if as_json:
        from chatwright.bot.record import reply_to_json

        print_json({**reply_to_json(reply), "record": record})
        return
    say(reply.answer)
    _print_choices(reply)
    _print_citations(reply)


def chat(directory: BotDir, user: UserOption = "local") -> None:
    """Talk with the bot in the terminal; an empty line ends the conversation."""
    from chatwright.bot.assemble import opened_bot
    from chatwright.messages import UserId
    from chatwright.settings import Settings

    # Lines are read between runs of the loop: an interrupt reaches a blocking read only in the main thread.
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            bot = runner.run(stack.enter_async_context(opened_bot(directory, Settings())))
            conversation = runner.run(bot.open(UserId(user)))
            say(bot.greeting(bot.languages[0]))
            while text := _read_line():
                runner.run(_chat_turn(bot, conversation, text))
        finally:
            runner.run(stack.aclose())


async def _ask(directory: Path, text: str, conversation: str | None, user: str) -> "tuple[Reply, Mapping[str, Any]]":
    """The reply, and the record of how it was decided."""
    from chatwright.bot.assemble import opened_bot
    from chatwright.messages import ConversationId, UserId
    from chatwright.settings import Settings

    async with opened_bot(directory, Settings()) as bot:
        opened = await bot.open(UserId(user), ConversationId(conversation) if conversation else None)
        reply = await _reply(bot, opened, text, is_shown=False)
        events = await bot.store.events(opened)
        decided = (event.data for event in events if event.kind == "commands" and event.turn == reply.turn)
        return reply, next(decided, {})


async def _chat_turn(bot: "Bot", conversation: "ConversationId", text: str) -> None:
    from chatwright.errors import ChatwrightError

    try:
        reply = await _reply(bot, conversation, text, is_shown=True)
    except ChatwrightError as err:
        say(str(err))
    else:
        _print_choices(reply)
        _print_citations(reply)


async def _reply(bot: "Bot", conversation: "ConversationId", text: str, *, is_shown: bool) -> "Reply":
    _refuse_invalid_utf8(text)
    reply: Reply | None = None
    async for delta in bot.reply(conversation, text):
        if is_shown and delta.text:
            typer.echo(plain(delta.text), nl=False)
        reply = delta.reply or reply
    if is_shown:
        typer.echo()
    assert reply is not None, "Bot.reply ended without a reply"
    return reply


def _refuse_invalid_utf8(text: str) -> None:
    """Bytes that are not UTF-8 come from the terminal as lone surrogates."""
    from chatwright.errors import RequestError

    try:
        text.encode()
    except UnicodeEncodeError as err:
        raise RequestError(
            f"The message is not UTF-8 at character {err.start + 1}.",
            hint="Set the terminal to UTF-8 and write it again.",
            code="invalid_utf8",
        ) from err


def _read_line() -> str:
    try:
        return input("> ").strip()
    except EOFError:
        return ""


def _print_choices(reply: "Reply") -> None:
    """The choices that the chat page shows as buttons; typing one's words chooses it."""
    if reply.buttons:
        say("  " + "  ".join(f"[{button.title}]" for button in reply.buttons))


def _print_citations(reply: "Reply") -> None:
    if not reply.citations:
        return
    say(f"  {LABELS[reply.language]}:")
    for number, citation in enumerate(reply.citations, start=1):
        quote = " ".join(citation.quote.split())
        shown = quote if len(quote) <= 160 else quote[:159] + "…"
        say(f"  [{number}] {citation.source}:{citation.start}-{citation.end}  {shown}")
