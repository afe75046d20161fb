"""Turns a function's signature into a JSON schema, and arguments into the Python values the function asks for.

In: a function whose parameters are annotated. Out: Signature. Raises ConfigError with file and line for a parameter
without a type or with a type that no JSON value becomes.
"""

import inspect
import types
from collections.abc import Callable, Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

from chatwright.actions.arguments import MAX_SHOWN_CHARS
from chatwright.errors import ActionError, ConfigError
from chatwright.messages import ActionCall


class Signature:
    """The parameters of one function: `parameters` as JSON schema, and `values` to call it with."""

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self._name = name
        hints = _hints(function)
        fields: dict[str, Any] = {}
        self._call_parameters: list[str] = []
        for parameter in inspect.signature(function).parameters.values():
            hint = _hint_of(function, parameter, hints)
            if hint is ActionCall:
                self._call_parameters.append(parameter.name)
            else:
                fields[parameter.name] = (hint, _default_of(parameter, hint))
        self._model = _model(function, name, fields)
        self.parameters: Mapping[str, Any] = _schema(function, self._model) if fields else {}

    def values(self, call: ActionCall) -> dict[str, Any]:
        """Keyword arguments for the function. Raises ActionError(code="rejected")."""
        try:
            model = self._model.model_validate(dict(call.arguments))
        except ValidationError as err:
            problem = err.errors(include_url=False, include_context=False)[0]
            path = ".".join(str(part) for part in problem["loc"])
            shown = repr(problem.get("input"))[:MAX_SHOWN_CHARS]
            raise ActionError(
                f"Action {self._name!r} was not run: argument {path!r}: {problem['msg']} (it is {shown}).",
                hint="Ask for the value again, or validate the slot before the action.",
                code="rejected",
            ) from err
        values = {name: getattr(model, field) for field, name in _names(self._model)}
        return values | dict.fromkeys(self._call_parameters, call)


def place_of(function: Callable[..., Any]) -> str:
    """`path:line` of a function, as editors understand it."""
    code = inspect.unwrap(function).__code__
    return f"{code.co_filename}:{code.co_firstlineno}"


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError, SyntaxError) as err:
        raise ConfigError(
            f"{place_of(function)}: a type in the signature of {function.__name__!r} cannot be read: {err}.",
            hint="Import the type at the top of the file.",
            code="action_signature_invalid",
        ) from err


def _hint_of(function: Callable[..., Any], parameter: inspect.Parameter, hints: Mapping[str, Any]) -> Any:
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        what = f"parameter {parameter} of {function.__name__!r} has no name of its own"
        hint = "Write every parameter as `name: type`."
    elif parameter.name not in hints:
        what = f"parameter {parameter.name!r} of {function.__name__!r} has no type"
        hint = f"Write for example `{parameter.name}: str`."
    else:
        return hints[parameter.name]
    raise ConfigError(f"{place_of(function)}: {what}.", hint=hint, code="action_signature_invalid")


def _default_of(parameter: inspect.Parameter, hint: Any) -> Any:
    if parameter.default is not parameter.empty:
        return parameter.default
    is_optional = get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)
    return None if is_optional else ...


def _model(function: Callable[..., Any], name: str, fields: dict[str, Any]) -> type[BaseModel]:
    # Fields are numbered: a parameter may be called `copy` or `_id`, which a pydantic field may not.
    from pydantic import Field

    numbered = {
        f"p{number}": (hint, Field(default, alias=parameter))
        for number, (parameter, (hint, default)) in enumerate(fields.items())
    }
    config = ConfigDict(extra="forbid", coerce_numbers_to_str=True, arbitrary_types_allowed=False, title=name)
    try:
        return create_model("Arguments", __config__=config, **numbered)  # type: ignore[call-overload,no-any-return]
    except (PydanticSchemaGenerationError, PydanticUserError, TypeError) as err:
        raise _unusable(function, err) from err


def _schema(function: Callable[..., Any], model: type[BaseModel]) -> dict[str, Any]:
    try:
        return model.model_json_schema(by_alias=True)
    except PydanticUserError as err:
        raise _unusable(function, err) from err


def _unusable(function: Callable[..., Any], err: Exception) -> ConfigError:
    reason = (str(err).splitlines() or [""])[0].rstrip(".")
    return ConfigError(
        f"{place_of(function)}: a parameter of {function.__name__!r} has a type that no JSON value becomes: {reason}.",
        hint="Use str, int, float, bool, Literal, date, a list of these, a dataclass or a pydantic model.",
        code="action_signature_invalid",
    )


def _names(model: type[BaseModel]) -> list[tuple[str, str]]:
    return [(field, info.alias or field) for field, info in model.model_fields.items()]
