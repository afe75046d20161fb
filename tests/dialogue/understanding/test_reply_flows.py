"""Flows that only say something are told from those that do something, and nobody is asked whether they want a refusal."""

import pytest

from chatwright.dialogue.flows.flow import END, ActionStep, Branch, CollectStep, Flow, Step, Trigger
from chatwright.dialogue.understanding.flow_decision import FlowDecision
from chatwright.dialogue.understanding.reply_flows import refusing_flows, reply_flows, without_refusals

ON = (Branch(condition=None, target=END),)
SAY = ActionStep(id="a", next=ON, action="utter_hours")
DO = ActionStep(id="b", next=ON, action="action_book")
ASK = CollectStep(id="c", next=ON, slot="day")


def flow(name: str, *steps: Step, trigger: str = "") -> Flow:
    return Flow(
        id=name,
        description=name,
        steps={step.id: step for step in steps},
        first=steps[0].id if steps else END,
        nlu_trigger=(Trigger(intent=trigger),) if trigger else (),
    )


FLOWS = [
    flow("hours", SAY, trigger="ask_hours"),
    flow("book", ASK, DO, trigger="book"),
    flow("mixed", SAY, DO),
    flow("nothing"),
    flow("sorry", SAY, trigger="Out_of_scope"),
    flow("ticket", ASK, trigger="oos"),
]


def test_only_what_says_and_nothing_else() -> None:
    assert reply_flows(FLOWS) == {"hours", "sorry"}
    assert refusing_flows(FLOWS) == {"sorry"}


@pytest.mark.parametrize(
    ("kind", "chances", "is_vague", "wanted_kind", "wanted"),
    [
        ("clarify", {"sorry": 0.4, "book": 0.2}, False, "start", ("sorry",)),
        ("clarify", {"sorry": 0.4, "book": 0.2}, True, "clarify", ("book",)),
        ("clarify", {"sorry": 0.4, "book": 0.01}, True, "start", ("sorry",)),
        ("clarify", {"sorry": 0.4}, True, "start", ("sorry",)),
        ("clarify", {"book": 0.4, "sorry": 0.3, "hours": 0.2}, False, "clarify", ("book", "hours")),
        ("clarify", {"book": 0.4, "hours": 0.3}, False, "clarify", ("book", "hours")),
        ("start", {"sorry": 0.9}, False, "start", ("sorry",)),
    ],
)
def test_nobody_is_asked_whether_they_want_a_refusal(
    kind: str, chances: dict[str, float], is_vague: bool, wanted_kind: str, wanted: tuple[str, ...]
) -> None:
    decision = FlowDecision(kind=kind, flows=tuple(chances), confidence=0.4)  # type: ignore[arg-type]  # from a table
    found = without_refusals(decision, tuple(chances.items()), {"sorry"}, is_vague=is_vague)
    assert (found.kind, found.flows) == (wanted_kind, wanted)
