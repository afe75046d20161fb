"""Values that an action checks, questions that ask nothing themselves or need no answer, and flows given up by another."""

from pathlib import Path
from typing import Any

import pytest
from tests.dialogue.shop import Info, Shop, open_shop, put, start

from chatwright.dialogue.commands import CannotHandle, Command
from chatwright.errors import ActionError
from chatwright.messages import ActionCall, ActionResult, Button, Utterance

DOMAIN = """
slots:
  city: {type: text}
  size: {type: categorical, values: [small, large]}
  mood: {type: categorical, values: [good, bad]}
  sure: {type: bool}
  requested_slot: {type: any}
actions: [validate_form, validate_size, action_ask_order_size]
forms: {order: {required_slots: [city]}}
responses:
  utter_ask_city: [{text: Which city?}]
  utter_ask_size: [{text: Which size?}]
  utter_no_city: [{text: "There is no {wanted} here."}]
  utter_done: [{text: "{city}, {size}."}]
  utter_hello: [{text: "Hello, how are you?"}]
  utter_nice: [{text: Nice.}]
  utter_leave: [{text: "Leave it?"}]
"""
FLOWS = """
flows:
  order:
    description: order something
    run_pattern_completed: false
    steps:
      - collect: city
        metadata: {validate: validate_form}
      - collect: size
      - action: utter_done
  hello:
    description: say hello
    run_pattern_completed: false
    steps:
      - action: utter_hello
      - collect: mood
        metadata: {soft: true, silent: true}
        next:
          - if: slots.mood = "good"
            then: [{action: utter_nice, next: END}]
          - else: END
  leave:
    description: leave the other one
    run_pattern_completed: false
    steps:
      - action: utter_leave
      - collect: sure
        metadata: {soft: true, silent: true}
        next:
          - if: slots.sure
            then: [{action: action_deactivate_loop, next: END}]
          - else: END
  anew:
    description: begin anew
    run_pattern_completed: false
    steps: [{action: action_restart}, {action: utter_hello}]
"""
ACTIONS = {"validate_form": Info(), "validate_size": Info()}


def check_city(call: ActionCall) -> ActionResult:
    """Knows Rome, calls it by its name, and has no Oslo."""
    city = call.slots.get("city")
    if call.name == "validate_form" and city == "oslo":
        said = Utterance(response="utter_no_city", values={"wanted": city})
        return ActionResult(slots={"city": None}, utterances=(said,))
    return ActionResult(slots={"city": "Rome"} if city == "rome" else {})


def opened(folder: Path, act: Any = check_city, actions: Any = ACTIONS) -> Shop:
    return open_shop(folder, act=act, flows=FLOWS, domain=DOMAIN, actions=actions)


@pytest.mark.parametrize(
    ("turns", "said", "names"),
    [
        pytest.param([[put("city", "rome")]], "Which size?", ["validate_form"], id="what the action makes of it counts"),
        pytest.param([[put("city", "oslo")]], "There is no oslo here.\nWhich city?", ["validate_form"], id="emptied, asked again"),
        pytest.param(
            [[put("city", "oslo")], [put("city", "rome")]], "Which size?", ["validate_form"] * 2, id="every new value"
        ),
        pytest.param(
            [[put("city", "rome")], [put("size", "small")]], "Rome, small.", ["validate_form", "validate_size"], id="each once"
        ),
        pytest.param([[CannotHandle()]], None, [], id="nothing to check"),
    ],
)  # fmt: skip
def test_an_action_checks_what_was_said(
    tmp_path: Path, turns: list[list[Command]], said: str | None, names: list[str]
) -> None:
    shop = opened(tmp_path)
    shop.say(start("order"))
    last = [shop.say(*turn) for turn in turns][-1]
    assert said is None or last == said
    assert [call.name for call in shop.calls] == names


def test_the_action_sees_the_form_and_what_was_set(tmp_path: Path) -> None:
    shop = opened(tmp_path)
    shop.say(start("order"))
    shop.say(put("city", "rome"))
    events = [event for event in shop.calls[0].events if event["event"] in ("active_loop", "slot")]
    assert [(event["event"], event["name"]) for event in events] == [("active_loop", "order"), ("slot", "city")]
    assert shop.calls[0].slots["requested_slot"] == "city"


def test_an_action_that_fails_ends_the_flow_and_asks_nothing(tmp_path: Path) -> None:
    def fail(call: ActionCall) -> ActionResult:
        raise ActionError("It is down.", code="unreachable")

    shop = opened(tmp_path, fail)
    shop.say(start("order"))
    assert "went wrong" in shop.say(put("city", "rome"))
    assert shop.state.stack == ()
    assert shop.state.slots["city"] == "rome"


def test_an_action_may_ask_for_a_slot_of_one_flow(tmp_path: Path) -> None:
    asked = ActionResult(utterances=(Utterance(text="S or L?", buttons=(Button(title="S", payload="/x"),)),))
    shop = opened(
        tmp_path,
        lambda call: asked if call.name == "action_ask_order_size" else ActionResult(),
        {"action_ask_order_size": Info()},
    )
    shop.say(start("order"))
    assert shop.say(put("city", "x")) == "S or L?"


def test_a_silent_question_says_nothing_and_is_answered(tmp_path: Path) -> None:
    shop = opened(tmp_path)
    assert shop.say(start("hello")) == "Hello, how are you?"
    assert shop.state.asked == "mood"
    assert shop.say(put("mood", "good")) == "Nice."


@pytest.mark.parametrize(
    ("commands", "is_left"), [([put("mood", "bad")], False), ([CannotHandle()], True), ([start("order")], True), ([], True)]
)  # fmt: skip
def test_a_soft_question_need_not_be_answered(tmp_path: Path, commands: list[Command], is_left: bool) -> None:
    shop = opened(tmp_path)
    shop.say(start("order"))
    shop.say(start("hello"))
    left = shop.engine.left(shop.state, commands)
    assert (left is not None) == is_left
    if left is not None:
        assert [frame.flow for frame in left.stack] == ["order"]
        assert left.asked == "city"


def test_an_ordinary_question_stays(tmp_path: Path) -> None:
    shop = opened(tmp_path)
    shop.say(start("order"))
    assert shop.engine.left(shop.state, [CannotHandle()]) is None


def test_a_flow_can_give_up_the_one_it_interrupted(tmp_path: Path) -> None:
    shop = opened(tmp_path)
    shop.say(start("order"))
    assert shop.say(start("leave")) == "Leave it?"
    assert shop.say(put("sure", True)) == ""
    assert shop.state.stack == ()


def test_a_flow_can_begin_everything_anew(tmp_path: Path) -> None:
    shop = opened(tmp_path)
    shop.say(start("order"))
    shop.say(put("city", "rome"))
    assert shop.say(start("anew")) == "Hello, how are you?"
    assert (shop.state.stack, dict(shop.state.slots)) == ((), {})
