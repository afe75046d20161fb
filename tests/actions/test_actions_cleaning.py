from collections import deque
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest

from chatwright.actions.cleaning import MAX_SLOTS, MAX_TEXT_CHARS, MAX_UTTERANCES, clean_result, clean_text
from chatwright.errors import ActionError
from chatwright.messages import ActionResult, Button, Utterance


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("已发货\nsent\tnow", "已发货\nsent\tnow"),
        ("a\x1b[31mred\x00\x07", "a[31mred"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("pay \u202etxt.exe\u202c", "pay txt.exe"),
        ("half \ud83d", "half "),
        ("👨‍👩‍👧 家", "👨‍👩‍👧 家"),
    ],
    ids=["plain", "escapes", "returns", "direction", "surrogate", "joined"],
)
def test_texts_lose_what_a_reader_cannot_see(text: str, clean: str) -> None:
    assert clean_text(text) == clean


def test_long_texts_are_cut_and_many_utterances_dropped() -> None:
    result = ActionResult(utterances=(Utterance(text="长" * 10_000),) * 30)
    cleaned = clean_result("act", result)
    assert len(cleaned.utterances) == MAX_UTTERANCES
    assert len(cleaned.utterances[0].text) == MAX_TEXT_CHARS
    assert cleaned.utterances[0].text.endswith("…")


def test_a_result_comes_out_as_json() -> None:
    result = ActionResult(
        slots={"day": date(2027, 1, 2), "sum": Decimal("9.50"), "tags": {"a"}, "x": ("\x00b",), "n": None, "t": True},
        utterances=(Utterance(buttons=(Button(title="是\x07", payload="/yes"),), custom={"k": {"\x01l": 1}}),),
        events=({"event": "followup", "name": "a\x00"},),
    )
    cleaned = clean_result("act", result)
    assert cleaned.slots == {"day": "2027-01-02", "sum": 9.5, "tags": ["a"], "x": ["b"], "n": None, "t": True}
    assert cleaned.utterances[0].buttons[0].title == "是"
    assert cleaned.utterances[0].custom == {"k": {"l": 1}}
    assert cleaned.events == ({"event": "followup", "name": "a"},)
    assert orjson.dumps(dict(cleaned.slots))


@pytest.mark.parametrize(
    "slots",
    [
        {f"s{n}": n for n in range(MAX_SLOTS + 1)},
        {"x": nested(40)},
        {"x": float("nan")},
        {"x": float("inf")},
        {"x": object()},
        {"x": deque()},
        {"x": b"bytes"},
        {"x": 10**30},
        {"x": ["长" * 8000] * 30},
        {"": 1},
        {7: 1},
        {"x": {7: 1}},
        {"n" * 300: 1},
    ],
    ids=lambda slots: f"{str(slots)[:24]}",
)
def test_values_that_are_not_small_json_are_a_bad_reply(slots: dict[Any, Any]) -> None:
    with pytest.raises(ActionError) as caught:
        clean_result("act", ActionResult(slots=slots))
    assert caught.value.code == "bad_reply"
    assert "'act'" in caught.value.message
