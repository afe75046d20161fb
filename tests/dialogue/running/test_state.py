"""The state of a conversation: through JSON and back, whatever became of the flows or of the JSON."""

import json
from typing import Any

import pytest

from chatwright.dialogue.flows.flow import END, ActionStep, Branch, Flow
from chatwright.dialogue.running.state import (
    Confirmation,
    DialogueState,
    Frame,
    Write,
    state_from_json,
    state_to_json,
)
from chatwright.messages import Button, Utterance


def flow(flow_id: str, *steps: str) -> Flow:
    made = {step: ActionStep(id=step, next=(Branch(condition=None, target=END),), action="a") for step in steps}
    return Flow(id=flow_id, description="", steps=made, first=steps[0])


FLOWS = {"a": flow("a", "s1", "s2"), "b": flow("b", "t1"), "c": flow("c", "u1")}
STATE = DialogueState(
    slots={"x": 1, "名": "张三", "money": {"amount": "1", "currency": "CNY"}, "list": [1, "a"]},
    stack=(
        Frame(flow="a", step="s2", trail=("s1",), writes=(Write(step="s1", place=0, slots=("x",)),), skips=(Write(step="s2", place=1, slots=()),), kept={"x": 2}, stash={"y": 3}),
        Frame(flow="b", step="t1", is_called=True, is_asked=True, context={"skipped": ["z"]}),
    ),
    asked="confirmed_action",
    confirmation=Confirmation(action="a", flow="b", step="t1", shown={"x": 1}, token="t", is_declined=True),
    choices=("a", "b"),
    alternatives=(1, "two"),
    last_said=(Utterance(text="hi", buttons=(Button(title="t", payload="p"),), image="i", custom={"a": [1]}),),
    num_not_understood=1,
    num_errors=2,
    num_calls=3,
    num_turns=4,
    completed=("c",),
)  # fmt: skip


def through(state: DialogueState, flows: dict[str, Flow]) -> DialogueState:
    return state_from_json(json.loads(json.dumps(state_to_json(state))), flows)


def test_nothing_is_lost() -> None:
    assert through(STATE, FLOWS) == STATE


@pytest.mark.parametrize(
    ("flows", "left", "dropped"),
    [
        ({"b": FLOWS["b"]}, (), ("a",)),
        ({"a": FLOWS["a"]}, (), ("a",)),
        ({"a": flow("a", "s1"), "b": FLOWS["b"]}, (), ("a",)),
        ({"a": flow("a", "s2"), "b": FLOWS["b"]}, (), ("a",)),
    ],
    ids=["flow gone", "called flow gone", "step gone", "step of the trail gone"],
)
def test_what_no_longer_stands_is_dropped_and_named(
    flows: dict[str, Flow], left: tuple[str, ...], dropped: tuple[str, ...]
) -> None:
    state = through(STATE, flows)
    assert tuple(frame.flow for frame in state.stack) == left
    assert state.dropped == dropped
    assert state.slots == STATE.slots
    assert (state.asked, state.confirmation, state.num_calls) == ("", None, 3)


def test_other_flows_stay() -> None:
    state = DialogueState(stack=(Frame(flow="gone", step="x"), Frame(flow="a", step="s1")))
    left = through(state, FLOWS)
    assert ([frame.flow for frame in left.stack], left.dropped) == (["a"], ("gone",))


def test_a_confirmation_of_another_flow_is_dropped() -> None:
    state = DialogueState(
        stack=(Frame(flow="a", step="s1"),),
        confirmation=Confirmation(action="x", flow="b", step="t1", shown={}, token=""),
    )
    assert through(state, FLOWS).confirmation is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "x",
        5,
        {},
        {"slots": [], "stack": 5, "confirmation": "x", "num_calls": -1, "choices": [1]},
        {"stack": [None, {"flow": 5}, []]},
        {"last_said": [{"buttons": [None]}]},
    ],
)
def test_any_json_is_survived(value: Any) -> None:
    state = state_from_json(value, FLOWS)
    assert state.stack == ()
    assert state.num_calls == 0
