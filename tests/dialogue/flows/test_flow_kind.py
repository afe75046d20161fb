"""Flows that only say something, and flows that do something."""

import pytest

from chatwright.dialogue.flows.flow import END, ActionStep, Branch, CallStep, CollectStep, Flow, LinkStep, Step
from chatwright.dialogue.flows.flow_kind import only_answers

_ON = (Branch(condition=None, target=END),)


def _flow(name: str, *steps: Step) -> Flow:
    return Flow(id=name, description=name, steps={step.id: step for step in steps}, first=steps[0].id)


SAYS = _flow("says", ActionStep(id="a", next=_ON, action="utter_hours"))
ASKS = _flow("asks", CollectStep(id="a", next=_ON, slot="order_id"))
ACTS = _flow("acts", ActionStep(id="a", next=_ON, action="look_up"))
CALLS_SAYS = _flow("calls_says", CallStep(id="a", next=_ON, flow="says"))
CALLS_ASKS = _flow("calls_asks", SAYS.steps["a"], CallStep(id="b", next=_ON, flow="asks"))
LINKS_ITSELF = _flow("links_itself", LinkStep(id="a", next=_ON, flow="links_itself"))
LINKS_NOWHERE = _flow("links_nowhere", LinkStep(id="a", next=_ON, flow="nowhere"))
FLOWS = {flow.id: flow for flow in (SAYS, ASKS, ACTS, CALLS_SAYS, CALLS_ASKS, LINKS_ITSELF, LINKS_NOWHERE)}


@pytest.mark.parametrize(
    ("flow", "expected"),
    [(SAYS, True), (ASKS, False), (ACTS, False), (CALLS_SAYS, True), (CALLS_ASKS, False), (LINKS_ITSELF, True), (LINKS_NOWHERE, False)],
    ids=lambda value: value.id if isinstance(value, Flow) else str(value),
)  # fmt: skip
def test_only_answers(flow: Flow, expected: bool) -> None:
    assert only_answers(flow, FLOWS) is expected
