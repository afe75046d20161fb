"""Responses: which wording, what stands in its places, what can not get in."""

from typing import Any

import pytest

from chatwright.dialogue.domain import Domain, Slot, Variant
from chatwright.dialogue.running.render import Filling, render_response
from chatwright.messages import Button, Language

SLOTS = {
    "day": Slot(name="day", format="date"),
    "sure": Slot(name="sure", type="bool"),
    "city": Slot(name="city", type="categorical", values=("bj",), labels={"bj": {"zh": ("北京",), "en": ("Beijing",)}}),
}


def said(
    *variants: Variant,
    language: Language = "en",
    seed: str = "",
    channel: str = "",
    context: dict[str, Any] | None = None,
    **slots: Any,
) -> Any:
    filling = Filling(slots=slots, language=language, seed=seed, channel=channel, context=context or {})
    return render_response(Domain(slots=SLOTS, responses={"utter_x": variants}), "utter_x", filling)


def text(en: str, zh: str = "", **more: Any) -> Variant:
    return Variant(text={"en": en, **({"zh": zh} if zh else {})}, **more)


@pytest.mark.parametrize(
    ("template", "slots", "expected"),
    [
        ("Hi {name}!", {"name": "Ann"}, "Hi Ann!"),
        ("{day}", {"day": "2026-11-25"}, "Wednesday 25 November 2026"),
        ("{day}", {"day": "soon"}, "soon"),
        ("{sure} {city}", {"sure": True, "city": "bj"}, "yes Beijing"),
        ("{cost}", {"cost": {"amount": "12.50", "currency": "CNY"}}, "CNY 12.50"),
        ("{things}", {"things": ["a", "b", "c"]}, "a, b and c"),
        ("{n} {m}", {"n": 3.0, "m": 2.5}, "3 2.5"),
        ("{a}", {"a": "{b}", "b": "secret"}, "{b}"),
        ("{a}", {"a": "{{ b }}"}, "{{ b }}"),
        ("{slots.a}", {"a": "x"}, "x"),
        ("{a", {"a": "x"}, "{a"),
        ("{ a } {} {1a} {a!r} {a:>9}", {"a": "x"}, "{ a } {} {1a} {a!r} {a:>9}"),
        ("{a.__class__}", {"a": "x"}, ""),
    ],
)  # fmt: skip
def test_places_are_filled_once(template: str, slots: dict[str, Any], expected: str) -> None:
    rendered = said(text(template), **slots)
    assert rendered.utterance.text == expected


def test_a_missing_value_is_empty_and_reported() -> None:
    rendered = said(text("Hi {name}, {name}{other}."))
    assert (rendered.utterance.text, rendered.missing) == ("Hi , .", ("name", "other"))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("zh", "2026年11月25日（周三） 是 北京 12.50 元 a、b"),
        ("en", "Wednesday 25 November 2026 yes Beijing CNY 12.50 a and b"),
    ],
)
def test_values_are_worded_in_the_language(language: Language, expected: str) -> None:
    variant = text("{day} {sure} {city} {cost} {things}", "{day} {sure} {city} {cost} {things}")
    slots = {
        "day": "2026-11-25",
        "sure": True,
        "city": "bj",
        "cost": {"amount": "12.50", "currency": "CNY"},
        "things": ["a", "b"],
    }
    assert said(variant, language=language, **slots).utterance.text == expected


def test_the_wording_of_the_visitors_language() -> None:
    variants = (text("only English"), text("Hello", "你好"))
    assert said(*variants, language="zh").utterance.text == "你好"
    assert said(text("only English"), language="zh").utterance.text == "only English"


