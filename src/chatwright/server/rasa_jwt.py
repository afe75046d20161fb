"""Judges the token that a Socket.IO client of Rasa connects with (RFC 7519).

In: the owner's key and the one method that is accepted, and a token. Out: Claims, or None for a token that is wrong,
expired or not there. Never accepts a token without a signature or by another method than the owner's.
"""

import time
import warnings
from dataclasses import dataclass
from typing import Any

import jwt
import structlog

from chatwright.actions.environment_secrets import resolve_secret
from chatwright.bot.rasa_channels import SocketIoSettings
from chatwright.errors import ConfigError

MAX_TOKEN_CHARS = 8192
_BEARER = "Bearer "
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says of who has it. subject: empty when it names nobody. expires_at: seconds since 1970."""

    subject: str = ""
    expires_at: float | None = None

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= time.time()


class TokenJudge:
    """One bot's key. Raises ConfigError when it is not set, or no key for its method."""

    def __init__(self, bot: str, settings: SocketIoSettings) -> None:
        assert settings.jwt_key is not None, bot
        key = resolve_secret(settings.jwt_key.get_secret_value(), f"channels.rasa.socketio of {bot!r}")
        self._method = settings.jwt_method
        try:
            algorithm = jwt.get_algorithm_by_name(self._method)
            self._key: Any = algorithm.prepare_key(key.encode())
            weakness = algorithm.check_key_length(self._key)
        except (jwt.PyJWTError, ValueError, TypeError, NotImplementedError) as err:
            raise ConfigError(
                f"channels.rasa.socketio of {bot!r}: jwt_key is no key for {self._method}.",
                hint="HS256 takes any secret, the others take a public key as PEM text.",
                code="jwt_key_invalid",
            ) from err
        if weakness:
            warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)  # said here once, in the log
            log.warning("jwt_key_weak", bot=bot, method=self._method, reason=weakness)

    def judge(self, token: Any) -> Claims | None:
        """`Bearer ` before the token is passed over."""
        if not isinstance(token, str) or not token or len(token) > MAX_TOKEN_CHARS:
            return None
        try:
            claims = jwt.decode(token.removeprefix(_BEARER), self._key, algorithms=[self._method])
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            return None
        expires_at = claims.get("exp")
        return Claims(
            subject=str(claims.get("sub") or ""), expires_at=None if expires_at is None else float(expires_at)
        )
