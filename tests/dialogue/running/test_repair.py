"""The texts of repair exist in both languages; a bot folder overrides them by response, by wording and by pattern."""

import re
from pathlib import Path

import pytest
from tests.dialogue.shop import DOMAIN, FLOWS, YES, Shop, open_shop, put, start

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
from chatwright.dialogue.extract import PROBLEM_TEXTS
from chatwright.dialogue.running.repair import (
    PATTERN_NAMES,
    PATTERNS,
    RASA_RESPONSES,
    REPAIR_TEXT_NAMES,
    REPAIR_TEXTS,
    repair_text,
)
from chatwright.dialogue.running.state import state_to_json
from chatwright.language.detect import detect_language
from chatwright.messages import Language, Utterance

BOTH: list[Language] = ["zh", "en"]


@pytest.mark.parametrize("name", sorted(REPAIR_TEXTS))
def test_each_text_is_whole_in_both_languages(name: str) -> None:
    places = [set(re.findall(r"\{(\w+)\}", REPAIR_TEXTS[name][language])) for language in BOTH]
    assert places[0] == places[1]
    for language in BOTH:
        said = repair_text(name, language, None, dict.fromkeys(places[0], "X"))
        assert detect_language(said) == language
        assert not set("{}[]") & set(said)


def test_the_names_of_texts_and_patterns_hang_together() -> None:
    assert set(RASA_RESPONSES) <= set(REPAIR_TEXTS)
    assert set(PATTERNS) <= set(REPAIR_TEXTS)
    assert set(PROBLEM_TEXTS) <= REPAIR_TEXT_NAMES


def test_an_optional_stretch_goes_with_its_value() -> None:
    texts = {"completed": {"en": "Done[[ with {flow}]]."}}
    assert repair_text("completed", "en", texts) == "Done."
    assert repair_text("completed", "en", texts, {"flow": "{x}"}) == "Done with {x}."


def test_the_owner_rewords_by_texts_and_responses(tmp_path: Path) -> None:
    domain = (
        DOMAIN
        + "  utter_flow_cancelled_rasa: [{text: 'Gone: {flow} {canceled_name}'}]\n  utter_cannot_handle: [{text: Hm}]\n"
    )
    shop = open_shop(tmp_path, domain=domain, texts={"nothing_to_cancel": {"en": "Nothing!"}})
    assert shop.say(CancelFlow()) == "Nothing!"
    shop.say(start("book_visit"))
    assert shop.say(CancelFlow()).startswith("Gone: book a visit")
    assert shop.say() == "Hm"


STATUS: list[Command] = [start("order_status"), put("order_id", "AB1234")]
BOOK: list[Command] = [start("book_visit")]
# Each repair: the pattern that takes its place, the text it is by default, and the turns that lead to it.
REPAIRS: list[tuple[str, str, list[list[Command]]]] = [
    ("pattern_cancel_flow", "flow_cancelled", [BOOK, [CancelFlow()]]),
    ("pattern_cancel_flow", "flow_cancelled", [BOOK, [start("return_parcel")], [CancelFlow()]]),
    ("pattern_cannot_handle", "cannot_handle", [[CannotHandle()]]),
    ("pattern_cannot_handle", "cannot_handle", [BOOK, [CannotHandle()]]),
    ("pattern_cannot_handle", "cannot_handle_in_flow", [BOOK, [CannotHandle()], [CannotHandle()]]),
    ("pattern_cannot_handle", "cannot_handle_choices", [[CannotHandle()], [CannotHandle()]]),
    ("pattern_cannot_handle", "cannot_handle_person", [[CannotHandle()], [CannotHandle()], [CannotHandle()]]),
    ("pattern_chitchat", "no_answer", [[ChitChat()]]),
    ("pattern_chitchat", "no_answer", [BOOK, [ChitChat()]]),
    ("pattern_clarification", "which_flow", [[Clarify(flows=("book_visit", "order_status"))]]),
    ("pattern_clarification", "which_flow_one", [[Clarify(flows=("book_visit",))]]),
    ("pattern_completed", "completed", [STATUS]),
    ("pattern_continue_interrupted", "continue_interrupted", [BOOK, STATUS]),
    ("pattern_continue_interrupted", "digression_return", [BOOK, [SearchAndReply()]]),
    ("pattern_correction", "corrected", [[start("return_parcel"), put("order_id", "AB1234")], [put("order_id", "CD5678")]]),
    ("pattern_empty", "empty", [[]]),
    ("pattern_empty", "empty", [BOOK, []]),
    ("pattern_human_handoff", "human_handoff", [[HumanHandoff()]]),
    ("pattern_internal_error", "empty", [BOOK, []]),
    ("pattern_internal_error", "flow_failed", [[start("spin")]]),
    ("pattern_repeat_bot_messages", "nothing_to_repeat", [[RepeatMessages()]]),
    ("pattern_restart", "restarted", [[Restart()]]),
    ("pattern_search", "no_answer", [[SearchAndReply()]]),
    ("pattern_search", "no_answer", [BOOK, [SearchAndReply()]]),
    ("pattern_session_start", "session_start", [[SessionStart()]]),
    ("pattern_skip_question", "cannot_skip", [BOOK, [SkipQuestion()]]),
    ("pattern_skip_question", "nothing_to_skip", [[SkipQuestion()]]),
    ("pattern_too_long", "too_long", [[put("note", "x" * 300)]]),
    ("pattern_internal_error", "too_long", [BOOK, [put("note", "x" * 300)]]),
    ("pattern_user_silence", "user_silence", [[UserSilence()]]),
    ("pattern_user_silence", "user_silence", [BOOK, [UserSilence()]]),
]  # fmt: skip


