"""The native API of the chat page and of people who build their own: conversations, messages, history, feedback.

Starting a conversation gives its id and, in a cookie and in `X-Conversation-Token`, the token that proves it is one's
own; every other route about a conversation wants that token (or a key with the scope `operate`), and answers the same
404 whether the id is unknown or somebody else's. A message is answered as server-sent events (`delta`, then `reply`,
or `error`), or as one object with `Accept: application/json`.
"""

import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from chatwright.bot.record import reply_to_json
from chatwright.bot.silence import due_step
from chatwright.bot.turn import Bot
from chatwright.errors import RequestError, nearest
from chatwright.messages import ConversationSummary, Delta, Event, Language, UserId
from chatwright.server.auth import Principal, require
from chatwright.server.envelope import first_fault, native_error, shown
from chatwright.server.idempotency import read_claim
from chatwright.server.limits import check_text, read_json
from chatwright.server.openai_api import json_response
from chatwright.server.stream import EventStream, StreamLimits, closing, event, until_gone
from chatwright.server.visitor_tokens import TOKEN_HEADER, cookie_name, own_conversation, unknown_conversation

router = APIRouter(prefix="/api")
Visitor = Annotated[Principal, Depends(require("visit"))]
Operator = Annotated[Principal, Depends(require("operate"))]
_COOKIE_AGE_S = 90 * 24 * 3600


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


B = TypeVar("B", bound=_Body)


class NewConversation(_Body):
    user: str | None = Field(None, min_length=1, max_length=200)
    language: Literal["zh", "en"] | None = None


class NewMessage(_Body):
    text: str


class Feedback(_Body):
    turn: int = Field(ge=1)
    rating: Literal["up", "down"]
    comment: str = Field("", max_length=2000)


@router.get("/bots")
async def list_bots(request: Request, caller: Visitor) -> Response:
    """Every bot of this server, with its title in each of its languages."""
    return json_response({"bots": [_bot_json(bot) for bot in request.app.state.bots.values()]})


@router.post("/bots/{bot}/conversations")
async def start_conversation(request: Request, bot: str, caller: Visitor) -> Response:
    """A new conversation: its id, the greeting, and the token that makes it one's own."""
    request.app.state.drain.refuse_new_work()
    found = _bot(request, bot)
    wanted = _read(NewConversation, await read_json(request, may_be_empty=True))
    user = UserId(wanted.user or f"visitor-{secrets.token_hex(8)}")
    conversation = await found.open(user)
    language = wanted.language if wanted.language in found.languages else found.languages[0]
    response = json_response(
        {"id": conversation, "greeting": found.greeting(language), "bot": _bot_json(found), "language": language}, 201
    )
    token = request.app.state.visitor_tokens.token(found.name, conversation)
    response.headers[TOKEN_HEADER] = token
    response.set_cookie(
        cookie_name(conversation),
        token,
        max_age=_COOKIE_AGE_S,
        path=f"/api/bots/{found.name}",
        secure=request.scope["scheme"] == "https",
        httponly=True,
        samesite="strict",
    )
    return response


@router.post("/bots/{bot}/conversations/{conversation}/messages")
async def send_message(request: Request, bot: str, conversation: str, caller: Visitor) -> Response:
    """Says something to the bot; the answer streams back."""
    state = request.app.state
    state.drain.refuse_new_work()
    found = _bot(request, bot)
    own = own_conversation(request, caller, found.name, conversation)
    body = await read_json(request)
    text = check_text(_read(NewMessage, body).text, state.settings, param="text")
    claim = read_claim(request, caller, body, owner=f"conversation:{own}")
    deltas = state.metrics.watch(found.name, found.reply(own, text, claim=claim))
    if _wants_json(request):
        return json_response(await until_gone(request, _whole_reply(deltas)))
    return EventStream(
        _reply_events(deltas),
        error_frame=lambda error: event(native_error(shown(error))["error"], name="error"),
        limits=StreamLimits.of(state.settings),
        drain=state.drain,
    )


