"""The `channels: rasa:` section of bot.yaml: which of Rasa's web channels a bot speaks, under the names Rasa uses.

Values only: nothing is opened or called here. Unknown keys are refused. A section of a Rasa project's credentials.yml
can be written below `rasa:` as it stands there; `${NAME}` in a secret is the environment's variable.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

# What a Socket.IO path may not begin with: the server's own routes.
RESERVED_PATHS = frozenset(
    {"api", "bots", "chat", "conversations", "health", "metrics", "model", "openapi.json", "ready", "static", "status",
     "v1", "version", "webhooks"}
)  # fmt: skip
_OWN_EVENTS = frozenset({"connect", "disconnect", "connect_error", "session_request", "session_confirm", "*"})
_URL = re.compile(r"https?://[^/?#{}@\\\s]+([/?][^#\\\s]*)?")
EventName = Annotated[str, Field(min_length=1, max_length=100)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BasicAuth(_Section):
    """Name and password of HTTP's basic authentication."""

    username: str
    password: SecretStr


class CallbackSettings(_Section):
    """Where the callback channel posts what the bot says; the first six as in Rasa.

    timeout_s: of one try. max_tries: of one message, with pauses that double. The host of `url` is the only one that is
    ever called, redirects are not followed.
    """

    url: str
    params: dict[str, str] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    basic_auth: BasicAuth | None = None
    token: SecretStr | None = None
    token_name: str = "token"  # noqa: S105 - the name of a query parameter
    timeout_s: float = Field(default=10.0, gt=0, le=60)
    max_tries: int = Field(default=3, ge=1, le=10)
    allow_private_addresses: bool = False

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        if not _URL.fullmatch(url):
            raise ValueError("it must be http:// or https:// with a host, and have no password, spaces or fragment")
        return url


class SocketIoSettings(_Section):
    """The Socket.IO channel, all keys as in Rasa. Without `jwt_key`, visitors connect as they open the chat page."""

    user_message_evt: EventName = "user_uttered"
    bot_message_evt: EventName = "bot_uttered"
    namespace: Annotated[str, Field(pattern=r"^/[A-Za-z0-9._/-]*$", max_length=100)] | None = None
    session_persistence: bool = False
    socketio_path: Annotated[str, Field(pattern=r"^(/[A-Za-z0-9_.-]*[A-Za-z0-9_-])+$", max_length=200)] = "/socket.io"
    jwt_key: SecretStr | None = None
    jwt_method: Literal[
        "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512",
        "EdDSA",
    ] = "HS256"  # fmt: skip
    metadata_key: EventName = "metadata"

    @field_validator("user_message_evt")
    @classmethod
    def _check_event(cls, name: str) -> str:
        if name in _OWN_EVENTS:
            raise ValueError("this event has a meaning of its own")
        return name

    @field_validator("socketio_path")
    @classmethod
    def _check_path(cls, path: str) -> str:
        if path.split("/")[1] in RESERVED_PATHS:
            raise ValueError("the server has something else there")
        return path


class RasaChannels(_Section):
    """strict: an error while a message is handled is answered as an error, not with what was said so far, as in Rasa.

    citations: messages that quote the knowledge folder keep their marks, `[1]`, and carry the sources under a key of
    ours, `citations`, that clients of Rasa pass over; without it they carry neither.
    rest is on: it asks for the same key as the rest of the API. `socketio:` and `rest:` without a value mean "on", as
    in credentials.yml.
    """

    rest: bool = True
    callback: CallbackSettings | None = None
    socketio: SocketIoSettings | None = None
    strict: bool = False
    citations: bool = False

    @model_validator(mode="before")
    @classmethod
    def _read_switches(cls, written: Any) -> Any:
        if not isinstance(written, dict):
            return written
        switches: dict[str, dict[bool | None, Any]] = {
            "rest": {None: True},
            "socketio": {None: {}, True: {}, False: None},
        }
        return {key: _switched(value, switches.get(key, {})) for key, value in written.items()}


def _switched(value: Any, meanings: Mapping[bool | None, Any]) -> Any:
    return meanings.get(value, value) if value is None or isinstance(value, bool) else value
