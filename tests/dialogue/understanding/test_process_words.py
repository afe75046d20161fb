"""The words of a process: what is done, what it asks for, and what stays a word of its own."""

from tests.dialogue.parcels import FLOWS, SLOTS

from chatwright.dialogue.understanding.process_words import process_words, slot_doing


def test_what_is_done_and_what_is_asked_for() -> None:
    words = process_words(FLOWS["return_parcel"], [SLOTS["order_id"], SLOTS["reason"]])
    assert {"return", "退货"} <= words.doing
    assert {"订单号"} <= words.things
    assert not words.doing & words.things
    assert not {"want", "我", "please"} & words.doing


def test_a_complaint_in_an_example_stays_one() -> None:
    flow = FLOWS["return_parcel"]
    words = process_words(type(flow)(**{**_fields(flow), "examples": ("I got the wrong one", "东西坏了 不能用")}), [])
    assert not [word for word in words.doing if word in ("wrong", "坏", "坏了", "不能用")]


def test_a_slot_names_what_is_done_when_it_is_yes() -> None:
    assert "call" in slot_doing(SLOTS["wants_call"]).doing


def _fields(flow: object) -> dict[str, object]:
    return {name: getattr(flow, name) for name in flow.__slots__ if hasattr(flow, name)}  # type: ignore[attr-defined]
