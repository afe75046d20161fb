"""The picture is well-formed, shows every step, and nothing that was written in a flow is markup in it."""

from xml.etree import ElementTree as ET

import pytest

from chatwright.dialogue.domain import Domain, Variant
from chatwright.dialogue.flows.flow import (
    END,
    ActionStep,
    Branch,
    CallStep,
    CollectStep,
    Flow,
    LinkStep,
    NoopStep,
    SetSlotsStep,
)
from chatwright.dialogue.flows.flow_picture import describe_step, draw_flow, wrap
from chatwright.messages import Language

SVG = "{http://www.w3.org/2000/svg}"


def to(target: str, condition: str | None = None) -> Branch:
    return Branch(condition=condition, target=target)


STEPS = [
    NoopStep(id="start", next=(to("ask", "slots.age >= 18 and slots.city = \"<b>\""), to(END))),
    CollectStep(id="ask", slot="amount", next=(to("look"),)),
    ActionStep(id="look", action="check_score", next=(to("say", "slots.score"), to("ask"),)),
    ActionStep(id="say", action="utter_done", next=(to("set"),)),
    SetSlotsStep(id="set", values=(("amount", None), ("x", "a & b")), next=(to("through"),)),
    CallStep(id="through", flow="details", next=(to("on"),)),
    LinkStep(id="on", flow="review", next=(to(END),)),
]  # fmt: skip
FLOW = Flow(
    id="loan",
    name="贷款 <script>alert(1)</script>",
    description="d",
    steps={step.id: step for step in STEPS},
    first="start",
)
DOMAIN = Domain(
    responses={
        "utter_ask_amount": (Variant(text={"zh": "您想借多少？", "en": "How much & when?"}),),
        "utter_done": (Variant(text={"en": "Done </text><script>"}),),
    }
)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["asks · amount", "How much & when?", "check_score", "amount = ∅, x = a & b", "details", "review", "otherwise", "end", "decides"]),
        ("zh", ["询问 · amount", "您想借多少？", "执行", "回复 · done", "Done </text><script>", "否则", "结束", "转到", "调用"]),
    ],
)  # fmt: skip
def test_every_step_is_shown_in_the_language(language: Language, words: list[str]) -> None:
    shown = texts(draw_flow(FLOW, DOMAIN, language=language))
    assert [word for word in words if word not in shown] == []


def test_is_told_to_those_who_do_not_see_and_follows_the_scheme() -> None:
    root = ET.fromstring(draw_flow(FLOW, DOMAIN))
    title, desc, style = (root.find(f"{SVG}{name}") for name in ("title", "desc", "style"))
    assert title is not None
    assert desc is not None
    assert style is not None
    assert title.text == FLOW.name
    assert "7 steps" in (desc.text or "")
    assert "How much" in (desc.text or "")
    assert "prefers-color-scheme:dark" in (style.text or "")
    assert root.get("role") == "img"
    assert list(root.iter(f"{SVG}script")) == []


def test_arrows_are_as_many_as_branches() -> None:
    root = ET.fromstring(draw_flow(FLOW))
    arrows = [path for path in root.iter(f"{SVG}path") if (path.get("class") or "").startswith("arrow")]
    assert len(arrows) == 1 + sum(len(step.next) for step in STEPS) - 1  # the start has one, the link goes nowhere here
    assert sum(path.get("class") == "arrow back" for path in arrows) == 1


def test_a_flow_with_a_broken_target_is_drawn_all_the_same() -> None:
    flow = Flow(id="f", description="f", steps={"a": NoopStep(id="a", next=(to("gone"),))}, first="a")
    assert "decides" in texts(draw_flow(flow))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ()),
        ("短", ("短",)),
        ("一二三四五六七八九十", ("一二三四五六七八", "九十")),
        ("一二三四五六七八，九十", ("一二三四五六七八，", "九十")),
        ("one two three four five", ("one two three", "four five")),
        ("a_very_long_name_of_it", ("a_very_long_", "name_of_it")),
        ("x" * 50, ("x" * 14, "x" * 14, "x" * 13 + "…")),
        ("一 two 三四 five 六七八九十一二", ("一 two 三四", "five 六七八九十", "一二")),
    ],
)
def test_lines(text: str, lines: tuple[str, ...]) -> None:
    assert wrap(text, 80, 10, 3) == lines


@pytest.mark.parametrize(("place", "told"), [(1, "asks amount"), (2, "does check_score"), (6, "goes on with review")])
def test_a_step_in_words(place: int, told: str) -> None:
    assert describe_step(STEPS[place]) == told
