"""Server-sent events, and answers that stop when nobody waits for them.

A stream opens when its first text is there, so that an error before it still has its own HTTP status. From then on:
a comment after 15 s of silence; the generation is closed as soon as the client is gone; a reader that takes nothing
for 30 s is cut (at most the transport's 64 kB wait for it); a server that goes down ends it with an error event.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import orjson
import structlog
from fastapi import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chatwright.errors import ChatwrightError
from chatwright.server.drain import Drain, shutting_down
from chatwright.server.server_settings import ServerSettings

T = TypeVar("T")
DONE = b"data: [DONE]\n\n"
KEEP_ALIVE = b": keep-alive\n\n"
EVENT_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)
log = structlog.get_logger(__name__)


def closing(iterator: AsyncIterator[T]) -> aclosing[AsyncGenerator[T, None]]:
    """Closes the iterator at the end of the block; every stream of deltas here is an async generator."""
    return aclosing(cast(AsyncGenerator[T, None], iterator))


def event(value: object, *, name: str = "") -> bytes:
    """One event: JSON on one line, so that no text can end it early."""
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + orjson.dumps(value) + b"\n\n"


class ClientGone(Exception):  # noqa: N818 - nobody is left to see it as an error
    """The caller has closed the connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """Seconds, see ServerSettings."""

    first_wait_s: float
    keep_alive_s: float
    slow_reader_s: float

    @classmethod
    def of(cls, settings: ServerSettings) -> "StreamLimits":
        return cls(
            first_wait_s=settings.first_wait_s,
            keep_alive_s=settings.keep_alive_s,
            slow_reader_s=settings.slow_reader_s,
        )


class EventStream(Response):
    """The response that sends `frames` as they come. error_frame words an error once the stream is open.

    head, keep_alive: of a stream whose frames are not server-sent events; an empty keep_alive sends nothing.
    """

    def __init__(
        self,
        frames: AsyncIterator[bytes],
        *,
        error_frame: Callable[[Exception], bytes],
        limits: StreamLimits,
        drain: Drain,
        head: Sequence[tuple[bytes, bytes]] = EVENT_HEADERS,
        keep_alive: bytes = KEEP_ALIVE,
    ) -> None:
        super().__init__()
        self._head = list(head)
        self._keep_alive = keep_alive
        self._frames = frames
        self._error_frame = error_frame
        self._limits = limits
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_client_gone(receive))
        cut = asyncio.ensure_future(self._drain.cut.wait())
        pull = asyncio.ensure_future(self._next())
        try:
            await asyncio.wait(
                {pull, gone, cut}, timeout=self._limits.first_wait_s, return_when=asyncio.FIRST_COMPLETED
            )
            if gone.done():
                return
            if pull.done() and (error := pull.exception()) is not None:
                raise error
            await send({"type": "http.response.start", "status": 200, "headers": self._head + self._own_headers()})
            while await self._forward_one(pull, gone, cut, _Wire(scope, send, self._limits.slow_reader_s)):
                if pull.done():
                    pull = asyncio.ensure_future(self._next())
        finally:
            for task in (gone, cut):
                task.cancel()
            await _stop(pull)
            with suppress(ChatwrightError):
                await cast(AsyncGenerator[bytes, None], self._frames).aclose()

    def _own_headers(self) -> list[tuple[bytes, bytes]]:
        return [pair for pair in self.raw_headers if pair[0] != b"content-length"]

    async def _next(self) -> bytes | None:
        return await anext(self._frames, None)

    async def _forward_one(
        self,
        pull: asyncio.Future[bytes | None],
        gone: asyncio.Future[None],
        cut: asyncio.Future[Any],
        wire: "_Wire",
    ) -> bool:
        """Sends the next thing there is to send; False when the stream is over."""
        waiting: set[asyncio.Future[Any]] = {pull, gone, cut}
        await asyncio.wait(waiting, timeout=self._limits.keep_alive_s, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            return False
        if not pull.done():
            if cut.done():
                await wire.finish(self._error_frame(shutting_down()))
                return False
            return await wire.send(self._keep_alive)
        try:
            frame = pull.result()
        except Exception as error:  # noqa: BLE001 - the server's edge: the status line has gone, so the error goes as an event
            log.warning("stream_failed", error_type=type(error).__name__)
            await wire.finish(self._error_frame(error))
            return False
        if frame is None:
            await wire.finish(b"")
            return False
        return await wire.send(frame)


@dataclass(frozen=True, slots=True)
class _Wire:
    """The sending side of one response, with its patience."""

    scope: Scope
    send_message: Send
    patience_s: float

    async def send(self, body: bytes, *, more_body: bool = True) -> bool:
        """False when the reader did not take it in time; the connection is then torn down."""
        message = {"type": "http.response.body", "body": body, "more_body": more_body}
        try:
            async with asyncio.timeout(self.patience_s):
                await self.send_message(message)
        except TimeoutError:
            log.warning("slow_reader_cut", patience_s=self.patience_s)
            abort = self.scope.get("extensions", {}).get("chatwright.abort")
            if abort is not None:
                abort()
            return False
        return True

    async def finish(self, body: bytes) -> None:
        await self.send(body, more_body=False)


async def _client_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _stop(task: "asyncio.Future[Any]") -> None:
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # seen: whoever closed the stream no longer needs it


async def until_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, cancelled when the client leaves (raises ClientGone) or the server must end (503)."""
    drain: Drain = request.app.state.drain
    gone = asyncio.ensure_future(_client_gone(request.receive))
    cut = asyncio.ensure_future(drain.cut.wait())
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task, gone, cut}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise shutting_down() if cut.done() and not gone.done() else ClientGone
    finally:
        for other in (gone, cut):
            other.cancel()
        await _stop(task)
