"""What an action returns is followed as documented: follow-ups, refusals, resets, reminders; the rest is noted."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.dialogue.shop import ACTIONS, DOMAIN, FLOWS, YES, Act, Info, Shop, kinds, open_shop, put, start

from chatwright.dialogue.commands import Command
from chatwright.errors import ActionError
from chatwright.messages import ActionCall, ActionResult, Utterance

LOOK_UP: list[Command] = [start("order_status"), put("order_id", "AB1234")]
RETURN: list[Command] = [start("return_parcel"), put("order_id", "AB1234"), put("reason", "unwanted")]


def returning(**by_action: ActionResult) -> Act:
    return lambda call: by_action.get(call.name, ActionResult())


def event(kind: str, **details: Any) -> Mapping[str, Any]:
    return {"event": kind, **details}


def open_with(tmp_path: Path, act: Act, actions: Mapping[str, Any] = ACTIONS, domain: str = DOMAIN) -> Shop:
    return open_shop(tmp_path, act=act, actions=actions, domain=domain)


def notes(shop: Shop) -> str:
    return "\n".join(map(str, shop.names("note")))


def test_a_follow_up_action_runs_next_and_the_flow_goes_on(tmp_path: Path) -> None:
    act = returning(
        look_up_order=ActionResult(events=(event("followup", name="check_stock"),)),
        check_stock=ActionResult(slots={"order_state": "in stock"}),
    )
    shop = open_with(tmp_path, act, {**ACTIONS, "check_stock": Info()})
    assert "Your order: in stock" in shop.say(*LOOK_UP)
    assert [call.name for call in shop.calls] == ["look_up_order", "check_stock"]
    assert shop.state.stack == ()


def test_a_follow_up_response_is_said(tmp_path: Path) -> None:
    act = returning(look_up_order=ActionResult(events=(event("followup", name="utter_noted"),)))
    said = open_with(tmp_path, act).say(*LOOK_UP)
    assert said.index("Noted.") < said.index("Your order")


def test_a_follow_up_flow_runs_and_comes_back(tmp_path: Path) -> None:
    act = returning(look_up_order=ActionResult(events=(event("followup", name="subscribe"),)))
    shop = open_with(tmp_path, act)
    assert "newsletter" in shop.say(*LOOK_UP)
    assert [frame.flow for frame in shop.state.stack] == ["order_status", "subscribe"]
    assert "Your order" in shop.say(put("newsletter", True))


def test_a_follow_up_that_writes_waits_for_its_own_yes(tmp_path: Path) -> None:
    act = returning(return_parcel=ActionResult(events=(event("followup", name="send_note"),)))
    shop = open_with(tmp_path, act)
    shop.say(*RETURN)
    shop.say(YES)
    assert [name for name, _ in shop.writes] == ["return_parcel"]
    assert shop.state.asked == "confirmed_action"
    assert "registered" in shop.say(YES)
    assert [name for name, _ in shop.writes] == ["return_parcel", "send_note"]
    assert shop.state.stack == ()


def test_follow_ups_that_never_end_are_cut(tmp_path: Path) -> None:
    act = returning(look_up_order=ActionResult(events=(event("followup", name="look_up_order"),)))
    shop = open_with(tmp_path, act)
    assert "Your order" in shop.say(*LOOK_UP)
    assert len(shop.calls) == 11
    assert "more than 10 follow-ups" in notes(shop)


@pytest.mark.parametrize("name", ["nowhere", "pattern_cancel_flow", ""])
def test_a_follow_up_that_is_not_there_is_noted(tmp_path: Path, name: str) -> None:
    act = returning(look_up_order=ActionResult(events=(event("followup", name=name),)))
    shop = open_with(tmp_path, act)
    assert "Your order" in shop.say(*LOOK_UP)
    assert (f"no action or flow {name!r}" in notes(shop)) == bool(name)


def test_an_action_that_declines_has_done_nothing_and_the_slots_are_kept(tmp_path: Path) -> None:
    act = returning(return_parcel=ActionResult(events=(event("action_execution_rejected", name="return_parcel"),)))
    shop = open_with(tmp_path, act)
    shop.say(*RETURN)
    assert "could not finish" in shop.say(YES)  # and not: "I cannot tell whether it was carried out"
    assert "action_execution_rejected" in kinds(shop.last.events if shop.last else ())
    assert shop.state.slots["order_id"] == "AB1234"
    assert shop.state.asked == "wanted_person"


def test_an_action_that_declines_to_ask_leaves_the_question_to_the_response(tmp_path: Path) -> None:
    def act(call: ActionCall) -> ActionResult:
        raise ActionError("not now", code="rejected")

    shop = open_with(tmp_path, act, {**ACTIONS, "action_ask_order_id": Info()})
    assert shop.say(start("return_parcel")) == "What is your order number?"
    assert shop.state.asked == "order_id"


def test_an_action_that_fails_to_ask_ends_the_flow(tmp_path: Path) -> None:
    def act(call: ActionCall) -> ActionResult:
        raise ActionError("down", code="unreachable")

    shop = open_with(tmp_path, act, {**ACTIONS, "action_ask_order_id": Info()})
    assert "something went wrong" in shop.say(start("return_parcel"))
    assert shop.state.asked == "wanted_person"


def test_slots_that_were_set_after_a_reset_stay(tmp_path: Path) -> None:
    act = returning(look_up_order=ActionResult(slots={"order_state": "new"}, events=(event("reset_slots"),)))
    shop = open_with(tmp_path, act)
    assert "Your order: new" in shop.say(*LOOK_UP)
    assert "order_id" not in shop.state.slots


@pytest.mark.parametrize("kind", ["restart", "session_ended"])
def test_a_restart_begins_with_initial_values(tmp_path: Path, kind: str) -> None:
    domain = DOMAIN.replace("order_state: {type: text}", "order_state: {type: text, initial_value: none yet}")
    act = returning(look_up_order=ActionResult(events=(event(kind),), utterances=(Utterance(text="Bye"),)))
    shop = open_with(tmp_path, act, domain=domain)
    assert shop.say(*LOOK_UP) == "Bye"
    assert shop.state.stack == ()
    assert shop.state.slots["order_state"] == "none yet"
    assert kind in kinds(shop.last.events if shop.last else ())


def test_a_reminder_is_kept_and_reported(tmp_path: Path) -> None:
    reminder = event("reminder", intent="later", date_time="2026-11-25T09:00:00", name="r1")
    act = returning(look_up_order=ActionResult(events=(reminder, event("cancel_reminder", name="r0"))))
    shop = open_with(tmp_path, act)
    shop.say(*LOOK_UP)
    assert shop.last is not None
    kept = [each for each in shop.last.events if each["event"] in ("reminder", "cancel_reminder")]
    assert kept[0] == {**reminder, "action": "look_up_order"}
    assert kept[1]["name"] == "r0"
    assert "not fired" in notes(shop)


@pytest.mark.parametrize("kind", ["undo", "rewind", "resume", "export", "active_loop", "never_heard_of"])
def test_what_is_left_out_is_noted(tmp_path: Path, kind: str) -> None:
    shop = open_with(tmp_path, returning(look_up_order=ActionResult(events=(event(kind),))))
    assert "Your order" in shop.say(*LOOK_UP)
    assert f"the event {kind!r} has no effect here" in notes(shop)


def test_a_correction_does_not_repeat_a_write_or_its_follow_up(tmp_path: Path) -> None:
    flows = (
        FLOWS
        + """  register_twice:
    description: Two writes, then a question.
    steps: [{collect: guests}, {action: send_note}, {collect: note}, {action: utter_noted}]
"""
    )
    act = returning(send_note=ActionResult(events=(event("followup", name="tell_shop"),)))
    actions = {**ACTIONS, "send_note": Info(True, ("guests",)), "tell_shop": Info(True, ("guests",))}
    shop = open_shop(tmp_path, flows=flows, act=act, actions=actions)
    shop.say(start("register_twice"), put("guests", 2))
    shop.say(YES)
    shop.say(YES)
    assert [call.name for call in shop.calls] == ["send_note", "tell_shop"]
    assert "already been carried out" in shop.say(put("guests", 3))
    assert "Noted" in shop.say(put("note", "x"))
    assert [call.name for call in shop.calls] == ["send_note", "tell_shop"]
