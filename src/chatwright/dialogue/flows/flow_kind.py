"""Tells the flows that do something from those that only say something. In: flows. Out: yes or no. Pure.

What only answers is begun when a message asks for it; it is not put to a visitor as a thing to choose to do.
"""

from collections.abc import Mapping

from chatwright.dialogue.flows.flow import ActionStep, CallStep, CollectStep, Flow, LinkStep


def only_answers(flow: Flow, flows: Mapping[str, Flow], seen: frozenset[str] = frozenset()) -> bool:
    """True when no step asks for anything or runs an action, nor do the flows that it calls or links to."""
    if flow.id in seen:
        return True
    for step in flow.steps.values():
        if isinstance(step, CollectStep) or (isinstance(step, ActionStep) and not step.action.startswith("utter_")):
            return False
        if isinstance(step, CallStep | LinkStep):
            other = flows.get(step.flow)
            if other is None or not only_answers(other, flows, seen | {flow.id}):
                return False
    return True
