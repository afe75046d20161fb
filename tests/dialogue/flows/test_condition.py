"""Conditions of flows: what holds, what does not, what is refused where."""

import pytest

from chatwright.dialogue.flows.condition import MAX_CONDITION_CHARS, parse_condition
from chatwright.errors import ConfigError

SLOTS = {
    "amount": 500, "rate": 2.5, "city": "Paris", "城市": "上海", "empty_text": "", "yes": True, "no": False, "items": ["a", "b"],
    "nothing": None, "refund": {"amount": "12.50", "currency": "CNY"}, "day": "2026-11-25", "code": "AB123456", "zero": 0,
    "return_value": "ok", "quoted": 'say "hi"',
}  # fmt: skip
CONTEXT = {"flow": {"name": "return_parcel"}, "names": ["a", "b"], "reason": "error"}

HOLDS = [
    "slots.amount = 500", "slots.amount == 500", "amount is 500", "slots.amount is not 501", "slots.amount != 501", "slots.amount >= 500",
    "slots.amount <= 500.0", "slots.rate > 2", "slots.rate < 3 and slots.amount > 1", "slots.city = 'Paris'", 'slots.city is "Paris"',
    "slots.城市 = '上海'", "城市 is \"上海\"", "slots.yes", "not slots.no", "slots.yes is true", "slots.no = False", "slots.missing is null",
    "slots.nothing is null", "slots.amount is not null", "slots.missing is undefined", "slots.empty_text is empty", "slots.missing is empty",
    "slots.city is not empty", "slots.items contains 'a'", "slots.city contains 'ari'", '{"Paris" "Rome"} contains slots.city',
    '{"Paris", "Rome"} contains city', "slots.city in ['Paris', 'Rome']", "slots.city not in ['Rome']", "slots.items not contains 'c'",
    "not (slots.items contains 'c')", "slots.code matches '^[A-Z]{2}[0-9]{6}$'", "slots.code matches \"^\\w+$\"", "slots.城市 matches '^上'",
    "slots.amount matches '^5'", "context.flow.name = 'return_parcel'", "context.names contains 'b'", "context.missing.deep is null",
    "slots.yes and slots.no or slots.yes", "slots.no and (slots.no or slots.yes) or slots.yes", "not slots.no and slots.yes",
    "(slots.amount > 1 and (city = 'x' or city = 'Paris'))", "slots.refund > 12", "slots.refund = 12.5", "slots.day < '2026-12-01'",
    "slots.amount > -1", "NOT slots.no AND slots.yes", "slots.yes && !slots.no", "slots.no || slots.yes", "slots.quoted = \"say \\\"hi\\\"\"",
    "slots.amount <> 3", "slots.refund.currency = 'CNY'", "true", "slots.missing != 'a'", "slots.zero = 0", "not slots.zero",
]  # fmt: skip
FAILS = [
    "slots.amount = '500'", "slots.amount < 'x'", "slots.missing > 1", "slots.missing < 1", "slots.yes = 1", "slots.no = 0", "slots.yes > 0",
    "slots.city > 5", "slots.items > 1", "slots.missing", "slots.empty_text", "slots.city = Paris", "slots.city matches 'rome'",
    "slots.items matches 'a'", "slots.missing matches '.*'", "slots.amount contains 5", "slots.missing contains 'a'", "slots.city in slots.missing",
    "slots.amount in [501, 502]", "false", "null", "slots.no or slots.missing", "slots.yes and slots.missing", "slots.city.name = 'Paris'",
    "context.reason.deep = 'error'", "slots.nothing >= null", "slots.yes matches 'True'", "slots.zero is empty", "slots.zero is null",
]  # fmt: skip


@pytest.mark.parametrize("text", HOLDS)
def test_holds(text: str) -> None:
    assert parse_condition(text).holds(SLOTS, CONTEXT) is True


@pytest.mark.parametrize("text", FAILS)
def test_does_not_hold(text: str) -> None:
    assert parse_condition(text).holds(SLOTS, CONTEXT) is False


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", 1), ("slots.a >", 10), ("slots.a > > 1", 11), ("(slots.a", 9), ("slots.a)", 8), ("slots.a = 'x", 11), ("and slots.a", 1),
        ("slots.a slots.b", 9), ("slots.a ; slots.b", 9), ("slots.a matches b", 17), ("slots.a matches '('", 17), ("slots.a matches '(?!x)y'", 17),
        ("not", 4), ("slots.a is", 11), ("[1, 2", 6), ("slots.a not 5", 13), ("slots.a in", 11), ("__import__('os')", 11), ("slots.a + 1", 9),
        ("你好，", 3), ("slots.a = 1 or", 15), ("slots.a is not", 15),
    ],
)  # fmt: skip
def test_what_does_not_parse_is_named_with_its_column(text: str, column: int) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_condition(text)
    assert caught.value.code == "condition_invalid"
    assert f"column {column}." in str(caught.value)


def test_the_names_are_those_it_looks_at() -> None:
    condition = parse_condition("slots.a > 1 and (b = 'c' or not context.d.e) and slots.a < 5 and x in ['y']")
    assert (condition.slots, condition.context) == (("a", "b", "x"), ("d",))


@pytest.mark.parametrize(
    "text",
    ["(" * 200 + "a" + ")" * 200, "[" * 1500, "not " * 200 + "a", "a or " * MAX_CONDITION_CHARS + "a"],
    ids=["deep", "sets", "nots", "long"],
)
def test_too_much_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_condition(text)


def test_a_pattern_cannot_take_for_ever() -> None:
    condition = parse_condition("slots.a matches '^(a+)+$'")
    assert not condition.holds({"a": "a" * 3000 + "b"})  # backtracking would take longer than the universe has lasted
    assert not condition.holds({"a": "a" * 5000})  # longer than what is matched at all


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        0,
        3.5,
        True,
        [],
        {},
        {"amount": "x", "currency": ""},
        {"amount": None, "currency": 1},
        [[1]],
        "x" * 9999,
    ],
)
@pytest.mark.parametrize(
    "text",
    ["a > 1", "a = 'b'", "a contains a", "a in a", "a matches 'x'", "a.b.c < a", "not a", "a is empty", "a != [1]"],
)
def test_no_value_makes_it_raise(text: str, value: object) -> None:
    assert isinstance(parse_condition(text).holds({"a": value}, {}), bool)
