"""Which rules fire: every condition, the order, exclusions, once, and what is recorded of it."""

import asyncio
import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatwright.dialogue.rules.rule_settings import Rule, order_problems
from chatwright.dialogue.rules.rulebook import Choice, Moment, RuleBook

SAY = {"say": {"zh": "好", "en": "ok"}}


def rule(name: str, when: dict[str, Any], then: dict[str, Any] | None = None, **more: Any) -> Rule:
    return Rule.model_validate({"id": name, "when": when, "then": then or SAY, **more})


def choose(rules: list[Rule], **moment: Any) -> Choice:
    return asyncio.run(RuleBook(rules).choose(Moment(**{"text": "hello", "language": "en", **moment})))


def fired(rules: list[Rule], **moment: Any) -> list[str]:
    return [each.rule.id for each in choose(rules, **moment).fired]


@pytest.mark.parametrize(
    ("when", "yes", "no"),
    [
        ({"says": ["lawyer", "律师"]}, {"text": "my lawyer"}, {"text": "my flower"}),
        ({"says": {"zh": ["律师"], "en": "lawyer"}}, {"text": "我的律师"}, {"text": ""}),
        ({"says": ["lawyer"], "but_not": ["my lawyer friend"]}, {"text": "my lawyer"}, {"text": "ask my lawyer friend"}),
        ({"matches": "(?i)\\blm[0-9]{6}\\b"}, {"text": "it is LM123456"}, {"text": "LM1234567"}),
        ({"slots": "slots.amount > 500"}, {"slots": {"amount": 501}}, {"slots": {"amount": "none"}}),
        ({"flow": "ret"}, {"flows": ("other", "ret")}, {"flows": ("other",)}),
        ({"flow": ["ret", "buy"]}, {"flows": ("buy",)}, {}),
        ({"intent": "angry"}, {"intents": (("angry", 0.7),)}, {"intents": (("angry", 0.4), ("calm", 0.6))}),
        ({"language": "zh"}, {"language": "zh"}, {"language": "en"}),
        ({"turns_without_progress": 2}, {"num_stuck": 2}, {"num_stuck": 1}),
        ({"outcome": "abstained"}, {"outcome": "abstained"}, {"outcome": "answered"}),
        ({"outcome": ["abstained", "refused"]}, {"outcome": "refused"}, {}),
        ({"says": ["lawyer"], "language": "en"}, {"text": "lawyer"}, {"text": "lawyer", "language": "zh"}),
    ],
)  # fmt: skip
def test_each_condition(when: dict[str, Any], yes: dict[str, Any], no: dict[str, Any]) -> None:
    assert fired([rule("a", when)], **yes) == ["a"]
    assert fired([rule("a", when)], **no) == []


def test_several_rules_fire_by_priority_then_as_written() -> None:
    rules = [rule("a", {"language": "en"}), rule("b", {"language": "en"}, priority=5), rule("c", {"language": "en"})]
    assert fired(rules) == ["b", "a", "c"]


def test_a_fired_rule_excludes_others_and_the_record_says_so() -> None:
    rules = [rule("a", {"language": "en"}, excludes="b"), rule("b", {"language": "en"}), rule("c", {"language": "en"})]
    choice = choose(rules)
    assert [each.rule.id for each in choice.fired] == ["a", "c"]
    assert choice.record() == {
        "rules": [{"id": "a", "because": {"language": "en"}}, {"id": "c", "because": {"language": "en"}}],
        "rules_left_out": [{"id": "b", "because": "excluded by a"}],
    }
    assert fired(rules, language="zh") == []
    assert Choice().record() == {}


def test_one_rule_decides_a_turn() -> None:
    rules = [
        rule("start", {"language": "en"}, {"start_flow": "f"}),
        rule("person", {"language": "en"}, {"hand_over": True}, priority=1),
        rule("no", {"language": "en"}, {"refuse": True}),
        rule("said", {"language": "en"}),
    ]
    assert fired(rules) == ["person", "said"]
    assert dict(choose(rules).left_out) == dict.fromkeys(("start", "no"), "person has decided the turn")


def test_two_flows_may_be_begun_but_nothing_decides_after_that() -> None:
    rules = [
        rule("one", {"language": "en"}, {"start_flow": "f"}, priority=2),
        rule("two", {"language": "en"}, {"start_flow": "g"}, priority=1),
        rule("no", {"language": "en"}, {"refuse": True}),
    ]
    assert fired(rules) == ["one", "two"]


def test_once_is_once_a_conversation() -> None:
    rules = [rule("a", {"language": "en"}, once=True)]
    assert fired(rules) == ["a"]
    assert fired(rules, fired=frozenset({"a"})) == []


def test_what_fired_before_the_answer_counts_after_it() -> None:
    rules = [
        rule("a", {"language": "en"}, {"hand_over": True}, excludes="b"),
        rule("b", {"outcome": "handed_over"}),
        rule("c", {"outcome": "handed_over"}, {"refuse": True}),
        rule("d", {"outcome": "handed_over"}),
    ]
    assert fired(rules, outcome="handed_over", in_turn=("a",)) == ["d"]


def test_a_rule_about_slots_is_looked_at_again_when_the_turn_has_filled_them() -> None:
    rules = [rule("big", {"slots": "slots.amount > 500"}), rule("en", {"language": "en"})]
    assert fired(rules) == ["en"]
    assert fired(rules, outcome="flow", slots={"amount": 600}) == ["big"]


@given(st.permutations(range(4)), st.lists(st.integers(-2, 2), min_size=4, max_size=4))
@settings(max_examples=60, deadline=None)
def test_the_order_is_that_of_priorities_whatever_the_file_says(order: list[int], priorities: list[int]) -> None:
    rules = [rule(f"r{i}", {"language": "en"}, priority=priorities[i]) for i in order]
    names = fired(rules)
    assert names == fired(rules)
    ranks = [priorities[int(name[1])] for name in names]
    assert ranks == sorted(ranks, reverse=True)
    for one, other in itertools.pairwise(names):
        if priorities[int(one[1])] == priorities[int(other[1])]:
            assert order.index(int(one[1])) < order.index(int(other[1]))


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([rule("a", {"language": "en"}), rule("a", {"language": "en"})], "two rules are called 'a'"),
        ([rule("a", {"language": "en"}, excludes="bb"), rule("b", {"language": "en"})], "excludes 'bb', which is not there"),
        ([rule("a", {"language": "en"}, excludes="b"), rule("b", {"language": "en"}, excludes="a")], "circle: a → b → a"),
        ([rule("a", {"language": "en"}, excludes="a")], "circle: a → a"),
        ([rule("a", {"language": "en"}, excludes="b"), rule("b", {"language": "en"}, priority=1)], "comes first"),
        ([rule("a", {"language": "en"}, excludes="b"), rule("b", {"language": "en"})], None),
    ],
)  # fmt: skip
def test_an_order_that_cannot_be(rules: list[Rule], said: str | None) -> None:
    problems = order_problems(tuple(rules))
    assert (said in problems[0][1]) if said else problems == []
