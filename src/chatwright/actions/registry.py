"""Finds and runs a bot's actions, whatever they are made of; nothing but ActionError ever comes out of one.

In: ActionCall. Out: a clean ActionResult. A call ends within its time limit even when the action does not; the
outcome of a write that ran out of time is unknown, and the error says so.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog

from chatwright.actions.arguments import ArgumentCheck, arguments_from_slots, coerced
from chatwright.actions.cleaning import clean_result
from chatwright.errors import ActionError, ConfigError, nearest
from chatwright.messages import ActionCall, ActionResult
from chatwright.protocols import Action

log = structlog.get_logger(__name__)

DEFAULT_TIMEOUT_S = 10.0
CODES = frozenset({"unknown_action", "rejected", "unreachable", "timeout", "bad_reply", "failed"})


class ActionRegistry:
    """The actions of one bot. `fallback` makes the action for a name that is not among them (an action server's)."""

    def __init__(
        self,
        actions: Sequence[Action] = (),
        *,
        fallback: Callable[[str], Action] | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> None:
        self._actions: dict[str, Action] = {}
        self._checks: dict[str, ArgumentCheck] = {}
        self._fallback = fallback
        self.timeout_s = timeout_s
        for action in actions:
            self._add(action)

    def _add(self, action: Action) -> None:
        twin = self._actions.get(action.name)
        if twin is not None:
            raise ConfigError(
                f"Two actions are called {action.name!r}: {_origin(twin)} and {_origin(action)}.",
                hint="Rename one of them.",
                code="action_twice",
            )
        if action.parameters:
            self._checks[action.name] = ArgumentCheck(action.name, action.parameters)
        self._actions[action.name] = action

    @property
    def names(self) -> list[str]:
        """The names known here; an action server may know more."""
        return sorted(self._actions)

    @property
    def has_fallback(self) -> bool:
        """True when a name that is not known here may still be an action of a server."""
        return self._fallback is not None

    def find(self, name: str) -> Action:
        """The action called `name`. Raises ActionError(code="unknown_action") with the nearest name."""
        action = self._actions.get(name)
        if action is not None:
            return action
        if self._fallback is not None and name:
            return self._fallback(name)
        raise ActionError(f"There is no action {name!r}.", hint=nearest(name, self.names), code="unknown_action")

    def writes(self, name: str) -> bool:
        """True when the action is known and changes something outside."""
        try:
            return self.find(name).is_write
        except ActionError:
            return False

    def prepare(self, call: ActionCall) -> ActionCall:
        """`call` with the arguments it will run with, taken from the slots when it has none; this is what a
        confirmation shows. Raises ActionError(code="rejected") when they do not fit."""
        parameters = self.find(call.name).parameters
        if not parameters:
            return call
        arguments = coerced(parameters, call.arguments) if call.arguments else {}
        arguments = arguments or arguments_from_slots(parameters, call.slots)
        check = self._checks.get(call.name) or ArgumentCheck(call.name, parameters)
        check.check(arguments)
        return replace(call, arguments=arguments)

    async def run(self, call: ActionCall) -> ActionResult:
        """Runs `call`. Raises ActionError with one of CODES, never anything else."""
        action = self.find(call.name)
        try:
            result = await _within(action, self.prepare(call), _limit_s(action, self.timeout_s))
            if not isinstance(result, ActionResult):
                raise ActionError(
                    f"Action {call.name!r} returned {type(result).__name__} instead of a result.", code="bad_reply"
                )
            return clean_result(call.name, result)
        except ActionError as err:
            log.warning("action_failed", action=call.name, code=err.code, call_id=call.call_id)
            if err.code in CODES:
                raise
            raise ActionError(err.message, hint=err.hint, code="failed") from err
        except Exception as err:
            log.warning("action_failed", action=call.name, code="failed", error_type=type(err).__name__)
            raise ActionError(
                f"Action {call.name!r} failed: {type(err).__name__}.", hint="See the server's log.", code="failed"
            ) from err


async def _within(action: Action, call: ActionCall, timeout_s: float) -> Any:
    """The action's result. Not `wait_for`: that waits on for an action that does not let itself be cancelled."""
    task = asyncio.ensure_future(action.run(call))
    try:
        done, _ = await asyncio.wait({task}, timeout=timeout_s)
    except asyncio.CancelledError:
        _abandon(task)
        raise
    if done:
        return task.result()
    _abandon(task)
    unknown = " It may or may not have been carried out." if action.is_write else ""
    raise ActionError(
        f"Action {call.name!r} took longer than {timeout_s:g} s.{unknown}",
        hint="Raise its timeout_s, or look at why it is slow.",
        code="timeout",
    )


def _abandon(task: "asyncio.Future[Any]") -> None:
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # looked at, so not reported as lost
    task.cancel()


def _limit_s(action: Action, default_s: float) -> float:
    own = getattr(action, "timeout_s", None)
    return float(own) if isinstance(own, int | float) and own > 0 else default_s


def _origin(action: Action) -> str:
    return str(getattr(action, "origin", type(action).__name__))


def describe(action: Action) -> Mapping[str, Any]:
    """What `chatwright actions` lists of an action, as JSON."""
    return {
        "name": action.name,
        "description": action.description,
        "parameters": dict(action.parameters),
        "writes": action.is_write,
        "idempotent": action.is_idempotent,
    }
