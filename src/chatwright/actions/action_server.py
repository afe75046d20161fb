"""The client of Rasa's action-server protocol: runs an action that lives in somebody else's process.

In: ActionCall and the bot's domain. Out: ActionResult. The domain goes along in full, or by its digest alone
(`domain: digest`), which servers from rasa-sdk 3.8 know: 449 makes the call once more with the domain. A call is
repeated only when the action is named idempotent, or when nothing had been sent.
"""

import hashlib
import zlib
from collections.abc import Mapping
from typing import Any

import httpx2
import orjson
import structlog

from chatwright.actions.actions_settings import ActionServerSettings
from chatwright.actions.environment_secrets import resolve_headers
from chatwright.actions.rasa_wire import call_body, read_reply
from chatwright.actions.sending import HttpReply, limits_s, read_json, send, send_with_retry
from chatwright.errors import ActionError
from chatwright.messages import ActionCall, ActionResult

log = structlog.get_logger(__name__)

DEFLATE_FROM_BYTES = 64 * 1024
MAX_ERROR_CHARS = 200


class ActionServer:
    """One action server. `action(name)` is an action of it; it need not be known there."""

    def __init__(self, settings: ActionServerSettings, client: httpx2.AsyncClient, domain: Mapping[str, Any]) -> None:
        self.settings = settings
        self._client = client
        self._headers = resolve_headers(settings.headers, f"action server {settings.url}")
        self._url = webhook_url(settings.url)
        self._domain = domain
        self._digest = domain_digest(domain)

    def action(self, name: str) -> "ServerAction":
        return ServerAction(self, name)

    async def call(self, call: ActionCall, *, is_repeatable: bool, is_write: bool) -> ActionResult:
        """Raises ActionError with the code that the status means."""
        has_domain = self.settings.domain == "full"
        reply = await self._post(call, has_domain, is_repeatable, is_write)
        if reply.status == 449:  # it refused before running anything
            reply = await self._post(call, True, is_repeatable, is_write)
        if reply.status != 200:
            raise _status_error(call.name, reply)
        reading = read_reply(call.name, read_json(reply, call.name))
        for note in reading.notes:
            log.warning("action_reply_dropped", action=call.name, note=note)
        return reading.result

    async def _post(self, call: ActionCall, has_domain: bool, is_repeatable: bool, is_write: bool) -> HttpReply:
        content, encoding = _encode(call, call_body(call, self._domain if has_domain else None, self._digest))
        headers = {"Content-Type": "application/json", "Idempotency-Key": call.call_id, **encoding, **self._headers}

        async def attempt(_number: int) -> HttpReply:
            timeout = limits_s(self.settings.timeout_s)
            request = self._client.build_request("POST", self._url, content=content, headers=headers, timeout=timeout)
            return await send(self._client, request, call.name)

        return await send_with_retry(attempt, call.name, is_repeatable=is_repeatable, is_write=is_write)


class ServerAction:
    """One action of an action server. It reads slots, so it has no parameters."""

    description = ""
    parameters: Mapping[str, Any] = {}

    def __init__(self, server: ActionServer, name: str) -> None:
        self.name = name
        self.is_write = name in server.settings.writes
        self.is_idempotent = name in server.settings.idempotent
        self.timeout_s = server.settings.timeout_s
        self.origin = server.settings.url
        self._server = server

    async def run(self, call: ActionCall) -> ActionResult:
        # Whether an action only reads is not known here, so only what is named idempotent is tried twice.
        return await self._server.call(call, is_repeatable=self.is_idempotent, is_write=self.is_write)


def webhook_url(url: str) -> str:
    """Rasa's `action_endpoint.url` with /webhook where only the server is named."""
    parsed = httpx2.URL(url)
    return str(parsed.copy_with(path="/webhook")) if parsed.path in ("", "/") else url


def domain_digest(domain: Mapping[str, Any]) -> str:
    """Equal for equal domains, whatever the order of their keys."""
    return hashlib.sha256(_json(domain, orjson.OPT_SORT_KEYS)).hexdigest()


def _encode(call: ActionCall, body: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    try:
        content = _json(body)
    except (orjson.JSONEncodeError, TypeError) as err:
        raise ActionError(
            f"Action {call.name!r} was not run: a slot or event holds a value that is not JSON.", code="rejected"
        ) from err
    if len(content) < DEFLATE_FROM_BYTES:
        return content, {}
    return zlib.compress(content), {"Content-Encoding": "deflate"}


def _json(values: Any, option: int = 0) -> bytes:
    return orjson.dumps(values, option=option | orjson.OPT_NON_STR_KEYS)


def _status_error(name: str, reply: HttpReply) -> ActionError:
    """What a status other than 200 means (rasa_sdk/endpoint.py)."""
    try:
        body = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        body = {}
    body = body if isinstance(body, dict) else {}
    said = body.get("error")
    told = "".join(character for character in str(said) if character.isprintable())[:MAX_ERROR_CHARS] if said else ""
    is_about_action = isinstance(body.get("action_name"), str)
    if reply.status == 400 and is_about_action:
        return ActionError(f"Action {name!r} declined: {told}", code="rejected")
    if reply.status == 404 and is_about_action:
        return ActionError(
            f"The action server has no action {name!r}.", hint="List them: GET /actions.", code="unknown_action"
        )
    if reply.status == 404:
        return ActionError(
            f"The action server answered 404 to {name!r}.",
            hint="Its URL ends in /webhook, for example http://localhost:5055/webhook.",
            code="unreachable",
        )
    if reply.status == 449:
        return ActionError(f"The action server still asks for the domain of {name!r}.", code="bad_reply")
    if reply.status in (400, 500):
        return ActionError(
            f"Action {name!r} failed on the action server (status {reply.status}).", hint=told, code="failed"
        )
    is_away = reply.status in (502, 503, 504)
    return ActionError(
        f"The action server answered {name!r} with status {reply.status}.",
        code="unreachable" if is_away else "bad_reply",
    )
