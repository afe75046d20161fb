"""Rasa's REST and callback channels, as clients of Rasa expect them.

`/webhooks/…` is the first bot of the server, `/bots/NAME/webhooks/…` any. A message is `{"sender", "message",
"metadata"}`; REST answers with an array of what the bot says, or with `?stream=true` with one JSON object a line, under
the content type text/event-stream but without `data:`; callback answers `success` and posts what the bot says.
An error while a message is handled answers with what was said so far, unless the bot's channels are strict; who may
not speak here, and a request that cannot be read, get an error in any case.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import PlainTextResponse, Response

from chatwright.bot.rasa_channels import RasaChannels
from chatwright.bot.turn import Bot
from chatwright.errors import ChatwrightError, RequestError, nearest
from chatwright.messages import Utterance
from chatwright.server.auth import Principal, require
from chatwright.server.envelope import native_error, shown
from chatwright.server.idempotency import read_claim
from chatwright.server.limits import read_json
from chatwright.server.openai_api import json_response
from chatwright.server.rasa_messages import Said, read_said, rest_messages
from chatwright.server.rasa_senders import Channel, credential_of, user_of
from chatwright.server.stream import EventStream, StreamLimits, closing, until_gone

router = APIRouter()
Caller = Annotated[Principal, Depends(require("chat", by_query=True))]
_LINES = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)
Route = TypeVar("Route", bound=Callable[..., Coroutine[Any, Any, Response]])


def _at(method: str, path: str) -> Callable[[Route], Route]:
    """The route for the first bot, and the one for any."""

    def add(route: Route) -> Route:
        for place in (f"/webhooks/{path}", f"/bots/{{bot}}/webhooks/{path}"):
            router.add_api_route(place, route, methods=[method])
        return route

    return add


@_at("GET", "rest/")
async def rest_status(request: Request) -> Response:
    bot_on_channel(request, "rest")
    return json_response({"status": "ok"})


@_at("GET", "callback/")
async def callback_status(request: Request) -> Response:
    bot_on_channel(request, "callback")
    return json_response({"status": "ok"})


@_at("GET", "socketio/")
async def socketio_status(request: Request) -> Response:
    bot_on_channel(request, "socketio")
    return json_response({"status": "ok"})


@_at("POST", "rest/webhook")
async def receive(request: Request, caller: Caller) -> Response:
    """A message of the REST channel."""
    bot, said, spoken = await _heard(request, caller, "rest")
    if request.query_params.get("stream", "").lower() != "true":
        return json_response(await until_gone(request, _collect(spoken, said)))
    is_strict = bot.definition.channels.rasa.strict
    return EventStream(
        _lines(spoken, said),
        error_frame=lambda error: _line(native_error(shown(error))) if is_strict else b"",
        limits=StreamLimits.of(request.app.state.settings),
        drain=request.app.state.drain,
        head=_LINES,
        keep_alive=b"",  # a comment would not be JSON
    )


@_at("POST", "callback/webhook")
async def receive_for_callback(request: Request, caller: Caller) -> Response:
    """A message of the callback channel. What is said is delivered even when the caller does not wait for the end."""
    bot, said, spoken = await _heard(request, caller, "callback")
    callback = request.app.state.callbacks[bot.name]
    failure: ChatwrightError | None = None
    async with closing(spoken) as utterances:
        async for utterance in utterances:
            for message in rest_messages(said.sender, utterance):
                try:
                    await callback.deliver(message)
                except ChatwrightError as err:
                    failure = err
    if failure is not None and bot.definition.channels.rasa.strict:
        raise failure
    return PlainTextResponse("success")


async def _heard(request: Request, caller: Principal, channel: Channel) -> tuple[Bot, Said, AsyncIterator[Utterance]]:
    """The bot that is spoken to, what is said, and what the bot will say to it."""
    state = request.app.state
    state.drain.refuse_new_work()
    bot = bot_on_channel(request, channel)
    # A page of another site cannot send JSON unasked; who is not a browser need not say what it sends, as in Rasa.
    body = await read_json(request, any_media_type="origin" not in request.headers)
    said = read_said(body, state.settings, channel)
    user = user_of(channel, credential_of(caller), said.sender)
    claim = read_claim(request, caller, body, owner=f"sender:{user}")
    is_strict = bot.definition.channels.rasa.strict
    return bot, said, state.senders.answer(bot, user, said, is_strict=is_strict, claim=claim)


async def _collect(spoken: AsyncIterator[Utterance], said: Said) -> list[dict[str, Any]]:
    async with closing(spoken) as utterances:
        return [message async for utterance in utterances for message in rest_messages(said.sender, utterance)]


async def _lines(spoken: AsyncIterator[Utterance], said: Said) -> AsyncIterator[bytes]:
    async with closing(spoken) as utterances:
        async for utterance in utterances:
            for message in rest_messages(said.sender, utterance):
                yield _line(message)


def _line(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def bot_on_channel(request: Request, channel: Channel) -> Bot:
    """The bot of the route. Raises RequestError 404 when there is none, or it does not speak on this channel."""
    bot = named_bot(request)
    settings: RasaChannels = bot.definition.channels.rasa
    if not getattr(settings, channel):
        raise RequestError(
            f"The bot {bot.name!r} does not speak on Rasa's channel {channel!r}.",
            hint=f"Its owner switches it on in bot.yaml, under channels: rasa: {channel}:.",
            code="channel_off",
            status=404,
        )
    return bot


def named_bot(request: Request) -> Bot:
    """The bot that the path names, or the first one. Raises RequestError 404."""
    bots: dict[str, Bot] = request.app.state.bots
    name = request.path_params.get("bot") or next(iter(bots), "")
    if name not in bots:
        hint = nearest(name, list(bots)) if bots else ""
        raise RequestError(f"Unknown bot {name[:100]!r}.", hint=hint, code="bot_not_found", status=404)
    return bots[name]
