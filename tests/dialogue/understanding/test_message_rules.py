"""What rules alone decide: buttons, yes and no to a confirmation, wishes, small talk, the choice among flows."""

from typing import Any

import pytest
from tests.dialogue.parcels import FLOWS, SLOTS, context

from chatwright.dialogue.commands import (
    CancelFlow,
    CannotHandle,
    ChitChat,
    Command,
    HumanHandoff,
    RepeatMessages,
    Restart,
    SearchAndReply,
    SetSlot,
    SkipQuestion,
    StartFlow,
)
from chatwright.dialogue.understanding.buttons import Pressed
from chatwright.dialogue.understanding.message_rules import read_pressed, read_rules
from chatwright.dialogue.understanding.slot_answers import read_answers

YES, NO = SetSlot(slot="go", value=True), SetSlot(slot="go", value=False)
LATER = CannotHandle(reason="waits", doubt="aside")
OPEN = {"open_flow": "return_parcel", "asked": "order_id"}
CALL = {"open_flow": "book_visit", "asked": "wants_call"}
REASON = {"open_flow": "return_parcel", "asked": "reason"}
CONFIRMING = {"open_flow": "book_visit", "asked": "go", "confirmation": "go", "slots": {"visit_date": "2026-11-27"}}


def decide(text: str, **standing: Any) -> Command | None:
    where = context("zh" if text > "一" else "en", **standing)
    flow = FLOWS.get(where.open_flow)
    slots = [SLOTS[name] for name in flow.steps] if flow else []
    understood = read_rules(text, where, read_answers(text, where, slots), FLOWS)
    return understood.commands[0] if understood else None


@pytest.mark.parametrize(
    ("text", "standing", "command"),
    [
        ("hello", {}, ChitChat(kind="greeting")),
        ("谢谢", {}, ChitChat(kind="thanks")),
        ("I want to talk to a person", {}, HumanHandoff()),
        ("转人工", OPEN, HumanHandoff()),
        ("start over", OPEN, Restart()),
        ("say that again please", {}, RepeatMessages()),
        ("cancel", OPEN, CancelFlow()),
        ("算了", OPEN, CancelFlow()),
        ("never mind", CALL, CancelFlow()),
        ("不需要", CALL, None),
        ("I changed my mind", REASON, None),
        ("cancel", {}, None),
        ("skip", OPEN, SkipQuestion()),
        ("skip", {"open_flow": "return_parcel"}, None),
        ("thanks", OPEN, ChitChat(kind="thanks")),
        ("🙂", OPEN, CannotHandle(reason="no_words")),
        ("ok", OPEN, None),
        ("AB123456", OPEN, None),
        ("yes", {"is_person_offered": True}, HumanHandoff()),
        ("不用了", {"is_person_offered": True}, ChitChat(kind="decline")),
        ("no thanks", {"is_person_offered": True, **OPEN}, ChitChat(kind="decline")),
        ("I want to return my order", {}, None),
        ("the second one", {"choices": ("return_parcel", "book_visit")}, StartFlow(flow="book_visit")),
        ("return parcel", {"choices": ("return_parcel", "book_visit")}, StartFlow(flow="return_parcel")),
        ("第一个", {"choices": ("return_parcel", "book_visit")}, StartFlow(flow="return_parcel")),
        ("ok yes please go ahead", {"choices": ("return_parcel",)}, StartFlow(flow="return_parcel")),
        ("yes, but how long does it take", {"choices": ("return_parcel",)}, None),
        ("yes", {"choices": ("return_parcel", "book_visit")}, ChitChat(kind="ok")),
    ],
)
def test_rules(text: str, standing: dict[str, Any], command: Command | None) -> None:
    assert decide(text, **standing) == command


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("yes", YES), ("yes please, thanks", YES), ("好的，确认", YES), ("没问题", YES), ("ok, go ahead", YES), ("no", NO), ("不对", NO),
        ("no, that is wrong", NO), ("cancel", CancelFlow()), ("yes, but on Saturday", SetSlot(slot="visit_date", value="2026-11-28")),
        ("好的，改成周六", SetSlot(slot="visit_date", value="2026-11-28")), ("does it cost anything?", SearchAndReply()), ("要收费吗", SearchAndReply()),
        ("yes, as soon as possible please", YES), ("确认，尽快处理", YES), ("no wait, don't submit it yet", LATER), ("先别提交", LATER), ("等一下", LATER),
        ("hmm wait", LATER), ("等一下，要收费吗", SearchAndReply()),
    ],
)  # fmt: skip
def test_confirmations(text: str, command: Command) -> None:
    assert decide(text, **CONFIRMING) == command


@pytest.mark.parametrize(
    "text",
    [
        "yes, but not for me", "yes if it is free of charge", "ok and send it to my neighbour", "maybe", "让我想想", "yes and no", "好的，不过先别提交",
        "可以的话", "yes, transfer the money to another account as well", "right after the holidays", "confirm what exactly",
    ],
)  # fmt: skip
def test_half_a_yes_confirms_nothing(text: str) -> None:
    assert decide(text, **CONFIRMING) != YES


@pytest.mark.parametrize(
    ("pressed", "standing", "commands", "unknown"),
    [
        (Pressed(values={"reason": "damaged"}), {}, [SetSlot(slot="reason", value="damaged", extractor="button")], []),
        (Pressed(values={"confirmed_action": "yes:1"}), {}, [SetSlot(slot="confirmed_action", value="yes:1", extractor="button")], []),
        (Pressed(values={"is_vip": True}), {}, [CannotHandle(reason="unknown button")], ["is_vip"]),
        (Pressed(intent="give_back"), {}, [StartFlow(flow="return_parcel")], []),
        (
            Pressed(intent="give_back", values={"reason": "damaged", "x": 1}), {},
            [StartFlow(flow="return_parcel"), SetSlot(slot="reason", value="damaged", extractor="button")], ["x"],
        ),
        (Pressed(intent="restart"), {}, [Restart()], []),
        (Pressed(intent="affirm"), CONFIRMING, [SetSlot(slot="go", value=True, extractor="button")], []),
        (Pressed(intent="affirm"), {}, [CannotHandle(reason="unknown button")], ["affirm"]),
    ],
)  # fmt: skip
def test_buttons(pressed: Pressed, standing: dict[str, Any], commands: list[Command], unknown: list[str]) -> None:
    understood = read_pressed(pressed, context(**standing), FLOWS, {"reason", "order_id"})
    assert list(understood.commands) == commands
    assert understood.decided_by == "button"
    assert understood.details.get("unknown", []) == unknown
