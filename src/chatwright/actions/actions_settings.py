"""The `actions:` section of bot.yaml: which actions a bot has besides those in its actions.py.

Unknown keys are refused. Values only: nothing is opened, called or looked up here.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

TimeLimit = Annotated[float, Field(gt=0, le=300)]
ActionName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,99}$")]
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Pointer = Annotated[str, Field(pattern=r"^(/.*)?$")]  # RFC 6901; "" is the whole reply
_ORIGIN = re.compile(r"https?://[^/?#{}@\\\s]+(?=[/?#]|$)")
PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _check_url(url: str) -> str:
    if not _ORIGIN.match(url):
        raise ValueError("it must begin with http:// or https:// and a host without placeholders or password")
    if "${" in url or re.search(r"[\s\\]", url):
        raise ValueError("no secrets, spaces or backslashes in it; put secrets into `headers`")
    return url


class ActionServerSettings(_Section):
    """A Rasa action server. domain: sent in full each time, or by digest first (rasa-sdk 3.8 and later).

    writes, idempotent: names of its actions that change something, and of those that may safely be run twice.
    """

    url: str
    timeout_s: TimeLimit = 10.0
    domain: Literal["full", "digest"] = "full"
    headers: dict[str, str] = Field(default_factory=dict)
    writes: tuple[str, ...] = ()
    idempotent: tuple[str, ...] = ()

    _url = field_validator("url")(_check_url)


class HttpToolSettings(_Section):
    """One HTTP request as an action. `{argument}` in the URL is replaced and escaped; other arguments go into the query
    of GET and DELETE, and into the JSON body otherwise.

    slots: slot → JSON pointer into the reply. status_slot: gets the status; accepted_statuses: those outside 200 to 299
    that are an answer too (404 for "no such order"). writes: None is true for everything but GET and HEAD.
    """

    name: ActionName
    url: str
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    description: str = ""
    headers: dict[str, str] = Field(default_factory=dict)
    parameters: dict[str, Any] = Field(default_factory=dict, alias="schema")
    slots: dict[str, Pointer] = Field(default_factory=dict)
    status_slot: str = ""
    accepted_statuses: tuple[Annotated[int, Field(ge=400, le=499)], ...] = ()
    writes: bool | None = None
    idempotent: bool = False
    timeout_s: TimeLimit = 10.0
    allowed_hosts: tuple[str, ...] = Field(min_length=1)
    allow_private_addresses: bool = False

    _url = field_validator("url")(_check_url)

    @model_validator(mode="after")
    def _check_schema(self) -> "HttpToolSettings":
        if self.parameters.get("type", "object") != "object":
            raise ValueError("schema must be of type object")
        known = self.parameters.get("properties", {})
        for name in PLACEHOLDER.findall(self.url):
            if name not in known:
                raise ValueError(f"the URL has {{{name}}}, which schema.properties does not have")
            if name not in self.parameters.get("required", []):
                raise ValueError(f"the URL has {{{name}}}, so schema.required must list it")
        return self

    @property
    def is_write(self) -> bool:
        return self.method not in ("GET", "HEAD") if self.writes is None else self.writes


class McpToolSettings(_Section):
    """One tool of an MCP server that the bot may use.

    action: its name in flows, by default the server's and the tool's. flows: only these may use it; empty is all.
    slots: slot → JSON pointer into the structured result. text_slot: gets the result's text. say: the text is said to
    the visitor. writes is true unless the owner says otherwise: what a stranger's server says of its own tools is no
    promise.
    """

    tool: str = Field(min_length=1)
    action: ActionName | None = None
    flows: tuple[str, ...] = ()
    slots: dict[str, Pointer] = Field(default_factory=dict)
    text_slot: str = ""
    say: bool = False
    writes: bool = True
    idempotent: bool = False


class McpServerSettings(_Section):
    """An MCP server: a `command` that is started (with `env`, names of variables it may see), or a `url`."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,49}$")]
    command: tuple[str, ...] = ()
    env: tuple[VariableName, ...] = ()
    url: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    tools: tuple[McpToolSettings, ...] = Field(min_length=1)
    timeout_s: TimeLimit = 10.0

    @model_validator(mode="after")
    def _check_transport(self) -> "McpServerSettings":
        if bool(self.command) == bool(self.url):
            raise ValueError("give either command or url")
        if self.url:
            _check_url(self.url)
        if (self.headers and not self.url) or (self.env and not self.command):
            raise ValueError("headers go with url, env with command")
        return self


class ActionSettings(_Section):
    """All of it. python: whether actions.py is loaded. timeout_s: for actions without a limit of their own."""

    python: bool = True
    server: ActionServerSettings | None = None
    http: tuple[HttpToolSettings, ...] = ()
    mcp: tuple[McpServerSettings, ...] = ()
    timeout_s: TimeLimit = 10.0
