"""Fills and checks the arguments of a call: from slots, in the types the action asks for, against its JSON schema.

In: a JSON schema and values that people said. Out: the arguments, or ActionError(code="rejected") naming what is wrong.
Never fetches a schema from elsewhere; patterns of a schema are matched in linear time.
"""

from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs

from chatwright.errors import ActionError, ConfigError

MAX_SHOWN_CHARS = 80
_YES = frozenset({"true", "yes", "y", "1", "是", "是的", "对", "好", "好的", "要"})
_NO = frozenset({"false", "no", "n", "0", "否", "不", "不是", "不对", "不要"})


def arguments_from_slots(parameters: Mapping[str, Any], slots: Mapping[str, Any]) -> dict[str, Any]:
    """The slots that `parameters` names and that have a value, coerced: what a confirmation shows and the call gets."""
    named = {name: slots[name] for name in parameters.get("properties", {}) if slots.get(name) is not None}
    return coerced(parameters, named)


def coerced(parameters: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """`arguments` with "3" as 3 where a number is asked for, and so on; what does not fit is left for the check."""
    properties = parameters.get("properties", {})
    return {name: _coerce(value, _types(properties.get(name, {}))) for name, value in arguments.items()}


class ArgumentCheck:
    """The compiled form of one action's `parameters`. Raises ConfigError when they are not a JSON schema."""

    def __init__(self, name: str, parameters: Mapping[str, Any]) -> None:
        self._name = name
        try:
            self._validator = jsonschema_rs.validator_for(
                dict(parameters),
                offline=True,  # a schema may come from a stranger's server: its $ref must not make us call anywhere
                validate_formats=True,
                pattern_options=jsonschema_rs.RegexOptions(),
            )
        except (ValueError, TypeError) as err:
            raise ConfigError(
                f"The parameters of action {name!r} are not a JSON schema: {_first_line(err)}.",
                hint="Mend the schema; references to other documents and look-around in patterns are not supported.",
                code="action_schema_invalid",
            ) from err

    def check(self, arguments: Mapping[str, Any]) -> None:
        """Raises ActionError(code="rejected") with the first thing that is wrong."""
        for problem in self._validator.iter_errors(dict(arguments)):
            path = ".".join(str(part) for part in problem.instance_path)
            where = f"argument {path!r}" if path else "the arguments"
            message = problem.message
            if len(message) > 2 * MAX_SHOWN_CHARS:
                message = f"{message[:MAX_SHOWN_CHARS]} … {message[-MAX_SHOWN_CHARS:]}"
            raise ActionError(
                f"Action {self._name!r} was not run: {where}: {message}.",
                hint="Ask for the value again, or validate the slot before the action.",
                code="rejected",
            )


def _types(schema: Any) -> list[str]:
    """The JSON types a property takes, in the order written."""
    if not isinstance(schema, Mapping):
        return []
    kind = schema.get("type")
    found = [kind] if isinstance(kind, str) else list(kind or [])
    for choice in [*schema.get("anyOf", []), *schema.get("oneOf", [])]:
        found += _types(choice)
    return found


def _coerce(value: Any, types: list[str]) -> Any:
    if any(_IS_OF[kind](value) for kind in types if kind in _IS_OF):
        return int(value) if "integer" in types and "number" not in types and isinstance(value, float) else value
    for kind in types:
        made = _COERCIONS[kind](value) if kind in _COERCIONS else None
        if made is not None:
            return made
    return value


def _to_integer(value: Any) -> int | None:
    if isinstance(value, str):
        text = value.strip()
        return int(text) if len(text) <= 18 and text.removeprefix("-").isdecimal() else None
    return None


def _to_number(value: Any) -> float | None:
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if number - number == 0 else None  # neither infinity nor NaN, which JSON does not have


def _to_boolean(value: Any) -> bool | None:
    word = str(value).strip().casefold() if isinstance(value, str | int | float) else ""
    return True if word in _YES else False if word in _NO else None


def _to_string(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


_COERCIONS: Mapping[str, Callable[[Any], Any]] = {
    "integer": _to_integer,
    "number": _to_number,
    "boolean": _to_boolean,
    "string": _to_string,
}
_IS_OF: Mapping[str, Callable[[Any], bool]] = {
    "integer": lambda value: not isinstance(value, bool) and isinstance(value, int | float) and value == value // 1,
    "number": lambda value: not isinstance(value, bool) and isinstance(value, int | float),
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list | tuple),
    "object": lambda value: isinstance(value, Mapping),
    "null": lambda value: value is None,
}


def _first_line(err: Exception) -> str:
    return (str(err).strip().splitlines() or ["invalid"])[0][:200].rstrip(".")
