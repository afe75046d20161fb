"""Python functions as actions: the decorator `@action`, and what runs a decorated function.

In: a function typed by its signature. Out: an Action. Plain functions run in a thread, async ones on the event loop
(they must not block it). What they return is None, a text to say, a dict of slots, an Utterance, or an ActionResult.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, overload

from chatwright.actions.signature import Signature, place_of
from chatwright.actions.threads import run_in_thread
from chatwright.errors import ActionError, ConfigError
from chatwright.messages import ActionCall, ActionResult, Utterance

Function = TypeVar("Function", bound=Callable[..., Any])
_MARK = "__chatwright_action__"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the decorator was told. timeout_s: None is the bot's own limit."""

    name: str
    description: str
    is_write: bool
    is_idempotent: bool
    timeout_s: float | None


@overload
def action(function: Function, /) -> Function: ...


@overload
def action(
    *,
    name: str = "",
    description: str = "",
    writes: bool = False,
    idempotent: bool = False,
    timeout_s: float | None = None,
) -> Callable[[Function], Function]: ...


def action(
    function: Function | None = None,
    /,
    *,
    name: str = "",
    description: str = "",
    writes: bool = False,
    idempotent: bool = False,
    timeout_s: float | None = None,
) -> Function | Callable[[Function], Function]:
    """Makes a function callable by flows, under its own name or `name`. The function itself stays as it is.

    writes: it changes something outside, so its arguments are confirmed first. idempotent: a repetition with the same
    `call_id` does no harm. A parameter of type ActionCall receives the call itself.
    """

    def mark(function: Function) -> Function:
        if not inspect.isfunction(function):
            raise ConfigError(f"@action stands before {function!r}, which is not a function.")
        text = description or (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ")
        values = Mark(
            name=name or function.__name__,
            description=text,
            is_write=writes,
            is_idempotent=idempotent,
            timeout_s=timeout_s,
        )
        setattr(function, _MARK, values)
        return function

    return mark if function is None else mark(function)


def mark_of(value: Any) -> Mark | None:
    """The decorator's mark on a function; None on anything else."""
    mark = getattr(value, _MARK, None) if inspect.isfunction(value) else None
    return mark if isinstance(mark, Mark) else None


class PythonAction:
    """One decorated function. Raises ConfigError when its signature cannot be read."""

    def __init__(self, function: Callable[..., Any]) -> None:
        mark = mark_of(function)
        if mark is None:
            raise ConfigError(f"{place_of(function)}: {function.__name__!r} has no @action before it.")
        self.name = mark.name
        self.description = mark.description
        self.is_write = mark.is_write
        self.is_idempotent = mark.is_idempotent
        self.timeout_s = mark.timeout_s
        self.origin = place_of(function)
        self._function = function
        self._signature = Signature(function, mark.name)
        self.parameters: Mapping[str, Any] = self._signature.parameters

    async def run(self, call: ActionCall) -> ActionResult:
        values = self._signature.values(call)
        try:
            if inspect.iscoroutinefunction(self._function):
                returned = await self._function(**values)
            else:
                returned = await run_in_thread(partial(self._function, **values))
        except ActionError:
            raise
        except Exception as err:
            # Its message may hold a secret or a customer's words; the place is what its owner needs.
            raise ActionError(
                f"Action {self.name!r} raised {type(err).__name__} at {_place_in(err, self._function)}.",
                hint="Mend the function; it may raise ActionError(code='rejected') to decline.",
                code="failed",
            ) from err
        return as_result(self.name, returned)


def as_result(name: str, returned: Any) -> ActionResult:
    """What a function returned, as ActionResult. Raises ActionError(code="bad_reply")."""
    if returned is None:
        return ActionResult()
    if isinstance(returned, ActionResult):
        return returned
    if isinstance(returned, str):
        return ActionResult(utterances=(Utterance(text=returned),) if returned else ())
    if isinstance(returned, Utterance):
        return ActionResult(utterances=(returned,))
    if isinstance(returned, Mapping):
        return ActionResult(slots=returned)
    raise ActionError(
        f"Action {name!r} returned {type(returned).__name__}.",
        hint="Return None, a text to say, a dict of slots, an Utterance or an ActionResult.",
        code="bad_reply",
    )


def _place_in(err: Exception, function: Callable[..., Any]) -> str:
    """The deepest line of the function's own file that the exception passed."""
    path = inspect.unwrap(function).__code__.co_filename
    place, trace = place_of(function), err.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            place = f"{path}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