def test_every_pattern_has_its_row() -> None:
    rows = {pattern for pattern, _, _ in REPAIRS} | {"pattern_code_change"}
    left = {"pattern_collect_information", "pattern_validate_slot", "pattern_validate_collect"}
    assert rows == set(PATTERN_NAMES) - left


def play(shop: Shop, turns: list[list[Command]]) -> str:
    said = ""
    for turn in turns:
        text = next((str(each.value) for each in turn if isinstance(each, SetSlot) and each.slot == "note"), "x")
        said = shop.say(*turn, text=text if turn else " ")
    return said


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize(("pattern", "name", "turns"), REPAIRS)
def test_each_repair_by_default_by_text_and_by_flow(
    tmp_path: Path, pattern: str, name: str, turns: list[list[Command]], language: Language
) -> None:
    by_default = play(open_shop(tmp_path, language=language), turns)
    assert detect_language(by_default) == language
    place = REPAIR_TEXTS[name][language].split("{")[0]
    assert place in by_default
    own: dict[str, dict[Language, str]] = {name: {"zh": "自己的话", "en": "OWN WORDS"}}
    by_text = play(open_shop(tmp_path, language=language, texts=own), turns)
    assert own[name][language] in by_text
    assert place not in by_text.replace(own[name][language], "") or not place
    flows = FLOWS + f"  {pattern}:\n    steps: [{{action: action_clean_stack}}, {{action: utter_own}}]\n"
    domain = DOMAIN + "  utter_own: [{text: {zh: 自己的流程, en: OWN FLOW}}]\n"
    shop = open_shop(tmp_path, language=language, flows=flows, domain=domain, texts=own)
    by_flow = play(shop, turns)
    assert by_flow.splitlines().count({"zh": "自己的流程", "en": "OWN FLOW"}[language]) == 1
    assert own[name][language] not in by_flow
    assert pattern in shop.names("flow_started")
    assert pattern in shop.names("flow_completed")
    assert all(frame.kind == "flow" for frame in shop.state.stack)
    assert pattern not in shop.state.completed


@pytest.mark.parametrize("language", BOTH)
def test_a_changed_process_has_its_pattern(tmp_path: Path, language: Language) -> None:
    flows = FLOWS + "  pattern_code_change:\n    steps: [{action: utter_own}]\n"
    domain = DOMAIN + "  utter_own: [{text: {zh: 自己的流程, en: OWN FLOW}}]\n"
    for more, said in (
        (FLOWS, REPAIR_TEXTS["code_changed"][language]),
        (flows, {"zh": "自己的流程", "en": "OWN FLOW"}[language]),
    ):
        shop = open_shop(tmp_path, language=language, flows=more, domain=domain)
        shop.say(start("book_visit"))
        written = state_to_json(shop.state)
        written["stack"][0]["flow"] = "gone"
        shop.state = shop.engine.restore(written)
        assert said in shop.say(start("order_status"))


@pytest.mark.parametrize(
    ("pattern", "command", "context"),
    [
        ("pattern_chitchat", ChitChat(kind="thanks"), "kind"),
        ("pattern_internal_error", CannotHandle(), "error_type"),
    ],
)
def test_a_pattern_knows_what_it_is_about(tmp_path: Path, pattern: str, command: Command, context: str) -> None:
    flows = FLOWS + f"  {pattern}:\n    steps: [{{action: utter_own}}]\n"
    shop = open_shop(tmp_path, flows=flows, domain=DOMAIN + f"  utter_own: [{{text: '<{{{context}}}>'}}]\n")
    assert shop.say(command, text=" ") in ("<thanks>", "<rasa_error_user_input_empty>")


