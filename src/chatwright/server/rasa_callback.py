"""Posts what a bot says to the URL that its owner named for Rasa's callback channel.

In: messages in Rasa's form. Out: whether the other side took them. Each message is one JSON object, in order, and is
tried a few times with growing pauses where that can help; `Idempotency-Key` lets the receiver tell a repetition. The
host is looked up once a message and connected to as it was looked at, never inside this network unless the owner
allows it; no redirect is followed, no proxy of the environment used. Secrets are never logged. What could not be
delivered stays in the conversation and is not sent later.
"""

import asyncio
import secrets
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import httpx2
import orjson
import structlog

from chatwright.actions.addresses import checked_addresses
from chatwright.actions.environment_secrets import resolve_headers, resolve_secret
from chatwright.actions.sending import Lost, Unsent, limits_s, open_client, send
from chatwright.bot.rasa_channels import CallbackSettings
from chatwright.errors import ActionError, EngineError

PAUSE_S = 0.25  # before the second try; twice as long before each further one
_NAME = "callback"
_WORTH_TRYING_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
log = structlog.get_logger(__name__)


class Callback:
    """The receiving side of one bot's callback channel. Raises ConfigError when a secret is not set."""

    def __init__(self, bot: str, settings: CallbackSettings) -> None:
        self._bot = bot
        self._settings = settings
        owner = f"channels.rasa.callback of {bot!r}"
        self._headers = resolve_headers(settings.headers, owner)
        if (auth := settings.basic_auth) is not None:
            pair = f"{auth.username}:{resolve_secret(auth.password.get_secret_value(), owner)}"
            self._headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        params = dict(settings.params)
        if settings.token is not None:
            params[settings.token_name] = resolve_secret(settings.token.get_secret_value(), owner)
        self._url = httpx2.URL(settings.url).copy_merge_params(params) if params else httpx2.URL(settings.url)
        self._client: httpx2.AsyncClient | None = None

    async def deliver(self, message: Mapping[str, Any]) -> None:
        """Raises EngineError 502 when the other side did not take it after all tries."""
        key, content = secrets.token_hex(16), orjson.dumps(message)
        failure = ""
        for number in range(self._settings.max_tries):
            if number:
                await asyncio.sleep(PAUSE_S * 2 ** (number - 1))
            failure, is_final = await self._try(number, key, content)
            if not failure:
                return
            if is_final:
                break
        log.warning("callback_not_delivered", bot=self._bot, reason=failure, num_tries=number + 1)
        raise EngineError(
            "The callback did not take what the bot said.",
            hint="The server's log has the reason.",
            code="callback_failed",
            status=502,
        )

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def _try(self, number: int, key: str, content: bytes) -> tuple[str, bool]:
        """What went wrong, "" for nothing, and whether it will go wrong again."""
        try:
            reply = await send(self._http(), await self._request(number, key, content), _NAME)
        except Unsent:
            return "unreachable", False
        except Lost:
            return "connection lost", False
        except ActionError as err:
            return err.code, err.code in ("rejected", "bad_reply")
        if 200 <= reply.status < 300:
            return "", True
        return f"status {reply.status}", reply.status not in _WORTH_TRYING_AGAIN

    async def _request(self, number: int, key: str, content: bytes) -> httpx2.Request:
        """A request that connects to an address that was looked at, and speaks to the URL's own host."""
        url = self._url
        port = url.port or (443 if url.scheme == "https" else 80)
        is_private = self._settings.allow_private_addresses
        addresses = await checked_addresses(_NAME, url.host, port, allow_private=is_private)
        headers = {"Accept": "application/json", "Host": url.netloc.decode("ascii"), "Idempotency-Key": key}
        return self._http().build_request(
            "POST",
            url.copy_with(host=addresses[number % len(addresses)]),
            headers={**headers, **self._headers, "Content-Type": "application/json"},
            content=content,
            timeout=limits_s(self._settings.timeout_s),
            extensions={"sni_hostname": url.raw_host.decode("ascii")} if url.scheme == "https" else {},
        )

    def _http(self) -> httpx2.AsyncClient:
        if self._client is None:
            self._client = open_client()
        return self._client
