"""Processes called by their plain names, and messages that only talk about one."""

import pytest
from tests.dialogue.parcels import make_flow

from chatwright.dialogue.flows.flow_names import NamedFlow
from chatwright.dialogue.understanding.named_wishes import NamedWish, NamedWishes, turns_aside


def _named(name: str, zh: str, en: str, *examples: str) -> NamedFlow:
    flow = make_flow(name, ["note"])
    return NamedFlow(
        id=name,
        description="",
        steps=flow.steps,
        first=flow.first,
        name=zh,
        names={"zh": zh, "en": en},
        examples=examples,
    )


NAMED = NamedWishes(
    [
        _named("refund", "退款", "refund", "I want my money back", "我要退款"),
        _named("claim", "理赔", "insurance claim", "I would like to file an insurance claim", "价格太高，我要理赔"),
    ]
)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Refund please: order 4711 never came.", NamedWish(flow="refund", told="order 4711 never came.")),
        ("refund", NamedWish(flow="refund", is_whole=True)),
        ("我想申请退款", NamedWish(flow="refund", is_whole=True)),
        ("我要做个refund", NamedWish(flow="refund", is_whole=True)),
        ("我要理赔：车被刮了", NamedWish(flow="claim", told="车被刮了")),
        ("我要理赔，车在地库被刮花了，帮我登记理赔", NamedWish(flow="claim", told="车在地库被刮花了，")),
        ("make an insurance claim, now", NamedWish(flow="claim", is_whole=True)),
        ("退款吗", None),
        ("a refund?", None),
        ("refund policy", None),
        ("价格太高", None),
        ("你们不给我退款", None),
        ("退款，理赔", None),
        ("refund " * 200, None),
    ],
)  # fmt: skip
def test_names(text: str, wish: NamedWish | None) -> None:
    assert NAMED.find(text) == wish


@pytest.mark.parametrize(
    ("text", "is_talk"),
    [
        ("right, on with the refund", True),
        ("please carry on", True),
        ("那接着办退款吧", True),
        ("可以，确认提交", True),
        ("the refund never came", False),
        ("退款没到账", False),
        ("shall we go on?", False),
        ("", False),
    ],
)  # fmt: skip
def test_talk_of_a_process(text: str, is_talk: bool) -> None:
    assert NAMED.is_talk(text, "refund") is is_talk


@pytest.mark.parametrize(
    ("text", "is_aside"),
    [("hang on, is it open?", True), ("在这之前先问个事", True), ("先生您好", False), ("it is open", False)],
)
def test_asides(text: str, is_aside: bool) -> None:
    assert turns_aside(text) is is_aside
