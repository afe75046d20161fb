"""Slots are filled only on the way that is open, and what was said ahead of a way not taken reaches no action."""

from pathlib import Path
from typing import Any

import pytest
from tests.dialogue.shop import YES, Info, Shop, open_shop, put, start

from chatwright.dialogue.commands import Clarify, Command, SearchAndReply
from chatwright.messages import Utterance

DOMAIN = """
version: "3.1"
slots:
  text: {type: text}
  wants_call: {type: bool}
  phone: {type: text, format: phone}
  photo: {type: text}
actions: [complain]
responses:
  utter_hours: [{text: {zh: 九点, en: At nine.}}]
"""
FLOWS = """
flows:
  complaint:
    description: complain
    steps:
      - collect: text
      - collect: wants_call
        next:
          - if: slots.wants_call
            then: [{collect: phone, next: file}]
          - else: file
      - id: file
        action: complain
  hours:
    description: opening hours
    steps: [{action: utter_hours}]
  photo_only:
    description: send a photo
    steps: [{collect: photo}]
"""
PHONE = "13800138000"
GIVEN = {"text": "too slow", "wants_call": False}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = open_shop(
        tmp_path, flows=FLOWS, domain=DOMAIN, actions={"complain": Info(True, ("text", "wants_call", "phone"))}
    )
    shop.answer = Utterance(text="In two days.")
    return shop


@pytest.mark.parametrize(
    ("turns", "slots"),
    [
        ([[put("phone", PHONE)], [put("text", "too slow")], [put("wants_call", False)]], GIVEN),
        ([[put("phone", PHONE), put("wants_call", False), put("text", "too slow")]], GIVEN),
        ([[put("wants_call", False)], [put("phone", PHONE)], [put("text", "too slow")]], GIVEN),
        ([[put("text", "too slow")], [put("wants_call", False), put("phone", PHONE)]], GIVEN),
        ([[put("phone", PHONE)], [put("text", "too slow")], [put("wants_call", True)]], GIVEN | {"wants_call": True, "phone": PHONE}),
        ([[put("text", "too slow")], [put("wants_call", False)], [put("phone", PHONE), put("wants_call", True)]], GIVEN | {"wants_call": True, "phone": PHONE}),
    ],
    ids=range(6),
)  # fmt: skip
def test_only_the_open_way_is_filled(shop: Shop, turns: list[list[Command]], slots: dict[str, Any]) -> None:
    shop.say(start("complaint"))
    for turn in turns:
        shop.say(*turn)
    assert dict(shop.state.slots) == slots
    shop.say(YES)
    assert [(call.name, dict(call.arguments)) for call in shop.calls] == [("complain", slots)]


def test_what_was_said_before_the_choice_is_the_chosen_flows(shop: Shop) -> None:
    shop.say(Clarify(flows=("complaint", "photo_only")), put("phone", PHONE), put("nothing", 1))
    assert shop.state.proposed == ("phone",)
    shop.say(put("chosen_flow", "complaint"))
    shop.say(put("text", "too slow"))
    shop.say(put("wants_call", True))
    assert shop.state.confirmation is not None
    assert shop.state.confirmation.shown == GIVEN | {"wants_call": True, "phone": PHONE}


@pytest.mark.parametrize("then", [[put("chosen_flow", "photo_only")], [start("photo_only")], [start("hours")]])
def test_what_was_said_for_another_choice_is_given_up(shop: Shop, then: list[Command]) -> None:
    shop.say(Clarify(flows=("complaint", "photo_only")), put("phone", PHONE))
    shop.say(*then)
    assert dict(shop.state.slots) == {}


def test_a_question_does_not_take_back_an_offer(shop: Shop) -> None:
    shop.say(Clarify(flows=("complaint",)), put("phone", PHONE))
    for _ in range(2):
        said = shop.say(SearchAndReply())
        assert said.splitlines()[0] == "In two days."
        assert (shop.state.choices, dict(shop.state.slots)) == (("complaint",), {"phone": PHONE})
    shop.say(SearchAndReply())
    assert (shop.state.choices, dict(shop.state.slots)) == ((), {})


def test_what_only_answers_is_not_offered(shop: Shop) -> None:
    shop.say(Clarify(flows=("hours", "complaint", "photo_only")))
    assert shop.state.choices == ("complaint", "photo_only")
    assert "not understand" in shop.say(Clarify(flows=("hours",)))
    shop.say()
    assert shop.state.choices == ("complaint", "photo_only")
