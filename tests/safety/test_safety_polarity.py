"""Denials and limits."""

import pytest

from chatwright.language.fold import fold
from chatwright.language.quantities import find_quantities
from chatwright.safety.polarity import is_negated, is_question, limit_at, may_say


@pytest.mark.parametrize(
    ("clause", "is_denied"),
    [
        ("it cannot be returned", True), ("it can be returned", False), ("not only phones", False), ("no later than monday", False),
        ("we don't ship", True), ("it isn't free", True), ("without a box", True), ("except gift cards", True), ("never", True),
        ("not unavailable", False), ("a notebook", False), ("nonetheless", False),
        ("不能退货", True), ("可以退货", False), ("不超过30天", False), ("无线充电", False), ("七天无理由退货", False), ("不支持无线充电", True),
        ("能不能退", False), ("有没有货", False), ("没有货", True), ("未激活", True), ("未来", False), ("非常好", False), ("非质量问题", True),
        ("海外订单除外", True), ("特别说明", False), ("不仅可以", False), ("不得不", False), ("類別", False), ("請勿寄回", True),
    ],
)  # fmt: skip
def test_is_negated(clause: str, is_denied: bool) -> None:
    assert is_negated(fold(clause)) == is_denied


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("at least 7 days", "least"), ("up to 7 days", "most"), ("within 7 days", "within"), ("more than 7 days", "more"),
        ("7 days", None), ("7 days or more", "least"), ("至少 7 天", "least"), ("7 天以内", "within"), ("7天内", "within"),
        ("7天以上", "least"), ("不超过7天", "most"), ("超过7天", "more"), ("最多7天", "most"), ("满 99 元", "least"), ("不到7天", "less"),
        ("under 7 days", "less"), ("不少于7天", "least"),
    ],
)  # fmt: skip
def test_limit_at(text: str, limit: str | None) -> None:
    quantity = find_quantities(text)[0]
    assert limit_at(fold(text), quantity.start, quantity.end) == limit


def test_who_may_rest_on_whom() -> None:
    assert may_say("within", "most")
    assert may_say("within", None)
    assert not may_say("least", None)
    assert not may_say(None, "more")
    assert not may_say("most", "least")


@pytest.mark.parametrize(
    ("text", "asks"),
    [("Can I?", True), ("能退吗", True), ("怎么查物流", True), ("It can.", False), ("可以退。", False)],
)
def test_is_question(text: str, asks: bool) -> None:
    assert is_question(text) == asks
