"""Chooses the rules that fire: which hold, in order of priority, without those that a fired one excludes.

In: the rules once, then the Moment of a turn. Out: Fired rules with what made each hold, and those that were left out
with the reason, for the record of the turn. The same moment fires the same rules. Carries nothing out.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatwright.dialogue.flows.condition import Condition, parse_condition
from chatwright.dialogue.rules.nearness import NearnessIndex
from chatwright.dialogue.rules.phrases import PhraseFinder
from chatwright.dialogue.rules.rule_settings import Rule, compile_pattern, in_order
from chatwright.messages import Language, Outcome

LEAST_INTENT = 0.5
MAX_MATCHED_CHARS = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What rules look at. text: "" for a pressed button. flows: the open ones. intents: (intent, probability).

    fired: rules that have fired in this conversation before; in_turn: in this turn. outcome: of the answer, None before
    there is one; rules that wait for it, and for slots that the turn sets, are looked at again then.
    """

    text: str
    language: Language
    slots: Mapping[str, Any] = field(default_factory=dict)
    flows: tuple[str, ...] = ()
    intents: tuple[tuple[str, float], ...] = ()
    num_stuck: int = 0
    fired: frozenset[str] = frozenset()
    in_turn: tuple[str, ...] = ()
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A rule that fired, and why: one entry for each of its conditions."""

    rule: Rule
    because: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """fired: in order. left_out: (rule, reason) of those that held and did not fire."""

    fired: tuple[Fired, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    def record(self) -> dict[str, Any]:
        """JSON for the record of the turn; empty when no rule held."""
        facts: dict[str, Any] = {}
        if self.fired:
            facts["rules"] = [{"id": each.rule.id, "because": dict(each.because)} for each in self.fired]
        if self.left_out:
            facts["rules_left_out"] = [{"id": rule, "because": reason} for rule, reason in self.left_out]
        return facts


@dataclass(frozen=True, slots=True)
class _Ready:
    """A rule with what its conditions were compiled into."""

    rule: Rule
    says: PhraseFinder
    but_not: PhraseFinder
    pattern: Any
    condition: Condition | None


class RuleBook:
    """The rules of one bot. nearness: None matches `says` by its words only."""

    def __init__(self, rules: Sequence[Rule], nearness: NearnessIndex | None = None) -> None:
        self._rules = [_ready(rule) for rule in in_order(tuple(rules))]
        self._nearness = nearness

    def __bool__(self) -> bool:
        return bool(self._rules)

    @property
    def reads_intents(self) -> bool:
        return any(ready.rule.when.intent for ready in self._rules)

    async def choose(self, moment: Moment) -> Choice:
        """The rules that fire at this moment; before there is an outcome, those that do not wait for one."""
        waiting = [ready for ready in self._rules if _is_due(ready.rule, moment)]
        near: Mapping[str, float] = {}
        if self._nearness and moment.text and any(ready.rule.when.says for ready in waiting):
            near = await asyncio.to_thread(self._nearness.near, moment.text)
        holding = [(ready.rule, because) for ready in waiting if (because := _holds(ready, moment, near)) is not None]
        before = [ready.rule for ready in self._rules if ready.rule.id in moment.in_turn]
        return _chosen(holding, moment, before)


def _is_due(rule: Rule, moment: Moment) -> bool:
    if moment.outcome is None:
        return not rule.when.outcome
    # What the turn has filled in is known only now; a rule about nothing else had its chance before.
    return bool(rule.when.outcome or rule.when.slots)


def _chosen(holding: Sequence[tuple[Rule, Mapping[str, Any]]], moment: Moment, before: Sequence[Rule]) -> Choice:
    """before: the rules that have fired in this turn already."""
    fired: list[Fired] = []
    left_out: list[tuple[str, str]] = []
    excluded = {other: rule.id for rule in before for other in rule.excludes}
    is_decided = any(rule.then.decides for rule in before)
    by = next((rule.id for rule in before if rule.then.decides or rule.then.moves), "")
    for rule, because in holding:
        if rule.id in moment.in_turn:
            continue
        if rule.once and rule.id in moment.fired:
            left_out.append((rule.id, "once a conversation, and it has fired before"))
        elif rule.id in excluded:
            left_out.append((rule.id, f"excluded by {excluded[rule.id]}"))
        elif by and (rule.then.decides or (rule.then.moves and is_decided)):
            left_out.append((rule.id, f"{by} has decided the turn"))
        else:
            fired.append(Fired(rule=rule, because=because))
            excluded |= dict.fromkeys(rule.excludes, rule.id)
            if rule.then.decides or rule.then.moves:
                by, is_decided = by or rule.id, is_decided or rule.then.decides
    return Choice(fired=tuple(fired), left_out=tuple(left_out))


def _ready(rule: Rule) -> _Ready:
    return _Ready(
        rule,
        PhraseFinder(rule.when.says),
        PhraseFinder(rule.when.but_not),
        compile_pattern(rule.when.matches) if rule.when.matches else None,
        parse_condition(rule.when.slots) if rule.when.slots else None,
    )


def _holds(ready: _Ready, moment: Moment, near: Mapping[str, float]) -> Mapping[str, Any] | None:
    """Why the rule holds, None when it does not. Cheap conditions first."""
    when = ready.rule.when
    because: dict[str, Any] = {}
    if when.language is not None and when.language != moment.language:
        return None
    if when.outcome and moment.outcome not in when.outcome:
        return None
    if when.flow and not set(when.flow) & set(moment.flows):
        return None
    if moment.num_stuck < when.turns_without_progress:
        return None
    if ready.condition is not None and not ready.condition.holds(moment.slots):
        return None
    for name in ("language", "outcome", "slots", "turns_without_progress"):
        if value := getattr(when, name):
            because[name] = moment.outcome if name == "outcome" else value
    if when.flow:
        because["flow"] = next(flow for flow in moment.flows if flow in when.flow)
    if when.intent:
        found = next(((name, p) for name, p in moment.intents if name in when.intent and p >= LEAST_INTENT), None)
        if found is None:
            return None
        because["intent"] = [found[0], round(found[1], 3)]
    if ready.pattern is not None:
        text = moment.text[:MAX_MATCHED_CHARS]
        if not text or not ready.pattern.is_valid(text):
            return None
        because["matches"] = when.matches
    return _says(ready, moment, near, because) if when.says else because


def _says(
    ready: _Ready, moment: Moment, near: Mapping[str, float], because: dict[str, Any]
) -> Mapping[str, Any] | None:
    when = ready.rule.when
    if not moment.text or ready.but_not.find(moment.text):
        return None
    if word := ready.says.find(moment.text):
        return because | {"says": word, "by": "words"}
    best = max(((near.get(phrase, -1.0), phrase) for phrase in when.says), default=(-1.0, ""))
    against = max((near.get(phrase, -1.0) for phrase in when.but_not), default=-1.0)
    if best[0] < 0 or against >= best[0]:
        return None
    return because | {"says": best[1], "by": "meaning", "nearness": round(best[0], 3)}
