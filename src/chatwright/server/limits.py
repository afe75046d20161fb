"""How much one caller may ask for: body size, JSON depth and form, and requests a minute.

Bodies are refused before the rest of them is read; rates are token buckets in this process, in a table of bounded
size. Does not stop: many addresses acting together, or several server processes each keeping its own table.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any

import orjson
from fastapi import Request

from chatwright.errors import RequestError
from chatwright.server.auth import Principal
from chatwright.server.server_settings import ServerSettings

_MAX_BUCKETS = 10_000
_NUL = "\x00"


async def read_json(request: Request, *, may_be_empty: bool = False, any_media_type: bool = False) -> dict[str, Any]:
    """The body as a JSON object. may_be_empty: nothing at all stands for `{}`. any_media_type: whatever it is called.

    Raises RequestError: 413 too large, 415 not JSON, 408 too slow, 400 malformed.
    """
    settings: ServerSettings = request.app.state.settings
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if not any_media_type and media_type != "application/json" and not media_type.endswith("+json"):
        # A form or plain text is what a foreign web page can send without asking: never accepted.
        raise RequestError(
            f"The body must be application/json, not {media_type[:60]!r}.", code="unsupported_media_type", status=415
        )
    try:
        async with asyncio.timeout(settings.body_timeout_s):
            body = await _read_body(request, settings.max_body_bytes)
    except TimeoutError as err:
        raise RequestError(
            f"The body did not arrive within {settings.body_timeout_s:g} s.", code="request_timeout", status=408
        ) from err
    if may_be_empty and not body:
        return {}
    return parse_json_object(body, max_depth=settings.max_json_depth)


async def _read_body(request: Request, max_bytes: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > max_bytes:
        raise body_too_large(max_bytes)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > max_bytes:
            raise body_too_large(max_bytes)
    return bytes(body)


def body_too_large(max_bytes: int) -> RequestError:
    return RequestError(
        f"The request body is larger than {max_bytes:,} bytes.",
        hint="Send a shorter message, or fewer of them.",
        code="request_too_large",
        status=413,
    )


def parse_json_object(body: bytes, *, max_depth: int) -> dict[str, Any]:
    """The object that `body` is. Raises RequestError 400 when it is not UTF-8, not JSON, or nested too deep."""
    try:
        body.decode()
    except UnicodeDecodeError as err:
        raise RequestError(f"The body is not UTF-8: byte {err.start} is invalid.", code="invalid_utf8") from err
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as err:
        raise RequestError(f"The body is not valid JSON: {err.msg}.", code="invalid_json") from err
    if not isinstance(value, dict):
        raise RequestError("The body must be a JSON object.", code="invalid_json")
    if _is_deeper_than(value, max_depth):
        raise RequestError(f"The JSON is nested deeper than {max_depth} levels.", code="json_too_deep")
    return value


def _is_deeper_than(value: object, max_depth: int) -> bool:
    level = [value]
    for _ in range(max_depth):
        level = [child for item in level if isinstance(item, dict | list) for child in _children(item)]
        if not level:
            return False
    return any(isinstance(item, dict | list) for item in level)


def _children(item: dict[str, Any] | list[Any]) -> list[Any]:
    return list(item.values()) if isinstance(item, dict) else item


def check_text(text: str, settings: ServerSettings, *, param: str) -> str:
    """`text` unchanged. Raises RequestError 400 when it is empty, too long, or has NUL characters."""
    if not text.strip():
        raise RequestError("The message is empty.", hint="Write a question.", code="empty_message", param=param)
    if len(text) > settings.max_message_chars:
        raise RequestError(
            f"The message has {len(text):,} characters; the limit is {settings.max_message_chars:,}.",
            hint="Send a shorter message.",
            code="message_too_long",
            param=param,
        )
    if _NUL in text:
        raise RequestError("The message contains a NUL character.", code="invalid_character", param=param)
    return text


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at_s: float


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a caller may still ask for: requests a minute, how many are left, seconds until all are there again."""

    limit: float
    remaining: float

    def headers(self) -> dict[str, str]:
        """OpenAI's header names."""
        reset_s = (self.limit - self.remaining) * 60 / self.limit
        return {
            "x-ratelimit-limit-requests": f"{self.limit:g}",
            "x-ratelimit-remaining-requests": str(math.floor(self.remaining)),
            "x-ratelimit-reset-requests": f"{reset_s:.1f}s",
        }


class Rates:
    """Token buckets: each principal may spend its requests-per-minute at once, and regains them evenly."""

    def __init__(self, settings: ServerSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def allowance(self, principal: Principal) -> Allowance | None:
        """What is left to the caller; None for one without a limit."""
        if principal.is_local:
            return None
        per_min = self._per_min(principal)
        return Allowance(per_min, self._bucket(_bucket_name(principal), per_min).tokens)

    def spend(self, principal: Principal, cost: float = 1.0) -> None:
        """Takes `cost` from the caller's bucket. Raises RequestError 429 with the seconds to wait when it is empty."""
        if principal.is_local:
            return
        per_min = self._per_min(principal)
        bucket = self._bucket(_bucket_name(principal), per_min)
        if bucket.tokens + 1e-9 < cost:
            wait_s = max(1, math.ceil((cost - bucket.tokens) * 60 / per_min))
            raise RequestError(
                f"More than {per_min:g} requests a minute.",
                hint=f"Try again in {wait_s} s.",
                code="rate_limit_exceeded",
                status=429,
                retry_after_s=wait_s,
            )
        bucket.tokens -= cost

    def _per_min(self, principal: Principal) -> float:
        settings = self._settings
        return settings.visitor_requests_per_min if principal.key_id is None else settings.key_requests_per_min

    def _bucket(self, name: str, per_min: float) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.pop(name, None) or _Bucket(tokens=per_min, at_s=now)
        bucket.tokens = min(per_min, bucket.tokens + (now - bucket.at_s) * per_min / 60)
        bucket.at_s = now
        self._buckets[name] = bucket
        while len(self._buckets) > _MAX_BUCKETS:
            self._buckets.popitem(last=False)
        return bucket


def _bucket_name(principal: Principal) -> str:
    if principal.key_id is not None:
        return principal.name
    try:
        address = ip_address(principal.address)
    except ValueError:
        return principal.name
    # One IPv6 subscriber has a whole /64.
    if isinstance(address, IPv6Address):
        return f"address:{int(address) >> 64:x}/64"
    return principal.name
