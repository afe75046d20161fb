import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.actions.conftest import call, run

from chatwright.actions.registry import ActionRegistry
from chatwright.errors import ActionError, ConfigError
from chatwright.messages import ActionCall, ActionResult, Utterance

ORDER = {"type": "object", "properties": {"order": {"type": "string"}}, "required": ["order"]}


class Plain:
    description = "d"
    is_idempotent = False

    def __init__(
        self,
        name: str,
        act: Callable[[ActionCall], Any],
        parameters: Mapping[str, Any] | None = None,
        *,
        is_write: bool = False,
        timeout_s: float | None = None,
    ) -> None:
        self.name, self.parameters, self.is_write, self.timeout_s = name, parameters or {}, is_write, timeout_s
        self._act = act

    async def run(self, call: ActionCall) -> ActionResult:
        returned = self._act(call)
        result: ActionResult = await returned if asyncio.iscoroutine(returned) else returned
        return result


def error_of(registry: ActionRegistry, asked: ActionCall) -> ActionError:
    with pytest.raises(ActionError) as caught:
        run(registry.run(asked))
    return caught.value


def test_results_are_cleaned() -> None:
    registry = ActionRegistry([Plain("a", lambda _: ActionResult(utterances=(Utterance(text="x\x00"),)))])
    assert run(registry.run(call("a"))).utterances == (Utterance(text="x"),)


def test_twins_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="Two actions are called 'a'"):
        ActionRegistry([Plain("a", lambda _: ActionResult()), Plain("a", lambda _: ActionResult())])


def test_an_unknown_action_gets_the_nearest_name() -> None:
    error = error_of(ActionRegistry([Plain("order_status", lambda _: ActionResult())]), call("order_statu"))
    assert error.code == "unknown_action"
    assert "Did you mean 'order_status'?" in error.hint


def test_the_fallback_is_asked_last() -> None:
    registry = ActionRegistry(
        [Plain("a", lambda _: ActionResult(slots={"by": "a"}))],
        fallback=lambda name: Plain(name, lambda _: ActionResult(slots={"by": "server"})),
    )
    assert [run(registry.run(call(name))).slots["by"] for name in ("a", "b")] == ["a", "server"]
    assert registry.names == ["a"]
    assert registry.has_fallback


@pytest.mark.parametrize(("name", "writes"), [("read", False), ("write", True), ("nowhere", False)])
def test_which_actions_write(name: str, writes: bool) -> None:
    registry = ActionRegistry([Plain("read", lambda _: None), Plain("write", lambda _: None, is_write=True)])
    assert registry.writes(name) is writes


def test_arguments_are_filled_from_slots_and_are_what_a_confirmation_shows() -> None:
    registry = ActionRegistry([Plain("a", lambda asked: ActionResult(slots=dict(asked.arguments)), ORDER)])
    asked = call("a", slots={"order": 12.0, "other": 1})
    prepared = registry.prepare(asked)
    assert prepared.arguments == {"order": "12"}
    assert run(registry.run(prepared)).slots == {"order": "12"}
    assert run(registry.run(asked)).slots == {"order": "12"}


def test_arguments_that_do_not_fit_never_reach_the_action() -> None:
    reached: list[ActionCall] = []
    registry = ActionRegistry([Plain("a", reached.append, ORDER)])
    assert error_of(registry, call("a", arguments={"order": ["x"]})).code == "rejected"
    assert error_of(registry, call("a")).code == "rejected"
    assert reached == []


def raise_(err: BaseException) -> Any:
    raise err


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda _: raise_(RuntimeError("secret-token-123")), "failed"),
        (lambda _: raise_(ActionError("no", code="rejected")), "rejected"),
        (lambda _: raise_(ActionError("no", code="strange")), "failed"),
        (lambda _: raise_(ExceptionGroup("g", [ValueError("x")])), "failed"),
        (lambda _: None, "bad_reply"),
        (lambda _: {"a": 1}, "bad_reply"),
        (lambda _: ActionResult(slots={"x": object()}), "bad_reply"),
        (lambda _: ActionResult(slots=3), "failed"),  # type: ignore[arg-type]
    ],
    ids=["raises", "declines", "code", "group", "none", "dict", "object", "garbage"],
)
def test_everything_unexpected_becomes_an_action_error(act: Callable[[ActionCall], Any], code: str) -> None:
    error = error_of(ActionRegistry([Plain("a", act)]), call("a"))
    assert error.code == code
    assert "secret-token-123" not in str(error)


async def hang(_call: ActionCall) -> ActionResult:
    await asyncio.Event().wait()
    return ActionResult()


async def refuse_to_end(_call: ActionCall) -> ActionResult:
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if threading.current_thread() is threading.main_thread() and _call.call_id == "let go":
                raise
            _call = call("a", call_id="let go")


@pytest.mark.parametrize("act", [hang, refuse_to_end])
@pytest.mark.parametrize(("is_write", "told"), [(True, "may or may not"), (False, "longer than 0.05 s")])
def test_a_hanging_action_ends_the_call_but_not_the_bot(
    act: Callable[[ActionCall], Any], is_write: bool, told: str
) -> None:
    error = error_of(ActionRegistry([Plain("a", act, is_write=is_write, timeout_s=0.05)]), call("a"))
    assert error.code == "timeout"
    assert told in error.message


def test_the_bots_limit_holds_where_an_action_has_none() -> None:
    assert error_of(ActionRegistry([Plain("a", hang)], timeout_s=0.05), call("a")).code == "timeout"


def test_cancelling_the_turn_cancels_the_action() -> None:
    ended: list[str] = []

    async def act(_call: ActionCall) -> ActionResult:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")
        return ActionResult()

    async def turn() -> None:
        task = asyncio.create_task(ActionRegistry([Plain("a", act)]).run(call("a")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)

    run(turn())
    assert ended == ["ended"]
