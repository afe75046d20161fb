"""The `rules:` section of bot.yaml: when a rule holds, and what the bot then does. Values, checked each by itself.

All conditions of `when` must hold. Unknown keys are refused; so are a rule without condition or effect, a pattern that
does not compile in linear time, a condition that does not parse, and an order of exclusion that cannot be. What refers
to flows, slots and intents is checked against the folder by `rule_check.py`.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import jsonschema_rs
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from chatwright.dialogue.flows.condition import parse_condition
from chatwright.errors import ConfigError, nearest
from chatwright.messages import Language, Outcome

MAX_RULES = 200
MAX_PHRASES = 100
Phrase = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\w")]
Name = Annotated[str, Field(pattern=r"^[^\s{}()\"']{1,100}$")]
Localized = dict[Language, Annotated[str, Field(min_length=1, max_length=2000)]]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class When(_Section):
    """The conditions, of which all that are given must hold.

    says: words or examples of what visitors say; but_not: what looks like it and is not meant. matches: a pattern found
    in the message. slots: a condition in the flows' language. flow: one that is open. turns_without_progress: at least
    so many turns in a row, this one not counted, got no answer. outcome: of this turn, looked at when it is answered.
    """

    says: tuple[Phrase, ...] = Field((), max_length=MAX_PHRASES)
    but_not: tuple[Phrase, ...] = Field((), max_length=MAX_PHRASES)
    matches: str = Field("", max_length=500)
    slots: str = ""
    flow: tuple[Name, ...] = ()
    intent: tuple[Name, ...] = ()
    language: Language | None = None
    outcome: tuple[Outcome, ...] = ()
    turns_without_progress: int = Field(0, ge=0, le=50)

    _listed = field_validator("flow", "intent", "outcome", mode="before")(_as_tuple)

    @field_validator("says", "but_not", mode="before")
    @classmethod
    def _of_both_languages(cls, value: Any) -> Any:
        """A list, or lists by language: which of the two a phrase is in can be seen from it."""
        if isinstance(value, Mapping):
            unknown = sorted(set(value) - {"zh", "en"})
            if unknown:
                raise ValueError(f"unknown language {unknown[0]!r}; known are zh, en")
            lists = [_as_tuple(phrases) for phrases in value.values()]
            if not all(isinstance(phrases, list | tuple) for phrases in lists):
                raise ValueError("each language has a list of phrases")
            return tuple(phrase for phrases in lists for phrase in phrases)
        return _as_tuple(value)

    @field_validator("matches")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        if pattern:
            compile_pattern(pattern)
        return pattern

    @field_validator("slots")
    @classmethod
    def _parses(cls, condition: str) -> str:
        try:
            return condition if not condition or parse_condition(condition) else ""
        except ConfigError as err:
            raise ValueError(err.message) from err

    @model_validator(mode="after")
    def _says_something(self) -> "When":
        if not any(getattr(self, name) for name in self.model_fields_set):
            raise ValueError("a rule needs at least one condition, for example `says: [lawyer, 律师]`")
        if self.but_not and not self.says:
            raise ValueError("`but_not` narrows `says`, which is not given")
        return self


class Then(_Section):
    """What happens. say: said beside the turn's answer. One at most decides the turn alone: hand_over, refuse, and
    answer_with, whose text stands for the answer. The others are done in the order stop, set, start."""

    say: Localized = Field(default_factory=dict)
    hand_over: bool = False
    refuse: bool = False
    answer_with: Localized = Field(default_factory=dict)
    start_flow: Name | None = None
    stop_flow: bool = False
    set_slots: dict[Name, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _does_something(self) -> "Then":
        deciding = [name for name in ("hand_over", "refuse", "answer_with") if getattr(self, name)]
        if len(deciding) > 1:
            raise ValueError(f"{deciding[0]} and {deciding[1]} cannot both be the turn's answer; write two rules")
        if deciding and self.moves:
            raise ValueError(f"{deciding[0]} leaves flows as they are; take out start_flow and stop_flow")
        if not any(getattr(self, name) for name in self.model_fields_set):
            raise ValueError("a rule needs an effect, for example `hand_over: true`")
        return self

    @property
    def decides(self) -> bool:
        """True when the turn needs nothing else."""
        return self.hand_over or self.refuse or bool(self.answer_with)

    @property
    def moves(self) -> bool:
        """True when flows begin or end."""
        return bool(self.start_flow or self.stop_flow)


class Rule(_Section):
    """priority: higher first; among equals the order in which they are written. excludes: rules that do not fire in a
    turn in which this one does. once: once a conversation."""

    id: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,62}$")
    when: When
    then: Then
    priority: int = Field(0, ge=-1000, le=1000)
    excludes: tuple[str, ...] = ()
    once: bool = False

    _listed = field_validator("excludes", mode="before")(_as_tuple)


def compile_pattern(pattern: str) -> Any:
    """A matcher in linear time. Raises ValueError for look-around and back-references, which have none."""
    try:
        return jsonschema_rs.validator_for(
            {"type": "string", "pattern": pattern}, pattern_options=jsonschema_rs.RegexOptions()
        )
    except (ValueError, TypeError) as err:
        raise ValueError("not a pattern that can be matched in linear time (no look-around, no \\1)") from err


def order_problems(rules: tuple[Rule, ...]) -> list[tuple[int, str]]:
    """What is wrong with ids, exclusions and their order: (the rule's place in the list, what)."""
    ids = [rule.id for rule in rules]
    problems: list[tuple[int, str]] = []
    for place, rule in enumerate(rules):
        if rule.id in ids[:place]:
            problems.append((place, f"two rules are called {rule.id!r}; rename one."))
        for other in rule.excludes:
            if other not in ids:
                problems.append(
                    (place, f"rule {rule.id!r} excludes {other!r}, which is not there. {nearest(other, ids)}")
                )
    return problems or _cycles(rules) or _late_exclusions(rules)


def _cycles(rules: tuple[Rule, ...]) -> list[tuple[int, str]]:
    by_id = {rule.id: rule for rule in rules}
    for place, rule in enumerate(rules):
        if cycle := _cycle(rule.id, by_id):
            way = " → ".join(cycle)
            return [(place, f"rules exclude each other in a circle: {way}; take one `excludes` out.")]
    return []


def _late_exclusions(rules: tuple[Rule, ...]) -> list[tuple[int, str]]:
    order = [rule.id for rule in in_order(rules)]
    return [
        (place, f"rule {rule.id!r} excludes {other!r}, which comes first; give {rule.id!r} a higher priority.")
        for place, rule in enumerate(rules)
        for other in rule.excludes
        if order.index(other) < order.index(rule.id)
    ]


def in_order(rules: tuple[Rule, ...]) -> list[Rule]:
    """By priority, then as written."""
    return sorted(rules, key=lambda rule: -rule.priority)


def _cycle(start: str, by_id: Mapping[str, Rule]) -> list[str]:
    """The way from a rule over exclusions back to itself; empty when there is none."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for other in by_id[way[-1]].excludes:
            if other == start:
                return [*way, start]
            if other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return []
