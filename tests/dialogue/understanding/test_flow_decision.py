"""When a flow is begun, asked about, or left alone, by the numbers."""

import pytest

from chatwright.dialogue.flows.flow import END, Branch, Flow, NoopStep, Trigger
from chatwright.dialogue.understanding.flow_choice import FlowScores
from chatwright.dialogue.understanding.flow_decision import (
    Thresholds,
    asked_of_own,
    decide_flow,
    flow_chances,
    with_code,
)
from chatwright.dialogue.understanding.understood import Ranked

STEP = NoopStep(id="a", next=(Branch(condition=None, target=END),))
SURE = Thresholds()


def flow(name: str, *triggers: Trigger) -> Flow:
    return Flow(id=name, description=name, steps={"a": STEP}, first="a", nlu_trigger=triggers)


@pytest.mark.parametrize(
    ("chances", "changes", "kind", "flows"),
    [
        ((("a", 0.9), ("b", 0.05)), {}, "start", ("a",)),
        ((("a", 0.5), ("b", 0.4)), {}, "clarify", ("a", "b")),
        ((("a", 0.62), ("b", 0.5)), {}, "clarify", ("a", "b")),
        ((("a", 0.4), ("b", 0.02)), {}, "clarify", ("a", "b")),
        ((("a", 0.25), ("b", 0.02)), {}, "none", ("a",)),
        ((("a", 0.1), ("b", 0.1)), {}, "none", ()),
        ((), {}, "none", ()),
        ((("a", 0.95), ("b", 0.01)), {"is_general": True}, "none", ()),
        ((("a", 0.8), ("b", 0.01)), {"open_flow": "b"}, "clarify", ("a", "b")),
        ((("a", 0.95), ("b", 0.01)), {"open_flow": "b"}, "start", ("a",)),
        ((("a", 0.95), ("b", 0.01)), {"open_flow": "a"}, "none", ()),
        ((("a", 0.4), ("b", 0.1)), {"open_flow": "b"}, "none", ()),
        ((("a", 0.3), ("b", 0.1)), {"vague": 0.6}, "clarify", ("a", "b")),
        ((("a", 0.45), ("b", 0.02)), {"vague": 0.4}, "start", ("a",)),
    ],
)
def test_decisions(
    chances: tuple[tuple[str, float], ...], changes: dict[str, object], kind: str, flows: tuple[str, ...]
) -> None:
    given: dict[str, object] = {"is_general": False, "open_flow": "", "sure": SURE, **changes}
    decision = decide_flow(chances, **given)  # type: ignore[arg-type]
    assert decision.kind == kind
    assert kind == "none" or decision.flows == flows
    assert 0.0 <= decision.confidence <= 1.0


def test_a_classifier_and_vectors_are_heard_alike() -> None:
    flows = {"pay": flow("pay", Trigger(intent="pay_bill")), "move": flow("move")}
    scores = FlowScores(flows=(("pay", 0.2), ("move", 0.6)))
    ranked = Ranked(intents=(("pay_bill", 0.9), ("move", 0.1)), in_scope=1.0)
    assert flow_chances(scores, ranked, flows, flows) == (("pay", pytest.approx(0.55)), ("move", pytest.approx(0.35)))


@pytest.mark.parametrize(("confidence", "in_scope", "expected"), [(0.9, 1.0, 0.9), (0.7, 1.0, 0.0), (0.9, 0.5, 0.0)])
def test_a_trigger_counts_from_its_threshold_on(confidence: float, in_scope: float, expected: float) -> None:
    flows = {"pay": flow("pay", Trigger(intent="pay_bill", confidence_threshold=0.8))}
    ranked = Ranked(intents=(("pay_bill", confidence),), in_scope=in_scope)
    chances = dict(flow_chances(FlowScores(flows=()), ranked, flows, flows))
    assert chances.get("pay", 0.0) == pytest.approx(expected)


def test_a_flow_that_may_not_start_has_no_chance() -> None:
    assert flow_chances(FlowScores(flows=(("pay", 0.9),)), None, {"pay": flow("pay")}, frozenset()) == ()


def test_a_code_speaks_for_the_flows_that_ask_for_it() -> None:
    chances = (("status", 0.44), ("complaint", 0.1), ("return", 0.06))
    lifted = dict(
        with_code(chances, FlowScores(flows=chances, question=0.2, answer=0.1, vague=0.1), {"status", "return"}, 0.2)
    )
    assert lifted["status"] == pytest.approx(0.44 / 0.7)
    assert (lifted["complaint"], lifted["return"]) == (0.1, 0.06)


def test_what_is_asked_of_ones_own_is_no_mere_subject() -> None:
    assert dict(asked_of_own((("status", 0.3), ("return", 0.01)), 0.67))["status"] == pytest.approx(0.3 / 0.33)
    assert dict(asked_of_own((("status", 0.05),), 0.95))["status"] == pytest.approx(0.5)
