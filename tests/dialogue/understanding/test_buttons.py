"""What buttons send, and what only looks like it."""

import pytest

from chatwright.dialogue.understanding.buttons import MAX_PAYLOAD_CHARS, Pressed, read_button


@pytest.mark.parametrize(
    ("text", "pressed"),
    [
        ("/SetSlots(order_id=A1)", Pressed(values={"order_id": "A1"})),
        ("/SetSlots(a=1, b = two words ,c=真)", Pressed(values={"a": "1", "b": "two words", "c": "真"})),
        ("/SetSlots(a=\"x, y\",b='z')", Pressed(values={"a": "x, y", "b": "z"})),
        ("/SetSlots(a=true,b=false,c=null)", Pressed(values={"a": True, "b": False, "c": None})),
        ("/SetSlots(a=yes:1f)", Pressed(values={"a": "yes:1f"})),
        ("/greet", Pressed(intent="greet")),
        ("/心情好", Pressed(intent="心情好")),
        ('/inform{"city": "Paris", "n": 2}', Pressed(intent="inform", values={"city": "Paris", "n": 2})),
        ('/inform{"nested": {"a": 1}, "city": "北京"}', Pressed(intent="inform", values={"city": "北京"})),
        ("/faq/ask_price", Pressed(intent="faq/ask_price")),
        ("  /greet  ", Pressed(intent="greet")),
    ],
)
def test_payloads(text: str, pressed: Pressed) -> None:
    assert read_button(text) == pressed


@pytest.mark.parametrize(
    "text",
    [
        "hello", "", "/", "and/or", "/SetSlots()", "/SetSlots(a)", "/SetSlots(=1)", "/SetSlots(a=1", '/inform{"a": }', '/inform[1]',
        "/greet now please", "/" + "a" * 200, "/SetSlots(" + "a=1," * MAX_PAYLOAD_CHARS + ")", "/SetSlots(a=(b)c=d)x",
    ],
)  # fmt: skip
def test_what_is_no_payload(text: str) -> None:
    assert read_button(text) is None