def _wants_json(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "text/event-stream" not in accepted


async def _reply_events(deltas: AsyncIterator[Delta]) -> AsyncIterator[bytes]:
    async with closing(deltas) as source:
        async for delta in source:
            if delta.text:
                yield event({"text": delta.text}, name="delta")
            if delta.reply is not None:
                yield event(reply_to_json(delta.reply), name="reply")


async def _whole_reply(deltas: AsyncIterator[Delta]) -> dict[str, Any]:
    async with closing(deltas) as source:
        replies = [delta.reply async for delta in source if delta.reply is not None]
    assert replies, "the last delta of a bot has its reply"
    return reply_to_json(replies[-1])


@router.get("/bots/{bot}/conversations/{conversation}")
async def read_conversation(request: Request, bot: str, conversation: str, caller: Visitor) -> Response:
    """What was said, oldest first."""
    found = _bot(request, bot)
    own = own_conversation(request, caller, found.name, conversation)
    events = await found.store.events(own)
    if not events and caller.key_id is not None:  # an operator, who needs no token, named any id
        raise unknown_conversation(conversation)
    wait_s = due_step(found.definition.silence, events, datetime.now(UTC)).wait_s
    return json_response(
        {
            "id": own,
            "bot": found.name,
            "is_waiting": _is_waiting(events),
            "messages": _said(events),
            "silence_in_s": wait_s,
        }
    )


def _said(events: list[Event]) -> list[dict[str, Any]]:
    """The conversation's texts with what belongs to each: citations, ratings, and where an answer broke off."""
    ratings = {item.turn: item.data["rating"] for item in events if item.kind == "feedback"}
    messages: list[dict[str, Any]] = []
    titles: dict[str, str] = {}  # of the buttons offered last: what choosing one sends is not what it says
    for item in events:
        said = {"turn": item.turn, "at": item.at.isoformat() if item.at else None}
        if item.kind == "user":
            messages.append(said | {"role": "user", "text": titles.get(item.data["text"], item.data["text"])})
        elif item.kind == "bot":
            reply = dict(item.data)
            titles = {button["payload"]: button["title"] for button in reply.get("buttons", ())}
            messages.append(
                said | {"role": "assistant", "text": reply["answer"], "reply": reply, "rating": ratings.get(item.turn)}
            )
        elif item.kind == "interrupted":
            messages.append(said | {"role": "assistant", "text": item.data.get("text", ""), "is_interrupted": True})
    return messages


def _is_waiting(events: list[Event]) -> bool:
    last = next((item.kind for item in reversed(events) if item.kind in ("handover_requested", "handover_closed")), "")
    return last == "handover_requested"


@router.post("/bots/{bot}/conversations/{conversation}/feedback")
async def rate_answer(request: Request, bot: str, conversation: str, caller: Visitor) -> Response:
    """Thumbs up or down for one answer."""
    found = _bot(request, bot)
    own = own_conversation(request, caller, found.name, conversation)
    wanted = _read(Feedback, await read_json(request))
    await found.give_feedback(own, wanted.turn, wanted.rating, wanted.comment)
    return json_response({"is_recorded": True})


@router.post("/bots/{bot}/conversations/{conversation}/silence")
async def tell_silence(request: Request, bot: str, conversation: str, caller: Visitor) -> Response:
    """Tells that the visitor has said nothing for a while. `reply`: what the bot says to that, null when it is not time
    yet; `wait_s`: ask again after so many seconds, null never."""
    request.app.state.drain.refuse_new_work()
    found = _bot(request, bot)
    own = own_conversation(request, caller, found.name, conversation)
    silent = await found.silent(own)
    reply = None if silent.reply is None else reply_to_json(silent.reply)
    return json_response({"reply": reply, "wait_s": silent.wait_s})


@router.post("/bots/{bot}/conversations/{conversation}/person")
async def ask_for_person(request: Request, bot: str, conversation: str, caller: Visitor) -> Response:
    """Accepts the offer of a person; asking twice is asking once."""
    found = _bot(request, bot)
    own = own_conversation(request, caller, found.name, conversation)
    if not _is_waiting(await found.store.events(own)):
        await found.request_person(own)
    return json_response({"is_waiting": True}, 202)


@router.get("/bots/{bot}/conversations")
async def list_conversations(
    request: Request,
    bot: str,
    caller: Operator,
    waiting: bool = False,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:
    """The latest conversations, or those waiting for a person."""
    found = _bot(request, bot)
    summaries = await found.store.conversations(found.name, waiting_only=waiting, limit=limit)
    return json_response({"conversations": [_summary_json(summary) for summary in summaries]})


def _summary_json(summary: ConversationSummary) -> dict[str, Any]:
    times = {"started_at": summary.started_at.isoformat(), "updated_at": summary.updated_at.isoformat()}
    return asdict(summary) | times


@router.get("/bots/{bot}/documents")
async def read_document(
    request: Request,
    bot: str,
    caller: Visitor,
    source: Annotated[str, Query(min_length=1, max_length=1000)],
    conversation: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The extracted text that citations of `source` count in. Only what this bot's index holds, never a file."""
    found = _bot(request, bot)
    own_conversation(request, caller, found.name, conversation)
    document = await found.retriever.document(source)
    if document is None:
        raise RequestError(f"Unknown source {source[:200]!r}.", code="source_not_found", status=404, param="source")
    headings = [list(heading) for heading in document.headings]
    return json_response(
        {"source": document.source, "title": document.title, "text": document.text, "headings": headings}
    )


def _bot(request: Request, name: str) -> Bot:
    bots: Mapping[str, Bot] = request.app.state.bots
    if name not in bots:
        hint = nearest(name, list(bots))
        raise RequestError(f"Unknown bot {name[:100]!r}.", hint=hint, code="bot_not_found", status=404)
    return bots[name]


def _bot_json(bot: Bot) -> dict[str, Any]:
    languages: tuple[Language, ...] = bot.languages
    return {
        "name": bot.name,
        "languages": list(languages),
        "silence_after_s": bot.definition.silence.after_s,
        "titles": {language: bot.title(language) for language in languages},
        "suggestions": {language: list(texts) for language, texts in bot.definition.persona.suggestions.items()},
    }


def _read(kind: type[B], body: Mapping[str, Any]) -> B:
    try:
        return kind.model_validate(body)
    except ValidationError as err:
        raise first_fault(err.errors(include_input=False, include_url=False)) from err
