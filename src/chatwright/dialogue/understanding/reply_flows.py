"""Knows the flows that only say something: nothing is asked, set or done, so beginning one is an answer, no process.

In: flows, and what was decided. Out: which flows these are, and a decision that names none that says "not my business"
among what the visitor may want. Pure.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from chatwright.dialogue.flows.flow import ActionStep, Flow, NoopStep, Step
from chatwright.dialogue.training_data import OUT_OF_SCOPE
from chatwright.dialogue.understanding.flow_decision import FlowDecision

_FAR = 8  # times less likely


def reply_flows(flows: Iterable[Flow]) -> frozenset[str]:
    """The flows whose every step says a response; questions about prices and rules may begin them as a wish would."""
    return frozenset(flow.id for flow in flows if flow.steps and all(map(_only_says, flow.steps.values())))


def refusing_flows(flows: Iterable[Flow]) -> frozenset[str]:
    """Of these, what intents begin that Rasa calls out of scope."""
    flows = list(flows)
    outside = {flow.id for flow in flows if any(each.intent.lower() in OUT_OF_SCOPE for each in flow.nlu_trigger)}
    return reply_flows(flows) & outside


def without_refusals(
    decision: FlowDecision, chances: Sequence[tuple[str, float]], refusing: Collection[str], *, is_vague: bool
) -> FlowDecision:
    """Nobody is asked whether they want to be told that the bot cannot: it tells them, or asks about the others.

    chances: of all flows, best first. A vague message is refused only where no other flow is near."""
    if decision.kind != "clarify" or not set(decision.flows) & set(refusing):
        return decision
    best, chance = chances[0]
    is_near = any(other >= chance / _FAR for name, other in chances if name not in refusing)
    if best in refusing and not (is_vague and is_near):
        return replace(decision, kind="start", flows=(best,))
    others = tuple(name for name in decision.flows if name not in refusing)
    return replace(decision, flows=others) if others else replace(decision, kind="none", flows=())


def _only_says(step: Step) -> bool:
    return isinstance(step, NoopStep) or (isinstance(step, ActionStep) and step.action.startswith("utter_"))
