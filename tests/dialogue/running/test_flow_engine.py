"""Scripted conversations through the flow engine: what is asked, what is set, what is carried out, in both languages."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.dialogue.shop import FLOWS, NO, YES, Shop, failing, open_shop, put, start

from chatwright.dialogue.commands import (
    CancelFlow,
    CannotHandle,
    ChitChat,
    Clarify,
    Command,
    HumanHandoff,
    RepeatMessages,
    Restart,
    SearchAndReply,
    SessionStart,
    SetSlot,
    SkipQuestion,
    UserSilence,
)
from chatwright.dialogue.running.state import DialogueState
from chatwright.language.detect import detect_language
from chatwright.messages import ActionResult, Language, Utterance

RETURN = [start("return_parcel"), put("order_id", "ab1234")]
RETURNED = ("return_parcel", {"order_id": "AB1234", "reason": "unwanted"})
BOOKED = ("book_visit", {"visit_date": "2026-12-02", "guests": 2})
ADDRESS = "18 Green Street, London N1 9AB"
BOTH: list[Language] = ["zh", "en"]


@pytest.fixture(params=BOTH)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    shop = open_shop(tmp_path, language=request.param)
    shop.answer = Utterance(text="<answer>")
    return shop


def play(shop: Shop, *turns: list[Command]) -> str:
    """Plays the turns; what was said in the last one."""
    said = ""
    for turn in turns:
        said = shop.say(*turn)
    return said


def open_flows(shop: Shop) -> list[str]:
    return [frame.flow for frame in shop.state.stack]


# Each: a name, the turns, the writes carried out in the end, the flows still open, what is asked.
SCRIPTS: list[tuple[str, list[list[Command]], list[Any], list[str], str]] = [
    ("plain", [[start("return_parcel")], [put("order_id", "AB1234")], [put("reason", "unwanted")], [YES]], [RETURNED], [], ""),
    ("all at once", [[*RETURN, put("reason", "unwanted")], [YES]], [RETURNED], [], ""),
    ("branch", [[*RETURN, put("reason", "broken")], [put("photo_link", "http://a/b")], [YES]],
     [("return_parcel", {"order_id": "AB1234", "reason": "broken", "photo_link": "http://a/b"})], [], ""),
    ("no yes, no write", [[*RETURN, put("reason", "unwanted")]], [], ["return_parcel"], "confirmed_action"),
    ("a no", [[*RETURN, put("reason", "unwanted")], [NO]], [], ["return_parcel"], "confirmed_action"),
    ("two noes", [[*RETURN, put("reason", "unwanted")], [NO], [NO]], [], [], ""),
    ("no, then yes shows it again", [[*RETURN, put("reason", "unwanted")], [NO], [YES]], [], ["return_parcel"], "confirmed_action"),
    ("no, then yes, then yes", [[*RETURN, put("reason", "unwanted")], [NO], [YES], [YES]], [RETURNED], [], ""),
    ("no with the change", [[*RETURN, put("reason", "wrong_item")], [NO, put("reason", "unwanted")], [YES]], [RETURNED], [], ""),
    ("no, then the change", [[*RETURN, put("reason", "wrong_item")], [NO], [put("reason", "unwanted")], [YES]], [RETURNED], [], ""),
    ("corrected on the way", [[start("return_parcel")], [put("order_id", "CD5678")], [put("order_id", "AB1234")], [put("reason", "unwanted")], [YES]], [RETURNED], [], ""),
    ("corrected to another branch", [[*RETURN, put("reason", "broken")], [put("photo_link", "http://a/b")], [put("reason", "unwanted")], [YES]], [RETURNED], [], ""),
    ("and back again", [[*RETURN, put("reason", "broken")], [put("photo_link", "http://a/b")], [put("reason", "unwanted")], [put("reason", "broken")], [YES]],
     [("return_parcel", {"order_id": "AB1234", "reason": "broken", "photo_link": "http://a/b"})], [], ""),
    ("interrupted and resumed", [[*RETURN], [start("book_visit")], [put("visit_date", "2026-12-02")], [put("guests", "2")], [YES], [put("reason", "unwanted")], [YES]],
     [BOOKED, RETURNED], [], ""),
    ("interrupted at the confirmation", [[*RETURN, put("reason", "unwanted")], [start("book_visit"), put("visit_date", "2026-12-02"), put("guests", 2)], [YES], [YES]],
     [BOOKED, RETURNED], [], ""),
    ("cancelled", [[*RETURN], [CancelFlow()]], [], [], ""),
    ("cancelled, the other goes on", [[*RETURN], [start("book_visit")], [CancelFlow()], [put("reason", "unwanted")], [YES]], [RETURNED], [], ""),
    ("cancel for another", [[*RETURN], [CancelFlow(), start("book_visit")]], [], ["book_visit"], "visit_date"),
    ("two flows at once", [[*RETURN, put("reason", "unwanted"), start("book_visit"), put("visit_date", "2026-12-02"), put("guests", 2)], [YES], [YES]],
     [RETURNED, BOOKED], [], ""),
    ("the same flow twice", [[start("return_parcel"), start("return_parcel")], [start("return_parcel")], [put("order_id", "AB1234"), put("reason", "unwanted")], [YES]], [RETURNED], [], ""),
    ("back to the first", [[*RETURN], [start("book_visit")], [start("return_parcel")], [put("reason", "unwanted")], [YES]], [RETURNED], ["book_visit"], "visit_date"),
    ("digression", [[*RETURN], [SearchAndReply()], [put("reason", "unwanted")], [ChitChat(kind="thanks")], [YES]], [RETURNED], [], ""),
    ("rejected value", [[start("book_visit"), put("visit_date", "2026-11-30")], [put("guests", 2)], [put("visit_date", "2026-12-02")], [YES]], [BOOKED], [], ""),
    ("value out of range", [[start("book_visit"), put("visit_date", "2026-12-02")], [put("guests", 20)], [put("guests", 2)], [YES]], [BOOKED], [], ""),
    ("value that is none", [[start("book_visit"), put("visit_date", "soon")], [put("visit_date", "2026-12-02"), put("guests", "two")], [YES]], [BOOKED], [], ""),
    ("guard", [[start("members_only")]], [], [], ""),
    ("unknown flow", [[start("fly_to_moon")]], [], [], ""),
    ("read action", [[start("order_status"), put("order_id", "AB1234")]], [], [], ""),
    ("own confirmation", [[start("change_address"), put("order_id", "AB1234"), put("address", ADDRESS)], [put("final_ok", True)]],
     [("change_address", {"order_id": "AB1234", "address": ADDRESS})], [], ""),
    ("own confirmation, no", [[start("change_address"), put("order_id", "AB1234"), put("address", ADDRESS)], [put("final_ok", False)]], [], [], ""),
    ("call and link", [[start("status_then_return"), put("order_id", "AB1234")], [put("reason", "unwanted")], [YES]], [RETURNED], [], ""),
    ("loop", [[start("leave_notes")], [put("note", "a")], [YES], [put("again", True)], [put("note", "b")], [YES], [put("again", False)]],
     [("send_note", {}), ("send_note", {})], [], ""),
    ("restart", [[*RETURN], [Restart()]], [], [], ""),
    ("nothing to cancel", [[CancelFlow()]], [], [], ""),
    ("slots without a flow", [[put("order_id", "AB1234"), put("reason", "unwanted")]], [], [], ""),
    ("clarified", [[Clarify(flows=("return_parcel", "book_visit", "nowhere"))], [SetSlot(slot="chosen_flow", value="book_visit")]], [], ["book_visit"], "visit_date"),
    ("chosen, but not offered", [[Clarify(flows=("return_parcel", "book_visit"))], [SetSlot(slot="chosen_flow", value="spin")]], [], [], ""),
    ("person", [[*RETURN], [HumanHandoff()]], [], ["return_parcel"], ""),
    ("loop without a question", [[start("spin")]], [], [], "wanted_person"),
    ("skip", [[*RETURN], [SkipQuestion()], [put("reason", "unwanted")], [YES]], [RETURNED], [], ""),
    ("silence", [[*RETURN], [UserSilence()], [put("reason", "unwanted")], [UserSilence()], [YES]], [RETURNED], [], ""),
    ("repeat keeps the confirmation", [[*RETURN, put("reason", "unwanted")], [RepeatMessages()], [YES]], [RETURNED], [], ""),
    ("not understood keeps the flow", [[*RETURN], [], [CannotHandle()], [put("reason", "unwanted")], [], [YES]], [RETURNED], [], ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("turns", "writes", "flows", "asked"), [script[1:] for script in SCRIPTS], ids=[script[0] for script in SCRIPTS]
)
def test_a_conversation_ends_as_it_should(
    shop: Shop, turns: list[list[Command]], writes: list[Any], flows: list[str], asked: str
) -> None:
    for turn in turns:
        said = shop.say(*turn)
        assert said.strip(), turn
    assert shop.writes == writes
    assert open_flows(shop) == flows
    assert shop.state.asked == asked


@pytest.mark.parametrize("turns", [script[1] for script in SCRIPTS], ids=[script[0] for script in SCRIPTS])
def test_everything_is_said_in_the_visitors_language(shop: Shop, turns: list[list[Command]]) -> None:
    for turn in turns:
        shop.say(*turn)
        assert shop.last is not None
        for utterance in shop.last.utterances:
            if (
                "AB1234" not in utterance.text
                and "<answer>" not in utterance.text
                and "http" not in utterance.text
                and ADDRESS not in utterance.text
            ):
                assert detect_language(utterance.text, shop.language) == shop.language, utterance.text
            assert not set("{}") & set(utterance.text)


@pytest.mark.parametrize("turns", [script[1] for script in SCRIPTS], ids=[script[0] for script in SCRIPTS])
def test_the_same_again_says_the_same(shop: Shop, turns: list[list[Command]], tmp_path: Path) -> None:
    again = open_shop(tmp_path, language=shop.language)
    again.answer = shop.answer
    for turn in turns:
        assert shop.say(*turn) == again.say(*turn)
        assert shop.last is not None
        assert again.last is not None
        assert shop.last.events == again.last.events
    assert [call.call_id for call in shop.calls] == [call.call_id for call in again.calls]


def test_the_trace_is_flat_and_in_order(shop: Shop) -> None:
    shop.say(*RETURN, put("reason", "unwanted"))
    assert shop.last is not None
    kept = [
        (event["event"], event.get("flow") or event.get("name") or event.get("action"))
        for event in shop.last.events
        if event["event"] not in ("flow_step", "bot")
    ]
    assert kept == [
        ("flow_started", "return_parcel"),
        ("slot", "order_id"),
        ("slot", "reason"),
        ("confirmation_asked", "return_parcel"),
    ]
    shop.say(YES)
    kept = [
        (event["event"], event.get("flow") or event.get("name"))
        for event in shop.last.events
        if event["event"] not in ("flow_step", "bot")
    ]
    assert kept == [
        ("action", "return_parcel"),
        ("flow_completed", "return_parcel"),
        ("slot", "order_id"),
        ("slot", "reason"),
    ]
    assert [event["step"] for event in shop.last.events if event["event"] == "flow_step"] == [
        "register",
        "4_utter_returned",
    ]
    assert [event["utter"] for event in shop.last.events if event["event"] == "bot"] == [
        "utter_returned",
        "utter_completed",
    ]


def test_slots_are_given_up_at_the_end_and_persisted_ones_kept(shop: Shop) -> None:
    play(shop, [start("change_address"), put("order_id", "AB1234"), put("address", ADDRESS)], [put("final_ok", True)])
    assert shop.state.slots == {"address": ADDRESS, "is_member": False}
    assert shop.state.completed == ("change_address",)


def test_what_was_asked_beside_a_question_does_not_answer_it(shop: Shop) -> None:
    shop.say(start("return_parcel"))
    shop.say(start("order_status"), put("order_id", "AB0002"))
    assert shop.state.asked == "order_id"
    assert "order_id" not in {name for name, value in shop.state.slots.items() if value is not None}
    shop.say(put("order_id", "AB0001"))
    assert shop.state.slots["order_id"] == "AB0001"


def test_an_interrupted_flow_keeps_its_own_values(shop: Shop) -> None:
    play(
        shop,
        [start("change_address"), put("order_id", "AB1234")],
        [start("return_parcel"), put("order_id", "CD5678"), put("reason", "unwanted")],
        [YES],
    )
    assert shop.writes == [("return_parcel", {"order_id": "CD5678", "reason": "unwanted"})]
    assert shop.state.slots["order_id"] == "AB1234"
    assert shop.state.asked == "address"


def test_a_slot_that_is_filled_is_not_asked_again(shop: Shop) -> None:
    said = play(shop, [start("return_parcel")], [put("order_id", "AB1234")], [start("order_status")])
    assert "on its way" in said
    assert shop.state.asked == "reason"
    assert shop.state.slots["order_id"] == "AB1234"


def test_a_repeat_says_the_last_words_with_their_buttons(shop: Shop) -> None:
    first = play(shop, [*RETURN, put("reason", "unwanted")])
    assert shop.last is not None
    buttons = [utterance.buttons for utterance in shop.last.utterances]
    assert shop.say(RepeatMessages()) == first
    assert [utterance.buttons for utterance in shop.last.utterances] == buttons


def test_a_turn_that_is_too_long_or_empty_changes_nothing(shop: Shop) -> None:
    play(shop, [*RETURN, put("reason", "unwanted")])
    before = shop.state
    assert before.confirmation is not None
    for text in ("", "  \n", "x" * 300):
        said = shop.say(*([put("reason", "broken")] if len(text) > 200 else []), text=text)
        assert ("200" in said) is (len(text) > 200)
        assert "AB1234" in said  # what waits for a yes is shown again
        assert (shop.state.slots, shop.state.stack, shop.state.asked, shop.state.confirmation) == (
            before.slots,
            before.stack,
            before.asked,
            replace(before.confirmation, doubt="unread"),
        )
    shop.say(YES)
    assert shop.writes == [RETURNED]


def test_three_times_not_understood(shop: Shop) -> None:
    said = [shop.say() for _ in range(3)]
    assert len(set(said)) == 3
    assert shop.last is not None
    assert shop.last.offers_person
    assert shop.say(SetSlot(slot="wanted_person", value=True))
    assert shop.last.outcome == "handed_over"


def test_second_time_the_flows_are_offered_as_buttons(shop: Shop) -> None:
    shop.say()
    shop.say(CannotHandle())
    titles = list(shop.button)
    assert len(titles) == 4
    shop.say(shop.button[titles[1]])
    assert open_flows(shop) == ["book_visit"]


@pytest.mark.parametrize("num_turns", [1, 2])
def test_understanding_again_begins_the_count_anew(shop: Shop, num_turns: int) -> None:
    play(shop, *[[] for _ in range(num_turns)], [start("return_parcel")])
    assert shop.state.num_not_understood == 0


@pytest.mark.parametrize(
    ("commands", "outcome"),
    [
        ([SearchAndReply()], "answered"),
        ([ChitChat()], "answered"),
        ([], "abstained"),
        ([HumanHandoff()], "handed_over"),
        (RETURN, "flow"),
    ],
)
def test_the_outcome_of_a_turn(shop: Shop, commands: list[Command], outcome: str) -> None:
    shop.say(*commands)
    assert shop.last is not None
    assert shop.last.outcome == outcome


def test_a_question_without_an_answer(shop: Shop) -> None:
    shop.answer = None
    play(shop, RETURN)
    said = shop.say(SearchAndReply())
    assert len(said.splitlines()) == 3  # there is none, back to the flow, its question
    assert shop.state.asked == "reason"


@pytest.mark.parametrize("code", ["timeout", "unreachable", "failed", "bad_reply", "rejected", "unknown_action"])
def test_a_write_that_fails_is_not_tried_again(tmp_path: Path, code: str) -> None:
    shop = open_shop(tmp_path, act=failing(code))
    said = play(shop, [*RETURN, put("reason", "unwanted")], [YES])
    assert len(shop.calls) == 1
    assert ("cannot tell" in said) is (code not in ("rejected", "unknown_action"))
    assert shop.last is not None
    assert shop.last.offers_person
    assert open_flows(shop) == []
    assert shop.state.slots["order_id"] == "AB1234"  # kept: nothing is asked twice
    assert shop.names("flow_cancelled") == ["return_parcel"]
    shop.say(YES)
    shop.say(SetSlot(slot="wanted_person", value=False))
    assert len(shop.calls) == 1
    said = shop.say(start("return_parcel"))
    assert "AB1234" in said
    shop.say(YES)
    assert len(shop.calls) == 2
    assert shop.calls[0].call_id != shop.calls[1].call_id


def test_a_read_that_fails_ends_only_its_own_flow(tmp_path: Path) -> None:
    shop = open_shop(tmp_path, act=failing("unreachable"))
    play(shop, [*RETURN], [start("order_status")])
    assert open_flows(shop) == ["return_parcel"]
    play(shop, [SetSlot(slot="wanted_person", value=False)])
    assert shop.state.asked == "reason"


@pytest.mark.parametrize("is_retried", [False, True])
def test_after_a_failure_each_flow_has_its_own_values(tmp_path: Path, is_retried: bool) -> None:
    shop = open_shop(tmp_path, act=failing("unreachable"))
    play(shop, [*RETURN], [start("order_status"), put("order_id", "CD5678")])
    assert shop.state.slots["order_id"] == "CD5678"
    if is_retried:
        play(shop, [start("order_status")])
        assert shop.calls[-1].arguments == {"order_id": "CD5678"}
    play(shop, [put("reason", "unwanted")], [YES])
    assert shop.writes == [RETURNED]


def test_what_an_action_returns_is_checked(tmp_path: Path) -> None:
    result = ActionResult(
        slots={"order_state": 5, "guests": "lots", "nowhere": 1, "reason": "none"},
        utterances=(
            Utterance(text="{order_id} {{7*7}}"),
            Utterance(response="utter_state"),
            Utterance(response="utter_nowhere", text="spoken"),
        ),
        events=({"event": "weird"}, {}, {"event": "followup", "name": "return_parcel"}),
    )
    shop = open_shop(tmp_path, act=lambda call: result)
    said = shop.say(start("order_status"), put("order_id", "AB1234"))
    assert said.splitlines()[:3] == ["{order_id} {{7*7}}", "Your order: 5", "spoken"]
    assert len(shop.names("note")) == 6
    assert shop.names("followup") == ["return_parcel"]
    assert [call.name for call in shop.calls] == ["look_up_order"]


@pytest.mark.parametrize(("event", "slots"), [("reset_slots", {"is_member": False}), ("restart", {"is_member": False})])
def test_events_of_an_action_that_are_followed(tmp_path: Path, event: str, slots: dict[str, Any]) -> None:
    shop = open_shop(tmp_path, act=lambda call: ActionResult(events=({"event": event},)))
    shop.say(start("order_status"), put("order_id", "AB1234"))
    assert dict(shop.state.slots) == slots
    assert shop.state.stack == ()


def test_an_action_can_call_a_person(tmp_path: Path) -> None:
    shop = open_shop(tmp_path, act=lambda call: ActionResult(events=({"event": "pause"},)))
    shop.say(start("order_status"), put("order_id", "AB1234"))
    assert shop.last is not None
    assert shop.last.outcome == "handed_over"


def test_an_action_is_told_what_it_needs(shop: Shop) -> None:
    shop.say(start("order_status"), put("order_id", "AB1234"), text="where is AB1234?")
    call = shop.calls[0]
    assert (call.arguments, call.slots["order_id"], call.text, call.language) == (
        {"order_id": "AB1234"},
        "AB1234",
        "where is AB1234?",
        shop.language,
    )
    assert [frame["flow_id"] for frame in call.stack] == ["order_status"]
    assert [event["event"] for event in call.events] == ["slot"]
    assert all("timestamp" in event for event in call.events)


def test_a_new_session_keeps_what_the_domain_says(shop: Shop) -> None:
    play(shop, RETURN, [SessionStart()])
    assert shop.state.stack == ()
    assert shop.state.slots["order_id"] == "AB1234"


def test_the_question_that_is_open_can_be_read_as_a_slot(shop: Shop) -> None:
    assert shop.engine.asked_slot(DialogueState()) is None
    shop.say(start("return_parcel"))
    asked = shop.engine.asked_slot(shop.state)
    assert asked is not None
    assert asked.name == "order_id"
    shop.say(put("order_id", "AB1234"), put("reason", "unwanted"))
    asked = shop.engine.asked_slot(shop.state)
    assert asked is not None
    assert (asked.name, asked.type, shop.engine.confirmation_slot(shop.state)) == (
        "confirmed_action",
        "bool",
        "confirmed_action",
    )
    shop.say(CancelFlow(), Clarify(flows=("book_visit", "order_status")))
    asked = shop.engine.asked_slot(shop.state)
    assert asked is not None
    assert asked.values == ("book_visit", "order_status")
    assert asked.labels["book_visit"] == {"zh": ("预约参观",), "en": ("book a visit",)}


def test_guards_decide_what_may_begin(shop: Shop) -> None:
    assert "members_only" not in shop.engine.startable(shop.state)
    shop.state = DialogueState(slots={"is_member": True})
    assert "members_only" in shop.engine.startable(shop.state)
    shop.say(start("members_only"))
    assert shop.names("flow_completed") == ["members_only"]


def test_a_changed_folder_under_a_running_conversation(shop: Shop, tmp_path: Path) -> None:
    play(shop, [start("book_visit"), put("visit_date", "2026-12-02")], [*RETURN, put("reason", "unwanted")])
    renewed = open_shop(
        tmp_path,
        language=shop.language,
        flows=FLOWS.replace("id: register", "id: enter")
        .replace("next: register", "next: enter")
        .replace("else: register", "else: enter"),
    )
    renewed.state = renewed.engine.restore(_json(shop.state))
    assert renewed.state.dropped == ("return_parcel",)
    said = renewed.say(YES)
    assert renewed.calls == []
    assert len(said.splitlines()) >= 3  # it has changed, no confirmation is open, the question of the other flow
    assert open_flows(renewed) == ["book_visit"]
    assert renewed.state.slots["order_id"] == "AB1234"
    assert renewed.state.dropped == ()


def _json(state: DialogueState) -> Any:
    from chatwright.dialogue.running.state import state_to_json

    return state_to_json(state)
