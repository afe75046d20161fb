"""Finds what is wrong with rules that only the rest of the folder can tell: names that are not there, rules that can
never fire. In: rules, flows, domain, languages, intents. Out: (rule's place in the list, message) pairs. Runs nothing.
"""

from collections.abc import Collection, Mapping, Sequence

from chatwright.dialogue.domain import Domain
from chatwright.dialogue.extract import validate_slot
from chatwright.dialogue.flows.condition import parse_condition
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.rules.rule_settings import Rule, When, in_order
from chatwright.errors import ConfigError, nearest
from chatwright.messages import Language

Keys = tuple[str | int, ...]
Found = tuple[Keys, str]  # where in bot.yaml, and what


def check_rules(
    rules: Sequence[Rule],
    flows: Mapping[str, Flow],
    domain: Domain,
    languages: Sequence[Language],
    intents: Collection[str] = (),
) -> list[Found]:
    """Every problem, in the order of the rules."""
    own = [name for name in flows if not name.startswith("pattern_")]
    problems: list[Found] = []
    for place, rule in enumerate(rules):
        at: Keys = ("rules", place)
        problems += [(at + keys, f"rule {rule.id!r} {what}") for keys, what in _names(rule, own, domain, intents)]
        problems += [(at + keys, f"rule {rule.id!r} {what}") for keys, what in _texts(rule, languages)]
        if blocking := _blocked_by(rule, rules):
            problems.append((at, f"rule {rule.id!r} can never have an effect: {blocking}"))
    return problems


def _names(rule: Rule, flows: list[str], domain: Domain, intents: Collection[str]) -> list[Found]:
    """What the rule speaks of and the folder does not have."""
    known = list(domain.slots)
    problems: list[Found] = []
    if not flows and (rule.when.slots or rule.then.set_slots):
        problems.append(((), "speaks of slots, which only a bot with flows has."))
    for flow in rule.when.flow:
        if flow not in flows:
            problems.append((("when", "flow"), f"waits for flow {flow!r}, which is not there. {nearest(flow, flows)}"))
    start = rule.then.start_flow
    if start is not None and start not in flows:
        problems.append((("then", "start_flow"), f"starts flow {start!r}, which is not there. {nearest(start, flows)}"))
    if rule.then.stop_flow and not flows:
        problems.append((("then", "stop_flow"), "stops flows, of which the bot has none."))
    for intent in rule.when.intent:
        if intent not in intents:
            said = f"waits for intent {intent!r}, of which there are no examples. {nearest(intent, list(intents))}"
            problems.append((("when", "intent"), said))
    for name in parse_condition(rule.when.slots).slots if rule.when.slots else ():
        if name not in known:
            problems.append((("when", "slots"), f"looks at slot {name!r}, which is not there. {nearest(name, known)}"))
    for name, value in rule.then.set_slots.items():
        if problem := _slot_problem(name, value, domain):
            problems.append((("then", "set_slots", name), problem))
    return problems


def _slot_problem(name: str, value: object, domain: Domain) -> str:
    slot = domain.slots.get(name)
    if slot is None:
        return f"sets slot {name!r}, which is not there. {nearest(name, list(domain.slots))}"
    if value is None:
        return ""
    try:
        checked = validate_slot(slot, value)
    except ConfigError as err:
        return f"sets slot {name!r}: {err.message}"
    return "" if checked.is_valid else f"sets slot {name!r} to {value!r}, which it cannot be."


def _texts(rule: Rule, languages: Sequence[Language]) -> list[Found]:
    problems: list[Found] = []
    if rule.when.language is not None and rule.when.language not in languages:
        said = f"waits for language {rule.when.language!r}; the bot speaks {', '.join(languages)}."
        problems.append((("when", "language"), said))
    spoken = [rule.when.language] if rule.when.language else list(languages)
    for key in ("say", "answer_with"):
        texts = getattr(rule.then, key)
        missing = [language for language in spoken if texts and language not in texts]
        if missing:
            problems.append((("then", key), f"says nothing in {', '.join(missing)}; write `{key}` in every language."))
    return problems


def _blocked_by(rule: Rule, rules: Sequence[Rule]) -> str:
    """Why the rule can never fire: one before it holds whenever it does, and keeps it from firing."""
    for other in in_order(tuple(rules)):
        if other.id == rule.id:
            return ""
        if other.once or not _is_wider(other.when, rule.when):
            continue
        if rule.id in other.excludes:
            return f"{other.id!r} comes first, holds whenever it does, and excludes it."
        if other.then.decides and rule.then.decides and bool(other.when.outcome) == bool(rule.when.outcome):
            return f"{other.id!r} comes first, holds whenever it does, and decides the turn."
    return ""


def _is_wider(one: When, other: When) -> bool:
    """True when `one` holds whenever `other` does, as far as that can be seen without running them."""
    plain = ("matches", "slots", "language")
    if any(getattr(one, name) and getattr(one, name) != getattr(other, name) for name in plain):
        return False
    if one.turns_without_progress > other.turns_without_progress or set(one.but_not) - set(other.but_not):
        return False
    for name in ("says", "flow", "intent", "outcome"):
        mine, theirs = set(getattr(one, name)), set(getattr(other, name))
        if mine and (not theirs or theirs - mine):
            return False
    return bool(one.outcome) <= bool(other.outcome)
