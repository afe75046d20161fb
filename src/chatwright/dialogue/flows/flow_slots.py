"""Which slots a flow asks for, sets and gives up when it ends. In: Flows. Out: names and the steps that ask."""

from collections.abc import Iterator, Mapping

from chatwright.dialogue.flows.flow import CallStep, CollectStep, Flow, SetSlotsStep, Step


def collected_slots(flow: Flow, flows: Mapping[str, Flow]) -> dict[str, list[CollectStep]]:
    """The slots that a flow asks for, those of flows it calls included, with the steps that ask."""
    found: dict[str, list[CollectStep]] = {}
    for step in _steps(flow, flows):
        if isinstance(step, CollectStep):
            found.setdefault(step.slot, []).append(step)
    return found


def filled_slots(flow: Flow, flows: Mapping[str, Flow]) -> list[str]:
    """The slots that a flow asks for or sets, those of flows it calls included, in order."""
    found: dict[str, None] = {}
    for step in _steps(flow, flows):
        if isinstance(step, CollectStep):
            found.setdefault(step.slot)
        elif isinstance(step, SetSlotsStep):
            found.update(dict.fromkeys(name for name, _ in step.values))
    return list(found)


def given_up_slots(flow: Flow, flows: Mapping[str, Flow]) -> list[str]:
    """The slots that are emptied when the flow ends: what it asked for or set and does not persist."""
    kept = set(flow.persisted_slots)
    for step in _steps(flow, flows):
        if isinstance(step, CollectStep) and not step.reset_after_flow_ends:
            kept.add(step.slot)
        if isinstance(step, CallStep) and step.flow in flows:
            kept.update(flows[step.flow].persisted_slots)
    return [name for name in filled_slots(flow, flows) if name not in kept]


def asks_before_filling(step: CollectStep) -> bool:
    """True when a value counts only as the answer to this question: said so, or the question confirms a write."""
    return step.ask_before_filling or "confirms" in step.metadata


def _steps(flow: Flow, flows: Mapping[str, Flow]) -> Iterator[Step]:
    """The steps of the flow and of those it calls, each flow once."""
    waiting, seen = [flow], {flow.id}
    while waiting:
        for step in waiting.pop(0).steps.values():
            yield step
            if isinstance(step, CallStep) and step.flow in flows and step.flow not in seen:
                seen.add(step.flow)
                waiting.append(flows[step.flow])