def test_a_condition_that_holds_comes_first() -> None:
    variants = (
        text("any"), text("gold", condition=({"type": "slot", "name": "level", "value": "gold"},)), text("much", condition=({"type": "expression", "if": "slots.n > 5"},)),
    )  # fmt: skip
    assert said(*variants).utterance.text == "any"
    assert said(*variants, level="gold").utterance.text == "gold"
    assert said(*variants, n=6).utterance.text == "much"
    assert said(text("no", condition=({"type": "slot", "name": "a", "value": True},)), a=1) is None


def test_a_channels_own_wording_comes_first() -> None:
    variants = (text("any"), text("phone", channel="voice"))
    assert said(*variants).utterance.text == "any"
    assert said(*variants, channel="voice").utterance.text == "phone"


def test_among_equals_the_seed_decides_and_always_the_same() -> None:
    variants = [text(f"v{i}") for i in range(4)]
    chosen = [said(*variants, seed=str(i)).utterance.text for i in range(60)]
    assert chosen == [said(*variants, seed=str(i)).utterance.text for i in range(60)]
    assert set(chosen) == {"v0", "v1", "v2", "v3"}


def test_no_response() -> None:
    assert said() is None


def test_everything_else_is_filled_too() -> None:
    variant = text(
        "t", buttons={"en": (Button(title="Take {a}", payload="/SetSlots(x={a})"),)}, image="http://i/{a}", custom={"k": ["{a}", {"m": "{a}"}], "n": 1}, attachment={"u": "{a}"}
    )  # fmt: skip
    utterance = said(variant, a="v").utterance
    assert utterance.buttons == (Button(title="Take v", payload="/SetSlots(x=v)"),)
    assert (utterance.image, utterance.custom, utterance.attachment) == (
        "http://i/v",
        {"k": ["v", {"m": "v"}], "n": 1},
        {"u": "v"},
    )


@pytest.mark.parametrize("value", ["1, y=2", "1)", '{"a": 1}', "/restart", "a\n/b", "confirmed_action=true"])
def test_a_value_brings_no_command_into_a_payload(value: str) -> None:
    payload = (
        said(text("t", buttons={"en": (Button(title="b", payload="/SetSlots(x={a})"),)}), a=value)
        .utterance.buttons[0]
        .payload
    )
    inside = payload.removeprefix("/SetSlots(x=").removesuffix(")")
    assert not set(inside) & set("()=,{}\"'/\n")


JINJA = {"template": "jinja"}


@pytest.mark.parametrize(
    ("template", "slots", "expected"),
    [
        ("{% if slots.a %}yes{% else %}no{% endif %}", {"a": 1}, "yes"),
        ("{{ a }} {{ slots.b }} {{ missing }}.", {"a": "x", "b": "{{ a }}"}, "x {{ a }} ."),
        ("{% for i in things %}{{ i }};{% endfor %}", {"things": ["a", "b"]}, "a;b;"),
        ("{{ context.flow }}", {}, "f"),
        ("{{ a.__class__.__mro__ }}", {"a": "x"}, ""),
        ("{{ ''.__class__ }}", {}, ""),
        ("{% for i in range(9) %}x{% endfor %}", {}, ""),
        ("{{ 'x' * 999999999 }}", {}, ""),
        ("{{ 9 ** 999999999 }}", {}, ""),
        ("{{ '%999999999d' % 1 }}", {}, ""),
        ("{% broken", {}, ""),
        ("{{ 1 / 0 }}", {}, ""),
        ("{% set a = things.append('z') %}{{ things }}", {"things": ["a"]}, ""),
    ],
)  # fmt: skip
def test_jinja_runs_in_its_sandbox(template: str, slots: dict[str, Any], expected: str) -> None:
    rendered = said(text(template, metadata=JINJA), context={"flow": "f"}, **slots)
    assert rendered.utterance.text == expected


def test_jinja_ends() -> None:
    template = "{% for a in x %}{% for b in x %}{% for c in x %}xxxxxxxxxx{% endfor %}{% endfor %}{% endfor %}"
    assert len(said(text(template, metadata=JINJA), x=list(range(50))).utterance.text) == 8000
