"""Rasa's Socket.IO channel of one bot: `user_uttered` in, `bot_uttered` out, under the names that its owner chose.

Polling and WebSocket, at the path of the bot's settings. Who connects is judged at the handshake and again at every
message; messages count into the same rates as everywhere. What goes wrong with a message goes to its sender as the
event `chatwright_error`, which clients of Rasa do not listen to. A turn is given up when its connection ends and
nobody can ask for the answer later. Does not stop: a visitor from opening as many connections as the server has.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson
import structlog
from fastapi import FastAPI
from socketio import AsyncServer
from socketio.exceptions import ConnectionRefusedError as Refusal
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from chatwright.bot.rasa_channels import SocketIoSettings
from chatwright.bot.turn import Bot
from chatwright.errors import ChatwrightError, RequestError
from chatwright.server.envelope import native_error, shown
from chatwright.server.limits import body_too_large
from chatwright.server.rasa_jwt import TokenJudge
from chatwright.server.rasa_messages import Said, read_metadata, read_sender, read_text, socket_messages
from chatwright.server.rasa_sessions import Guest, Place, Sessions, admitted
from chatwright.server.stream import closing

ERROR_EVENT = "chatwright_error"
MAX_CONNECTIONS = 1000
_SMALL_COST = 0.1
_GOODBYE_S = 2.0  # a client that polls no more takes no goodbye
# The library's own log has what clients send in it.
_SILENT = logging.getLogger("chatwright.socketio")
_SILENT.addHandler(logging.NullHandler())
_SILENT.setLevel(logging.CRITICAL + 1)
_SILENT.propagate = False
log = structlog.get_logger(__name__)


class SocketIoChannel:
    """An ASGI application. Raises ConfigError when its key is not set."""

    def __init__(self, app: FastAPI, bot: Bot, settings: SocketIoSettings) -> None:
        self._state = app.state
        self._bot = bot
        self._settings = settings
        self._namespace = settings.namespace or "/"
        self._judge = TokenJudge(bot.name, settings) if settings.jwt_key is not None else None
        self._sessions = Sessions(bot.name, self._state.visitor_tokens)
        self._guests: dict[str, Guest] = {}
        self._turns: dict[str, set[asyncio.Task[Any]]] = {}
        self._closing: asyncio.Task[None] | None = None
        self._server = AsyncServer(
            async_mode="asgi",
            cors_allowed_origins=self._may_come_from,
            max_http_buffer_size=self._state.settings.max_body_bytes,
            namespaces=[self._namespace],
            logger=_SILENT,
            engineio_logger=_SILENT,
        )
        for name, listener in (
            ("connect", self._connect),
            ("disconnect", self._disconnect),
            ("session_request", self._session_request),
            (settings.user_message_evt, self._user_uttered),
        ):
            self._server.on(name, listener, namespace=self._namespace)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = HTTPConnection(scope).query_params
        is_full = self._state.drain.is_draining or len(self._server.eio.sockets) >= MAX_CONNECTIONS
        # JSONP would let a page of any site read what comes: `j` asks for it.
        if "j" in query or ("sid" not in query and is_full):
            await _turn_away(scope, send)
            return
        if scope["type"] == "websocket":
            await self._server.eio.handle_request(scope, receive, send)
            return
        drain = self._state.drain
        drain.num_active -= 1  # a poll waits for as long as nobody speaks: it is no work that is under way
        try:
            await self._poll(scope, receive, send)
        finally:
            drain.num_active += 1

    async def _poll(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request of a client that polls. Raises RequestError 413, or 408 when what it posts does not come."""
        settings = self._state.settings
        length = HTTPConnection(scope).headers.get("content-length", "")
        if length.isdigit() and int(length) > settings.max_body_bytes:
            raise body_too_large(settings.max_body_bytes)
        try:
            async with asyncio.timeout(None if scope["method"] == "GET" else settings.body_timeout_s):
                await self._server.eio.handle_request(scope, receive, send)
        except TimeoutError as err:
            raise RequestError("The packets did not arrive in time.", code="request_timeout", status=408) from err

    def begin(self) -> None:
        """Called once the server runs: connections end when it goes down."""
        self._closing = asyncio.create_task(self._close_when_drained())

    async def close(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
        await self._server.shutdown()

    async def _close_when_drained(self) -> None:
        drain = self._state.drain
        await drain.begun.wait()
        while turns := [task for tasks in self._turns.values() for task in tasks]:
            await asyncio.wait(turns)
        if self._server.eio.sockets:
            with suppress(TimeoutError):
                async with asyncio.timeout(_GOODBYE_S):
                    await self._server.eio.disconnect()

    def _may_come_from(self, origin: str, environ: Mapping[str, Any]) -> bool:
        host = environ.get("HTTP_HOST", "")
        own = (f"http://{host}", f"https://{host}")
        return origin in (*own, *self._state.settings.cors_origins, *self._bot.definition.channels.allowed_origins)

    async def _connect(self, sid: str, environ: Mapping[str, Any], auth: Any = None) -> bool:
        try:
            self._state.drain.refuse_new_work()
            guest = admitted(sid, HTTPConnection(environ["asgi.scope"]), auth, self._judge)
            if guest is None:
                return False
            self._state.rates.spend(guest.principal(), cost=_SMALL_COST)
        except ChatwrightError as err:
            raise Refusal(err.message, {"code": err.code, "hint": err.hint}) from err
        self._guests[sid] = guest
        return True

    async def _disconnect(self, sid: str, *_reason: Any) -> None:
        self._guests.pop(sid, None)
        if not self._settings.session_persistence:
            for task in self._turns.get(sid, ()):
                task.cancel()

    async def _session_request(self, sid: str, data: Any = None, *_more: Any) -> None:
        guest = self._guests.get(sid)
        if guest is None:
            return
        try:
            self._state.rates.spend(guest.principal(), cost=_SMALL_COST)
            wanted = data.get("session_id") if isinstance(data, Mapping) else None
            session = self._sessions.confirmed(guest, wanted)
            if self._settings.session_persistence:
                await self._enter(guest, self._sessions.place(guest, session))
        except ChatwrightError as err:
            await self._tell(sid, err)
            return
        await self._emit("session_confirm", session, sid)

    async def _user_uttered(self, sid: str, data: Any = None, *_more: Any) -> None:
        guest, task = self._guests.get(sid), asyncio.current_task()
        if guest is None or task is None:
            return
        turns = self._turns.setdefault(sid, set())
        turns.add(task)
        try:
            with self._state.drain.working():
                await self._answer(guest, data)
        except Exception as error:  # noqa: BLE001 - the server's edge: the connection outlives a message that failed
            log.warning("socketio_message_failed", bot=self._bot.name, error_type=type(error).__name__)
            await self._tell(sid, shown(error))
        finally:
            turns.discard(task)
            if not turns:
                self._turns.pop(sid, None)

    async def _answer(self, guest: Guest, data: Any) -> None:
        self._state.drain.refuse_new_work()
        self._state.rates.spend(guest.principal())
        place, said = self._read(guest, data)
        await self._enter(guest, place)  # without a pause: messages keep their order until they stand in line
        spoken = self._state.senders.answer(self._bot, place.user, said, is_strict=True)
        async with closing(spoken) as utterances:
            async for utterance in utterances:
                for message in socket_messages(utterance):
                    await self._emit(self._settings.bot_message_evt, message, place.room)

    def _read(self, guest: Guest, data: Any) -> tuple[Place, Said]:
        if not isinstance(data, Mapping):
            raise RequestError(f"{self._settings.user_message_evt} carries an object.", code="invalid_value")
        session = None
        if self._settings.session_persistence:
            session = read_sender(data.get("session_id"), param="session_id")
            if not session:
                raise RequestError(
                    "session_id is missing.",
                    hint="Ask for one with session_request, and send the one that session_confirm brings.",
                    code="session_missing",
                    param="session_id",
                )
        metadata = data.get(self._settings.metadata_key)
        if isinstance(metadata, str):  # some clients send it as the text of an object
            metadata = _loaded(metadata)
        text = read_text(data.get("message", ""), self._state.settings)
        sender, kept = session or guest.sid, read_metadata(metadata)
        said = Said(text=text, sender=sender, channel="socketio", metadata=kept)
        return self._sessions.place(guest, session), said

    async def _enter(self, guest: Guest, place: Place) -> None:
        if place.room != guest.sid and guest.sid in self._guests:
            await self._server.enter_room(guest.sid, place.room, namespace=self._namespace)

    async def _tell(self, sid: str, error: ChatwrightError) -> None:
        await self._emit(ERROR_EVENT, native_error(error)["error"], sid)

    async def _emit(self, event: str, value: Any, room: str) -> None:
        await self._server.emit(event, value, to=room, namespace=self._namespace)


def _loaded(text: str) -> Any:
    if not text.strip():
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as err:
        raise RequestError("metadata is no JSON.", code="invalid_json", param="metadata") from err


async def _turn_away(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1013})
        return
    await send({"type": "http.response.start", "status": 503, "headers": [(b"retry-after", b"5")]})
    await send({"type": "http.response.body", "body": b""})