def test_a_search_pattern_may_say_the_answer_and_the_flow_goes_on(tmp_path: Path) -> None:
    flows = FLOWS + "  pattern_search:\n    steps: [{action: utter_noted}, {action: action_trigger_search}]\n"
    shop = open_shop(tmp_path, flows=flows)
    shop.answer = Utterance(text="<answer>")
    assert shop.say(SearchAndReply()) == "Noted.\n<answer>"
    assert shop.last is not None
    assert shop.last.outcome == "answered"
    shop.say(start("book_visit"))
    said = shop.say(SearchAndReply()).splitlines()
    assert said[:2] == ["Noted.", "<answer>"]
    assert said[2:] == ["Back to “book a visit”:", "Which day would you like to come?"]
    shop.answer = None
    shop.say(CancelFlow())
    shop.say(SearchAndReply())
    assert shop.last.outcome == "abstained"


def test_what_was_asked_stays_asked_after_a_repetition_by_the_folder(tmp_path: Path) -> None:
    flows = (
        FLOWS
        + "  pattern_repeat_bot_messages:\n    steps: [{action: utter_noted}, {action: action_repeat_bot_messages}]\n"
    )
    shop = open_shop(tmp_path, flows=flows)
    shop.say(start("return_parcel"), put("order_id", "AB1234"), put("reason", "unwanted"))
    assert shop.say(RepeatMessages()).startswith("Noted.\nPlease check")
    shop.say(YES)
    assert len(shop.writes) == 1


def test_after_a_pattern_the_flow_asks_again(tmp_path: Path) -> None:
    flows = FLOWS + "  pattern_correction:\n    steps: [{action: utter_own}]\n"
    shop = open_shop(tmp_path, flows=flows, domain=DOMAIN + "  utter_own: [{text: 'OWN {changes}'}]\n")
    shop.say(start("return_parcel"), put("order_id", "AB1234"), put("reason", "unwanted"))
    said = shop.say(put("order_id", "CD5678"))
    assert said.splitlines()[0] == "OWN order number: CD5678"
    assert shop.state.asked == "confirmed_action"
    shop.say(YES)
    assert shop.writes == [("return_parcel", {"order_id": "CD5678", "reason": "unwanted"})]


def test_a_pattern_may_branch_on_its_context(tmp_path: Path) -> None:
    pattern = """  pattern_completed:
    steps:
      - noop: true
        next:
          - if: context.previous_flow_id = "order_status"
            then: [{action: utter_own, next: END}]
          - else: END
"""
    shop = open_shop(
        tmp_path, flows=FLOWS + pattern, domain=DOMAIN + "  utter_own: [{text: '{previous_flow_name}!'}]\n"
    )
    assert shop.say(start("order_status"), put("order_id", "AB1234")).endswith("check an order!")


def test_a_pattern_may_search(tmp_path: Path) -> None:
    pattern = (
        "  pattern_user_silence:\n    steps: [{action: action_trigger_search}, {action: action_repeat_bot_messages}]\n"
    )
    shop = open_shop(tmp_path, flows=FLOWS + pattern)
    shop.answer = Utterance(text="<answer>")
    shop.say(SearchAndReply())
    assert shop.say(UserSilence()) == "<answer>\n<answer>"


@pytest.mark.parametrize(
    "steps", ["[{id: a, noop: true, next: a}]", "[{action: action_none}]", "[{call: nowhere}]", "[{link: nowhere}]"]
)
def test_an_error_pattern_that_fails_ends_all_the_same(tmp_path: Path, steps: str) -> None:
    flows = FLOWS + f"  pattern_internal_error:\n    steps: {steps}\n"

    def act(call: object) -> object:
        from chatwright.errors import ActionError

        raise ActionError("No such action.", code="unknown_action")

    shop = open_shop(tmp_path, flows=flows, act=act)  # type: ignore[arg-type]
    assert "something went wrong" in shop.say(start("spin"))
    assert shop.state.stack == ()


RASA_SILENCE = """  pattern_user_silence:
    nlu_trigger: [{intent: silence_timeout}]
    persisted_slots: [consecutive_silence_timeouts]
    steps:
      - noop: true
        next:
          - if: slots.consecutive_silence_timeouts = 0.0
            then:
              - set_slots: [{consecutive_silence_timeouts: 1.0}]
              - action: action_repeat_bot_messages
                next: END
          - if: slots.consecutive_silence_timeouts = 1.0
            then:
              - set_slots: [{consecutive_silence_timeouts: 2.0}]
              - action: utter_own
                next: END
          - else: END
"""


def test_rasas_own_pattern_counts_the_silences(tmp_path: Path) -> None:
    domain = DOMAIN.replace("responses:\n", "responses:\n  utter_own: [{text: STILL THERE}]\n")
    shop = open_shop(tmp_path, flows=FLOWS + RASA_SILENCE, domain=domain)
    asked = shop.say(start("book_visit"))
    assert shop.say(UserSilence()) == f"{asked}\n{asked}"
    assert shop.say(UserSilence()).startswith("STILL THERE")
    assert shop.say(UserSilence()) == asked
    shop.say(put("visit_date", "2026-12-02"))
    assert not shop.say(UserSilence()).startswith("STILL THERE")  # the visitor spoke: counted from the beginning
