"""The texts of repair exist in both languages; a bot folder overrides them by response, by wording and by pattern."""

import re
from pathlib import Path

import pytest
from tests.dialogue.shop import DOMAIN, FLOWS, YES, open_shop, put, start

from chatwright.dialogue.commands import (
    CancelFlow,
    Clarify,
    HumanHandoff,
    Restart,
    SearchAndReply,
    SessionStart,
    SkipQuestion,
    UserSilence,
)
from chatwright.dialogue.extract import PROBLEM_TEXTS
from chatwright.dialogue.running.repair import PATTERNS, RASA_RESPONSES, REPAIR_TEXT_NAMES, REPAIR_TEXTS, repair_text
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


PATTERN_FLOWS = {
    "pattern_cancel_flow": [[start("book_visit")], [CancelFlow()]],
    "pattern_clarification": [[Clarify(flows=("book_visit", "order_status"))]],
    "pattern_code_change": [],
    "pattern_completed": [[start("order_status"), put("order_id", "AB1234")]],
    "pattern_continue_interrupted": [[start("book_visit")], [start("order_status"), put("order_id", "AB1234")]],
    "pattern_correction": [[start("return_parcel"), put("order_id", "AB1234")], [put("order_id", "CD5678")]],
    "pattern_human_handoff": [[HumanHandoff()]],
    "pattern_internal_error": [[start("spin")]],
    "pattern_cannot_handle": [[]],
    "pattern_restart": [[Restart()]],
    "pattern_session_start": [[SessionStart()]],
    "pattern_skip_question": [[start("book_visit")], [SkipQuestion()]],
    "pattern_user_silence": [[UserSilence()]],
}  # fmt: skip


@pytest.mark.parametrize("pattern", sorted(set(PATTERN_FLOWS) - {"pattern_code_change"}))
def test_a_pattern_flow_takes_over(tmp_path: Path, pattern: str) -> None:
    flows = FLOWS + f"  {pattern}:\n    steps: [{{action: action_clean_stack}}, {{action: utter_own}}]\n"
    domain = DOMAIN + "  utter_own: [{text: OWN}]\n"
    shop = open_shop(tmp_path, flows=flows, domain=domain)
    said = ""
    for turn in PATTERN_FLOWS[pattern]:
        said = shop.say(*turn)
    assert said.splitlines().count("OWN") == 1
    assert pattern in shop.names("flow_started")
    assert pattern in shop.names("flow_completed")
    assert all(frame.kind == "flow" for frame in shop.state.stack)
    assert pattern not in shop.state.completed


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
