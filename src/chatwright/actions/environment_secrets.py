"""Puts secrets of the environment into headers: `Authorization: Bearer ${SHOP_TOKEN}`.

In: headers as the owner wrote them. Out: headers ready to be sent. Raises ConfigError that names the variable or the
header, never a value.
"""

import os
import re
from collections.abc import Mapping

from chatwright.errors import ConfigError

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PRINTABLE = re.compile(r"[\x20-\x7e\t]*")
# The connection's own; a header of the owner's among them would change where or how the request goes.
_RESERVED = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "content-encoding", "accept-encoding"}
)
MIN_SECRET_CHARS = 6


def resolve_headers(headers: Mapping[str, str], owner: str) -> dict[str, str]:
    """`headers` with every `${NAME}` replaced by the environment's value. owner: whose they are, for the error."""
    resolved = {}
    for name, written in headers.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _RESERVED:
            raise ConfigError(f"{owner}: {name!r} cannot be set as a header.", hint="Leave it out.")
        value = _VARIABLE.sub(lambda match: environment_value(match[1], owner), written)
        if not _PRINTABLE.fullmatch(value):
            raise ConfigError(
                f"{owner}: the value of header {name!r} has characters that a header cannot carry.",
                hint="Look for a line break at the end of the secret.",
                code="secret_invalid",
            )
        resolved[name] = value.strip()
    return resolved


def resolve_secret(written: str, owner: str) -> str:
    """`written` with every `${NAME}` replaced by the environment's value. Raises ConfigError naming the variable."""
    return _VARIABLE.sub(lambda match: environment_value(match[1], owner), written)


def environment_value(name: str, owner: str) -> str:
    """The variable's value. Raises ConfigError when it is not set or empty."""
    value = os.environ.get(name, "")
    if not value:
        raise ConfigError(
            f"{owner} needs the environment variable {name}, which is not set.",
            hint=f"Set it before starting: export {name}=...",
            code="secret_missing",
        )
    return value


def secrets_in(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The values that `${NAME}` stands for in `headers` and that are long enough to be told from ordinary words."""
    names = {match[1] for written in headers.values() for match in _VARIABLE.finditer(written)}
    values = (os.environ.get(name, "") for name in sorted(names))
    return tuple(value for value in values if len(value) >= MIN_SECRET_CHARS)
