"""The outermost layer, pure ASGI: a request id, security headers, one log line, counting, and the last net for errors.

The log has method, route, status, time and ids; never a query, a header or a body. An error that is not one of ours
is logged by its type and place, not its message, which could quote a customer.
"""

import re
import time
import traceback
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatwright.server.drain import Drain
from chatwright.server.envelope import error_response
from chatwright.server.metrics import Metrics
from chatwright.server.stream import ClientGone

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CLIENT_GONE_STATUS = 499
log = structlog.get_logger(__name__)


class Edge:
    """Wraps the whole application. page_policy: the Content-Security-Policy of pages; data gets an empty one."""

    def __init__(self, app: ASGIApp, *, drain: Drain, metrics: Metrics, page_policy: str) -> None:
        self._app = app
        self._drain = drain
        self._metrics = metrics
        self._page_policy = page_policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send, self._page_policy)
        self._drain.num_active += 1
        try:
            with structlog.contextvars.bound_contextvars(request_id=exchange.request_id):
                await self._answer(exchange, receive)
        finally:
            self._drain.num_active -= 1

    async def _answer(self, exchange: "_Exchange", receive: Receive) -> None:
        scope = exchange.scope
        try:
            await self._app(scope, receive, exchange.send)
        except ClientGone:
            exchange.status = _CLIENT_GONE_STATUS
            await exchange.close_quietly()
        except Exception as error:  # noqa: BLE001 - the server's edge: whatever happened, the caller gets the envelope
            log.error("request_failed", error_type=type(error).__name__, place=_place(error))
            if not exchange.has_started:
                await error_response(error, scope["path"])(scope, receive, exchange.send)
        finally:
            self._record(exchange)

    def _record(self, exchange: "_Exchange") -> None:
        route = getattr(exchange.scope.get("route"), "path", "unknown")
        method = exchange.scope["method"] if exchange.scope["method"] in _METHODS else "other"
        took_s = time.monotonic() - exchange.started_s
        self._metrics.requests.labels(method, route, str(exchange.status)).inc()
        self._metrics.request_seconds.labels(route).observe(took_s)
        log.info("request", method=method, route=route, status=exchange.status, ms=round(took_s * 1000, 1))


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class _Exchange:
    """One request and what has been sent to answer it."""

    def __init__(self, scope: Scope, send: Send, page_policy: str) -> None:
        given = Headers(scope=scope).get("x-request-id", "")
        self.scope = scope
        self.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        self.started_s = time.monotonic()
        self.status = _CLIENT_GONE_STATUS  # until an answer starts
        self.has_started = False
        self._send = send
        self._page_policy = page_policy

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_started = True
            self.status = message["status"]
            self._add_headers(MutableHeaders(scope=message))
        await self._send(message)

    async def close_quietly(self) -> None:
        """Nobody reads this; it only tells the transport that the exchange is over."""
        if not self.has_started:
            await self._send({"type": "http.response.start", "status": _CLIENT_GONE_STATUS, "headers": []})
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    def _add_headers(self, headers: MutableHeaders) -> None:
        is_page = headers.get("content-type", "").startswith("text/html")
        headers["x-request-id"] = self.request_id
        principal = self.scope.get("chatwright.principal")
        if principal is not None and (allowance := self.scope["app"].state.rates.allowance(principal)):
            headers.update(allowance.headers())
        headers["x-content-type-options"] = "nosniff"
        headers["referrer-policy"] = "no-referrer"
        headers["content-security-policy"] = (
            self._page_policy if is_page else "default-src 'none'; frame-ancestors 'none'"
        )
        if "cache-control" not in headers:
            headers["cache-control"] = "no-cache" if is_page or "etag" in headers else "no-store"


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in reversed(frames))
