"""Unreachable steps and endless loops, against a slow search where there are many."""

import random

import pytest

from chatwright.dialogue.flows.flow import (
    END,
    ActionStep,
    Branch,
    CallStep,
    CollectStep,
    Flow,
    LinkStep,
    NoopStep,
    SetSlotsStep,
    Step,
)
from chatwright.dialogue.flows.flow_paths import endless_loops, missing_targets, unreachable_steps


def to(*targets: str) -> tuple[Branch, ...]:
    return tuple(Branch(condition=None if target == targets[-1] else "x", target=target) for target in targets)


def flow(name: str, *steps: Step) -> Flow:
    return Flow(id=name, description=name, steps={step.id: step for step in steps}, first=steps[0].id)


A_B = (NoopStep(id="a", next=to("b")), NoopStep(id="b", next=to("a")))


@pytest.mark.parametrize(
    ("steps", "loops"),
    [
        (A_B, [("f", ["a", "b"])]),
        ((NoopStep(id="a", next=to("a")),), [("f", ["a"])]),
        ((NoopStep(id="a", next=to("b")), NoopStep(id="b", next=to(END))), []),
        ((ActionStep(id="a", action="utter_x", next=to("a", END)),), [("f", ["a"])]),
        ((ActionStep(id="a", action="look_up", next=to("a", END)),), []),
        ((CollectStep(id="a", slot="s", ask_before_filling=True, next=to("a")),), []),
        ((CollectStep(id="a", slot="s", next=to("a", END)),), [("f", ["a"])]),
        (
            (
                CollectStep(id="a", slot="s", next=to("b")),
                SetSlotsStep(id="b", values=(("s", None),), next=to("a", END)),
            ),
            [],
        ),
        (
            (
                CollectStep(id="a", slot="s", next=to("b")),
                SetSlotsStep(id="b", values=(("t", None),), next=to("a", END)),
            ),
            [("f", ["a", "b"])],
        ),
        ((LinkStep(id="a", flow="f", next=to(END)),), [("f", ["a"])]),
        ((CallStep(id="a", flow="f", next=to(END)),), [("f", ["a"])]),
        ((LinkStep(id="a", flow="gone", next=to("missing")),), []),
    ],
)
def test_loops(steps: tuple[Step, ...], loops: list[tuple[str, list[str]]]) -> None:
    assert endless_loops({"f": flow("f", *steps)}) == loops


def test_loops_across_flows() -> None:
    flows = {
        "f": flow("f", CallStep(id="a", flow="g", next=to(END))),
        "g": flow("g", ActionStep(id="b", action="utter_x", next=to("c")), LinkStep(id="c", flow="f", next=to(END))),
    }
    assert endless_loops(flows) == [("f", ["a"])]


def test_missing_and_unreachable() -> None:
    broken = flow(
        "f", NoopStep(id="a", next=to("c", "gone")), NoopStep(id="b", next=to(END)), NoopStep(id="c", next=to(END))
    )
    assert [(step.id, target) for step, target in missing_targets(broken)] == [("a", "gone")]
    assert [step.id for step in unreachable_steps(broken)] == ["b"]


@pytest.mark.parametrize("seed", range(30))
def test_loops_are_those_that_a_walk_finds(seed: int) -> None:
    chance = random.Random(seed)
    names = [f"s{number}" for number in range(8)]
    edges = {name: chance.sample([*names, END], k=chance.randint(1, 2)) for name in names}
    graph = flow("f", *(NoopStep(id=name, next=to(*targets)) for name, targets in edges.items()))

    def comes_back(start: str) -> bool:
        seen, waiting = set[str](), list(edges[start])
        while waiting:
            name = waiting.pop()
            if name == start:
                return True
            if name != END and name not in seen:
                seen.add(name)
                waiting += edges[name]
        return False

    found = {step for _, circle in endless_loops({"f": graph}) for step in circle}
    assert found == {name for name in names if comes_back(name)}


def test_a_long_flow_is_no_trouble() -> None:
    steps = [NoopStep(id=f"s{number}", next=to(f"s{number + 1}" if number < 4999 else END)) for number in range(5000)]
    assert endless_loops({"f": flow("f", *steps)}) == []
    assert unreachable_steps(flow("f", *steps)) == []
