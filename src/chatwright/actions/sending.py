"""Sends one HTTP request for an action: bounded in time and size, and a second time only where that does no harm.

In: a request ready to go. Out: status, headers and body. Nothing of the request ever gets into an error: its headers
hold secrets. Each request has a connection of its own, because one that the other side closed meanwhile would look
like a request that may have been carried out. Never uses a proxy of the environment, never follows a redirect.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import orjson

from chatwright.errors import ActionError

MAX_REPLY_BYTES = 2**20
RETRY_PAUSE_S = 0.1
_RETRIED_STATUSES = frozenset({502, 503, 504})
# Nothing had been sent when these happen.
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Unsent(Exception):  # noqa: N818 - a signal between the functions of this module
    """The connection was not made."""


class Lost(Exception):  # noqa: N818 - a signal between the functions of this module
    """The connection broke after something had been sent: nobody knows what was done."""


def open_client() -> httpx2.AsyncClient:
    """The client that all requests of a bot's actions are built and sent with."""
    return httpx2.AsyncClient(
        verify=httpx2.create_ssl_context(),  # SSL_CERT_FILE still counts, a proxy of the environment does not
        limits=httpx2.Limits(max_connections=50, max_keepalive_connections=0),
        follow_redirects=False,
        trust_env=False,
    )


def limits_s(timeout_s: float) -> httpx2.Timeout:
    """Of one request; making the connection gets at most half of it, so that a second try has time left."""
    return httpx2.Timeout(timeout_s, connect=min(3.0, timeout_s / 2))


async def send(client: httpx2.AsyncClient, request: httpx2.Request, name: str) -> HttpReply:
    """The whole reply to one try. Raises Unsent, Lost, or ActionError (timeout, bad_reply)."""
    request.headers["Accept-Encoding"] = "identity"  # what is small on the wire must not become large here
    try:
        response = await client.send(request, stream=True)
        try:
            return HttpReply(
                status=response.status_code, headers=response.headers, body=await _read_body(response, name)
            )
        finally:
            await response.aclose()
    except _NOT_SENT as err:
        raise Unsent from err
    except httpx2.TimeoutException as err:
        raise ActionError(
            f"Action {name!r} got no answer in time.", hint="Raise timeout_s or look at why it is slow.", code="timeout"
        ) from err
    except (httpx2.TransportError, OSError) as err:
        raise Lost from err


async def _read_body(response: httpx2.Response, name: str) -> bytes:
    if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise ActionError(f"The reply to action {name!r} is compressed though that was not allowed.", code="bad_reply")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_REPLY_BYTES:
            raise ActionError(f"The reply to action {name!r} is larger than {MAX_REPLY_BYTES} bytes.", code="bad_reply")
    return bytes(body)


async def send_with_retry(
    attempt: Callable[[int], Awaitable[HttpReply]], name: str, *, is_repeatable: bool, is_write: bool
) -> HttpReply:
    """`attempt(0)`, and `attempt(1)` when nothing was sent, or when a repetition does no harm and the first was lost.

    Raises ActionError(code="unreachable") when that fails too.
    """
    for number in (0, 1):
        try:
            reply = await attempt(number)
        except Unsent as err:
            if number == 1:
                raise ActionError(
                    f"The other side of action {name!r} cannot be reached.",
                    hint="Check that it runs and that its address is right.",
                    code="unreachable",
                ) from err.__cause__
        except Lost as err:
            if number == 1 or not is_repeatable:
                unknown = " It may or may not have been carried out." if is_write else ""
                raise ActionError(
                    f"The connection of action {name!r} broke.{unknown}", hint="Try again later.", code="unreachable"
                ) from err.__cause__
        else:
            if number == 1 or not is_repeatable or reply.status not in _RETRIED_STATUSES:
                return reply
        await asyncio.sleep(RETRY_PAUSE_S)
    raise AssertionError("the second try always returns or raises")


def read_json(reply: HttpReply, name: str) -> Any:
    """The reply's body. Raises ActionError(code="bad_reply") when it is not JSON."""
    try:
        return orjson.loads(reply.body)
    except orjson.JSONDecodeError as err:
        raise ActionError(
            f"The reply to action {name!r} (status {reply.status}) is not JSON.",
            hint="Check that the address is the one that answers with JSON.",
            code="bad_reply",
        ) from err
