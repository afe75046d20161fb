"""A message as an answer: the asked slot, others with it, changes, contradictions."""

from typing import Any

import pytest
from tests.dialogue.parcels import SLOTS, context

from chatwright.dialogue.commands import SetSlot
from chatwright.dialogue.understanding.slot_answers import read_answers

RETURN = [SLOTS[name] for name in ("order_id", "reason", "note")]
VISIT = [SLOTS[name] for name in ("visit_date", "wants_call")]


@pytest.mark.parametrize(
    ("text", "slots", "asked", "filled", "expected"),
    [
        ("AB123456", RETURN, "order_id", {}, [("order_id", "AB123456")]),
        ("AB123456, it is broken", RETURN, "order_id", {}, [("order_id", "AB123456"), ("reason", "damaged")]),
        ("订单号AB123456，坏了", RETURN, "order_id", {}, [("order_id", "AB123456"), ("reason", "damaged")]),
        ("on Friday", VISIT, "visit_date", {}, [("visit_date", "2026-11-27")]),
        ("yes", VISIT, "wants_call", {"visit_date": "2026-11-27"}, [("wants_call", True)]),
        ("不用了", VISIT, "wants_call", {"visit_date": "2026-11-27"}, [("wants_call", False)]),
        ("no, the order number is CD654321", RETURN, "reason", {"order_id": "AB123456"}, [("order_id", "CD654321")]),
        ("日期改成周六", VISIT, "wants_call", {"visit_date": "2026-11-27"}, [("visit_date", "2026-11-28")]),
        ("I want to change the order number", RETURN, "reason", {"order_id": "AB123456"}, [("order_id", None)]),
        ("AB123456", RETURN, "reason", {"order_id": "AB123456"}, []),
        ("and where is CD654321 now?", RETURN, "reason", {"order_id": "AB123456"}, []),
        ("CD654321 现在到哪了", RETURN, "reason", {"order_id": "AB123456"}, []),
        ("oh sorry, Saturday", VISIT, "wants_call", {"visit_date": "2026-11-27"}, [("visit_date", "2026-11-28")]),
        ("what a day", VISIT, "visit_date", {}, []),
        (
            "just leave it at the door",
            RETURN,
            "note",
            {"order_id": "AB123456"},
            [("note", "just leave it at the door")],
        ),
        ("hello", RETURN, "order_id", {}, []),
        ("AB123456，能不能快一点", RETURN, "order_id", {}, [("order_id", "AB123456")]),
        ("AB123456能不能快一点", RETURN, "order_id", {}, [("order_id", "AB123456")]),
        ("it's AB123456, how long will this take?", RETURN, "order_id", {}, [("order_id", "AB123456")]),
        ("why do you need that? AB123456", RETURN, "order_id", {}, [("order_id", "AB123456")]),
        ("AB123456 and how much is it?", RETURN, "order_id", {}, [("order_id", "AB123456")]),
        ("AB123456, thanks a lot", RETURN, "order_id", {}, [("order_id", "AB123456")]),
        ("谢谢，AB123456，你们真慢", RETURN, "order_id", {}, [("order_id", "AB123456")]),
        ("坏了，你们多久能处理？", RETURN, "reason", {"order_id": "AB123456"}, [("reason", "damaged")]),
        ("周五，你们几点开门？", VISIT, "visit_date", {}, [("visit_date", "2026-11-27")]),
        ("周五你们几点开门？", VISIT, "visit_date", {}, [("visit_date", "2026-11-27")]),
        ("yes please, when will you call?", VISIT, "wants_call", {}, [("wants_call", True)]),
        ("不用了，要多久？", VISIT, "wants_call", {}, [("wants_call", False)]),
        ("ok, how long does it take?", VISIT, "wants_call", {}, []),
        ("好，要多久？", VISIT, "wants_call", {}, []),
        ("the box came wet, how do I dry it?", RETURN, "note", {}, [("note", "the box came wet, how do I dry it?")]),
        ("等一下，退款要多久", RETURN, "note", {}, []),
        ("wait, where is CD654321?", RETURN, "reason", {"order_id": "AB123456"}, []),
        ("等等，帮我查一下CD654321发货没有", RETURN, "reason", {"order_id": "AB123456"}, []),
    ],
)
def test_answers(
    text: str, slots: list[Any], asked: str, filled: dict[str, Any], expected: list[tuple[str, Any]]
) -> None:
    language = "zh" if any(character >= "一" for character in text) else "en"
    answers = read_answers(text, context(language, asked=asked, slots=filled), slots)
    assert [(command.slot, command.value) for command in answers.commands] == expected
    assert answers.answers_asked is any(slot == asked for slot, _ in expected)


def test_two_values_are_two_commands() -> None:
    answers = read_answers("Friday or Saturday", context(asked="visit_date"), VISIT)
    assert answers.commands == (
        SetSlot(slot="visit_date", value="2026-11-27"),
        SetSlot(slot="visit_date", value="2026-11-28"),
    )
