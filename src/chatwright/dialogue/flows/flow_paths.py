"""Where the steps of flows can lead: what is reached, what is not, and where a turn would go round for ever.

In: flows. Out: steps. Conditions are not evaluated: a branch may always be taken.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from chatwright.dialogue.flows.flow import END, ActionStep, CallStep, CollectStep, Flow, LinkStep, SetSlotsStep, Step

Place = tuple[str, str]  # flow, step


def missing_targets(flow: Flow) -> list[tuple[Step, str]]:
    """Branches that lead nowhere, with the step they leave."""
    return [
        (step, branch.target)
        for step in flow.steps.values()
        for branch in step.next
        if branch.target != END and branch.target not in flow.steps
    ]


def unreachable_steps(flow: Flow) -> list[Step]:
    """The steps that no path from the first leads to, in order."""
    seen: set[str] = set()
    waiting = [flow.first]
    while waiting:
        step_id = waiting.pop()
        if step_id in flow.steps and step_id not in seen:
            seen.add(step_id)
            waiting += [branch.target for branch in flow.steps[step_id].next]
    return [step for step in flow.steps.values() if step.id not in seen]


def endless_loops(flows: Mapping[str, Flow]) -> list[tuple[str, list[str]]]:
    """(flow, steps of it in order) for every circle without a step that waits or that does something new.

    A custom action may change what the conditions look at, so a circle through one is let pass. A collect step waits
    when it always asks, or when the circle empties its slot; one whose slot stays filled is walked over.
    """
    loops: list[tuple[str, list[str]]] = []
    for group in _components(flows, lambda place: not _always_stops(_step(flows, place))):
        emptied = {
            name for place in group if isinstance(step := _step(flows, place), SetSlotsStep) for name, _ in step.values
        }
        inner = set(group)
        closed = {
            place
            for place in inner
            if not (isinstance(step := _step(flows, place), CollectStep) and step.slot in emptied)
        }
        for circle in _components(flows, closed.__contains__):
            name = min(circle)[0]
            order = list(flows[name].steps)
            loops.append((name, sorted((step for flow, step in circle if flow == name), key=order.index)))
    return sorted(loops)


def _step(flows: Mapping[str, Flow], place: Place) -> Step:
    return flows[place[0]].steps[place[1]]


def _always_stops(step: Step) -> bool:
    if isinstance(step, ActionStep):
        return not step.action.startswith("utter_")
    return isinstance(step, CollectStep) and step.ask_before_filling


def _leads_to(flows: Mapping[str, Flow], place: Place) -> Iterator[Place]:
    step = _step(flows, place)
    if isinstance(step, LinkStep | CallStep) and step.flow in flows:
        yield step.flow, flows[step.flow].first
    for branch in step.next:
        if branch.target in flows[place[0]].steps:
            yield place[0], branch.target


def _components(flows: Mapping[str, Flow], is_inside: Callable[[Place], bool]) -> list[list[Place]]:
    """The groups of places that all lead to each other by at least one edge."""
    edges = _circling(
        flows, {(name, step) for name, flow in flows.items() for step in flow.steps if is_inside((name, step))}
    )
    reached = {place: _reached(place, edges) for place in edges}
    groups = {
        frozenset(other for other in reached[place] if place in reached[other])
        for place in edges
        if place in reached[place]
    }
    return [sorted(group) for group in groups]


def _circling(flows: Mapping[str, Flow], inside: set[Place]) -> dict[Place, list[Place]]:
    """The edges among `inside` without places that lead nowhere: what is left is circles and what leads to them."""
    edges = {place: [other for other in _leads_to(flows, place) if other in inside] for place in inside}
    leading: dict[Place, list[Place]] = {place: [] for place in edges}
    for place, others in edges.items():
        for other in others:
            leading[other].append(place)
    num_left = {place: len(others) for place, others in edges.items()}
    ended = [place for place, number in num_left.items() if number == 0]
    while ended:
        place = ended.pop()
        for before in leading[place]:
            num_left[before] -= 1
            if num_left[before] == 0:
                ended.append(before)
    return {place: [other for other in others if num_left[other]] for place, others in edges.items() if num_left[place]}


def _reached(place: Place, edges: Mapping[Place, Sequence[Place]]) -> set[Place]:
    seen: set[Place] = set()
    waiting = list(edges[place])
    while waiting:
        other = waiting.pop()
        if other not in seen:
            seen.add(other)
            waiting += edges[other]
    return seen
