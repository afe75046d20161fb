"""HTTP tools: one request, declared in bot.yaml, as an action.

In: checked arguments. Out: slots, read from the JSON reply by pointers. The host is on the tool's allow-list, every
address of it is looked at after the look-up and connected to as it was looked at. Secrets are never in an error, a
log line or a slot. It does not say whether the reply is true.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx2
import orjson

from chatwright.actions.actions_settings import PLACEHOLDER, HttpToolSettings
from chatwright.actions.addresses import checked_addresses
from chatwright.actions.environment_secrets import resolve_headers, secrets_in
from chatwright.actions.json_pointer import slots_from
from chatwright.actions.sending import HttpReply, limits_s, read_json, send, send_with_retry
from chatwright.errors import ActionError, ConfigError
from chatwright.messages import ActionCall, ActionResult

MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class HttpTool:
    """One tool. Raises ConfigError for a host that is not on its list, or a secret that is not set."""

    def __init__(self, settings: HttpToolSettings, client: httpx2.AsyncClient) -> None:
        self.name = settings.name
        self.description = settings.description
        self.parameters: Mapping[str, Any] = settings.parameters
        self.is_write = settings.is_write
        self.is_idempotent = settings.idempotent
        self.timeout_s = settings.timeout_s
        self.origin = f"actions.http in bot.yaml ({settings.name})"
        self._settings = settings
        self._client = client
        self._headers = resolve_headers(settings.headers, f"HTTP tool {settings.name!r}")
        self._secrets = secrets_in(settings.headers)
        self._allowed = frozenset(_plain_host(host) for host in settings.allowed_hosts)
        host = _plain_host(httpx2.URL(PLACEHOLDER.sub("x", settings.url)).host)
        if host not in self._allowed:
            raise ConfigError(
                f"HTTP tool {settings.name!r} calls {host!r}, which is not among its allowed_hosts.",
                hint=f"Write: allowed_hosts: [{host}]",
                code="host_not_allowed",
            )

    async def run(self, call: ActionCall) -> ActionResult:
        url, rest = fill_url(self._settings, call.arguments)
        reply = await self._fetch(httpx2.URL(url), rest, call)
        is_accepted = 200 <= reply.status < 300 or reply.status in self._settings.accepted_statuses
        if not is_accepted:
            is_away = reply.status in (502, 503, 504)
            raise ActionError(
                f"Action {self.name!r}: the other side answered with status {reply.status}.",
                hint="If that is an answer too, name it in accepted_statuses.",
                code="unreachable" if is_away else "failed",
            )
        return ActionResult(slots=self._slots(reply))

    def _slots(self, reply: HttpReply) -> dict[str, Any]:
        slots: dict[str, Any] = {}
        if self._settings.slots:
            # A reply that is accepted though it is an error need not be JSON: then its slots are empty.
            is_empty = not reply.body.strip() or not 200 <= reply.status < 300
            document = None if is_empty and not _is_json(reply) else read_json(reply, self.name)
            slots = _without(slots_from(document, self._settings.slots), self._secrets)
        if self._settings.status_slot:
            slots[self._settings.status_slot] = reply.status
        return slots

    async def _fetch(self, url: httpx2.URL, rest: Mapping[str, Any], call: ActionCall) -> HttpReply:
        """Follows at most MAX_REDIRECTS redirects, each to an allowed host; a write is never sent to another place."""
        origin = _origin(url)
        for hop in range(MAX_REDIRECTS + 1):
            reply = await self._send(url, rest if hop == 0 else {}, call, has_secrets=_origin(url) == origin)
            if reply.status not in _REDIRECTS:
                return reply
            url = self._redirect(url, reply)
        raise ActionError(f"Action {self.name!r} was redirected more than {MAX_REDIRECTS} times.", code="bad_reply")

    async def _send(
        self, url: httpx2.URL, rest: Mapping[str, Any], call: ActionCall, *, has_secrets: bool
    ) -> HttpReply:
        _, host, port = _origin(url)
        addresses = await checked_addresses(self.name, host, port, allow_private=self._settings.allow_private_addresses)

        async def attempt(number: int) -> HttpReply:
            address = addresses[number % len(addresses)]
            return await send(self._client, self._request(url, address, rest, call, has_secrets=has_secrets), self.name)

        is_repeatable = self.is_idempotent or not self.is_write
        return await send_with_retry(attempt, self.name, is_repeatable=is_repeatable, is_write=self.is_write)

    def _request(
        self, url: httpx2.URL, address: str, rest: Mapping[str, Any], call: ActionCall, *, has_secrets: bool
    ) -> httpx2.Request:
        """A request that connects to `address` while it speaks, and checks the certificate, of the URL's own host."""
        headers = {"Accept": "application/json", "Host": url.netloc.decode("ascii")}
        if has_secrets:
            headers |= self._headers
        if self.is_write:
            headers["Idempotency-Key"] = call.call_id
        content = None
        if rest and self._settings.method in ("GET", "HEAD", "DELETE"):
            url = url.copy_merge_params({name: _text(value) for name, value in rest.items()})
        elif self._settings.method in ("POST", "PUT", "PATCH"):
            content, headers["Content-Type"] = orjson.dumps(dict(rest)), "application/json"
        return self._client.build_request(
            self._settings.method,
            url.copy_with(host=address),
            headers=headers,
            content=content,
            timeout=limits_s(self.timeout_s),
            extensions={"sni_hostname": url.raw_host.decode("ascii")} if url.scheme == "https" else {},
        )

    def _redirect(self, url: httpx2.URL, reply: HttpReply) -> httpx2.URL:
        try:
            target = url.join(reply.headers.get("location", ""))
        except (httpx2.InvalidURL, ValueError) as err:
            raise ActionError(f"Action {self.name!r} was redirected to no URL.", code="bad_reply") from err
        is_allowed = _plain_host(target.host) in self._allowed and not target.userinfo
        if self.is_write or not is_allowed or target.scheme not in (url.scheme, "https"):
            raise ActionError(
                f"Action {self.name!r} was redirected to {target.host!r}, where it may not go.",
                hint="Only what reads is redirected, and only to allowed_hosts: write the final URL into bot.yaml.",
                code="bad_reply",
            )
        return target


def fill_url(settings: HttpToolSettings, arguments: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The URL with its placeholders filled, each value one escaped piece; and the arguments that are not in it."""
    used: set[str] = set()

    def piece(name: str) -> str:
        used.add(name)
        text = _text(arguments.get(name))
        # An empty or dotted piece would make it the path of another resource.
        if text in ("", ".", ".."):
            raise ActionError(
                f"Action {settings.name!r} was not run: argument {name!r} cannot be part of a URL (it is {text!r}).",
                code="rejected",
            )
        return quote(text, safe="")

    url = PLACEHOLDER.sub(lambda match: piece(match[1]), settings.url)
    return url, {name: value for name, value in arguments.items() if name not in used}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _is_json(reply: HttpReply) -> bool:
    return "json" in reply.headers.get("content-type", "").lower() and bool(reply.body.strip())


def _origin(url: httpx2.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _plain_host(host: str) -> str:
    return host.strip().rstrip(".").lower()


def _without(value: Any, secrets: tuple[str, ...]) -> Any:
    """`value` with every secret that the other side echoed blotted out."""
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, "•••")
        return value
    if isinstance(value, list):
        return [_without(item, secrets) for item in value]
    if isinstance(value, dict):
        return {key: _without(item, secrets) for key, item in value.items()}
    return value
