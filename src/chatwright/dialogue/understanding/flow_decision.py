"""Decides whether a message begins a flow: yes, no, or ask which of two or three. Pure: numbers and rules, no model.

In: how near the message is to each flow, what a classifier ranks, and whether it asks how things are in general. Out: a
FlowDecision. Prefers asking to guessing: a flow that nobody asked for is the worst of the outcomes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.understanding.flow_choice import FlowScores
from chatwright.dialogue.understanding.understood import Ranked

MAX_CLARIFIED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How sure is sure, as probabilities.

    start, interrupt: that a flow is meant, with none open and with one open; judged: when a model had a say. answered:
    the same for a message that answers the open one; general: for one that asks about prices, times or rules. margin:
    how much likelier than the next. clarify: that a flow may be meant; alone: though no other is near; beside: though
    another is open.
    """

    start: float = 0.6
    interrupt: float = 0.9
    judged: float = 0.65
    general: float = 0.99
    answered: float = 0.95
    margin: float = 0.2
    clarify: float = 0.2
    beside: float = 0.45
    alone: float = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowDecision:
    """flows: one to start, two or three to ask about, or none. confidence: of that decision."""

    kind: Literal["start", "clarify", "none"]
    flows: tuple[str, ...] = ()
    confidence: float = 0.0


def flow_chances(
    scores: FlowScores, ranked: Ranked | None, flows: Mapping[str, Flow], startable: Collection[str]
) -> tuple[tuple[str, float], ...]:
    """The probability of each flow that may start, best first: the mean of both judges where there are two."""
    if ranked is None:
        chances = dict(scores.flows)
    else:
        by_intent = _by_intent(ranked, flows)
        names = {name for name, _ in scores.flows} | set(by_intent)
        judges = 2 if scores.flows else 1
        chances = {name: (scores.of(name) + by_intent.get(name, 0.0)) / judges for name in names}
    kept = [(name, chance) for name, chance in chances.items() if name in startable]
    return tuple(sorted(kept, key=lambda item: (-item[1], item[0])))


_CODE_SHARE = 0.5  # of what speaks for anything else: whoever names an order speaks of business with that order
_MOST_VAGUE = 0.9


def with_code(
    chances: tuple[tuple[str, float], ...], scores: FlowScores, takers: Collection[str], least: float
) -> tuple[tuple[str, float], ...]:
    """The chances given that the message names something, such as an order number, that only `takers` ask for.

    What spoke for a mere subject falls away. A flow with less than `least` is not lifted: a code alone is no wish.
    """
    taken = sum(chance for name, chance in chances if name in takers)
    others = sum(chance for name, chance in chances if name not in takers)
    total = taken + _CODE_SHARE * (others + scores.question + scores.answer)
    shares = [(name, chance / total if name in takers and chance >= least else chance) for name, chance in chances]
    return tuple(sorted(shares, key=lambda item: (-item[1], item[0])))


def asked_of_own(chances: tuple[tuple[str, float], ...], vague: float) -> tuple[tuple[str, float], ...]:
    """The chances given that the message asks about the visitor's own: it names no mere subject, it wants something."""
    share = 1.0 - min(vague, _MOST_VAGUE)
    return tuple((name, chance / share) for name, chance in chances)


def _by_intent(ranked: Ranked, flows: Mapping[str, Flow]) -> dict[str, float]:
    """Flows by the intents that trigger them; an intent of a flow's own name is what its examples were trained as."""
    triggers = {trigger.intent: (flow.id, trigger) for flow in flows.values() for trigger in flow.nlu_trigger}
    chances: dict[str, float] = {}
    for intent, confidence in ranked.intents:
        chance = confidence * ranked.in_scope
        if intent in triggers and chance >= triggers[intent][1].confidence_threshold:
            chances[triggers[intent][0]] = chances.get(triggers[intent][0], 0.0) + chance
        elif intent in flows:
            chances[intent] = chances.get(intent, 0.0) + chance
    return chances


def decide_flow(
    chances: tuple[tuple[str, float], ...],
    *,
    is_general: bool,
    open_flow: str,
    sure: Thresholds,
    vague: float = 0.0,
) -> FlowDecision:
    """What the numbers say. vague: how probable it is that the message names a subject but no wish.

    The open flow itself is never begun again; beside it, another one is only asked about when it is likely.
    """
    if not chances or chances[0][0] == open_flow:
        return FlowDecision(kind="none", confidence=1.0 - chances[0][1] if chances else 1.0)
    best, chance = chances[0]
    second = chances[1][1] if len(chances) > 1 else 0.0
    is_vague = vague > chance
    if not is_vague:
        share = 1.0 - min(vague, 0.9)  # how likely it is, given that something is wanted
        chance, second = min(1.0, chance / share), min(1.0, second / share)
    needed = sure.general if is_general else sure.interrupt if open_flow else sure.start
    if chance >= needed and chance - second >= sure.margin and not is_vague:
        return FlowDecision(kind="start", flows=(best,), confidence=chance)
    if is_general or max(chance, vague) < sure.clarify:
        return FlowDecision(kind="none", confidence=1.0 - chance)
    if open_flow:
        return _beside(open_flow, best, chance, sure)
    near = [name for name, other in chances if other >= chances[0][1] / (8 if is_vague else 4)]
    kind: Literal["clarify", "none"] = "clarify" if len(near) > 1 or is_vague or chance >= sure.alone else "none"
    wanted = near if len(near) > 1 else [name for name, _ in chances]
    return FlowDecision(kind=kind, flows=tuple(wanted[:MAX_CLARIFIED]), confidence=max(chance, vague))


def _beside(open_flow: str, best: str, chance: float, sure: Thresholds) -> FlowDecision:
    if chance < sure.beside:
        return FlowDecision(kind="none", confidence=1.0 - chance)
    return FlowDecision(kind="clarify", flows=(best, open_flow), confidence=chance)
