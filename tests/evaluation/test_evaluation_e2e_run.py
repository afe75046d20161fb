"""Test cases against the example shop's real flows: each kind of step met and not met, stubs, fixtures, writes, time."""

import asyncio
import textwrap
from pathlib import Path

import pytest
from tests.bot.rehearsed_shop import rehearsed_shop
from tests.evaluation.trace_events import yaml_file

from chatwright.evaluation.case_result import CaseResult
from chatwright.evaluation.e2e_file import read_e2e_file
from chatwright.evaluation.e2e_run import run_test

STUB = """
stub_custom_actions:
  register_return: {events: [{event: slot, name: return_text, value: R1}], responses: [{text: Noted by a stub.}]}
"""


def ran(folder: Path, steps: str, head: str = "", *, run_writes: bool = False, fixtures: str = "[]") -> CaseResult:
    """The result of one test case with these steps."""
    body = textwrap.indent(textwrap.dedent(steps).strip(), "    ")
    text = f"{head}test_cases:\n- test_case: it\n  fixtures: {fixtures}\n  steps:\n{body}\n"

    async def whole() -> CaseResult:
        (case,), problems = read_e2e_file(yaml_file(folder, text))
        assert problems == []
        async with rehearsed_shop(folder, run_writes=run_writes) as rehearsal:
            return await run_test(case, rehearsal, rehearsal)

    return asyncio.run(whole())


BEGIN = "- user: I want to return my order\n"
CONFIRMED = BEGIN + "- user: LM100001\n- user: it is faulty\n- user: 'yes'\n"


@pytest.mark.parametrize(
    "steps",
    [
        BEGIN + "- utter: utter_ask_order_id",
        BEGIN + "- bot: What is the order number? It is LM and six digits, under “My orders”.",
        BEGIN + "- slot_was_not_set: [order_id]",
        BEGIN + "- user: LM100001\n- slot_was_set: [order_id, order_state: delivered]\n- slot_was_not_set: [order_id: LM1]",
        "- user: 我要退货\n- bot: 请告诉我订单号（LM 加六位数字，在“我的订单”里）。",
        "- user: Do you sell gift cards?\n  assertions:\n  - flow_started: pattern_search\n"
        "  - generative_response_is_grounded: {threshold: 1}\n  - action_executed: action_trigger_search",
        "- user: hello\n  assertions:\n  - flow_completed: {flow_id: pattern_chitchat}\n  - bot_uttered: {utter_name: utter_greeting}",
        BEGIN + "- user: Do you sell gift cards?\n  assertions:\n  - flow_completed: {flow_id: pattern_search, flow_step_id: action_trigger_search}\n"
        "  - bot_uttered: {text_matches: from 10 to 500}",
        BEGIN + "- user: talk to a person\n  assertions:\n  - flow_started: pattern_human_handoff",
        BEGIN + "- user: cancel it please\n  assertions:\n  - flow_cancelled: {flow_id: return_parcel}\n"
        "  - bot_uttered: {utter_name: utter_flow_cancelled_rasa}",
        "- user: I want to book a repair\n- user: my phone\n- user: tomorrow\n- slot_was_set: [visit_date: '2026-03-03']",
    ],
)  # fmt: skip
def test_what_passes(tmp_path: Path, steps: str) -> None:
    result = ran(tmp_path, steps)
    assert result.is_passed, (result.failures, result.error)


@pytest.mark.parametrize(
    ("steps", "line", "expected", "happened"),
    [
        (BEGIN + "- utter: utter_bye", 6, "utter: utter_bye", "utter_ask_order_id"),
        (BEGIN + "- bot: What?", 6, "bot: What?", "What is the order number?"),
        (BEGIN + "- slot_was_set: [order_id]", 6, "slot_was_set: order_id", "order_id was not set"),
        (BEGIN + "- user: LM100001\n- slot_was_set:\n  - order_id: LM100002", 8, "order_id: 'LM100002'", "'LM100001'"),
        (BEGIN + "- user: LM100001\n- slot_was_not_set: [order_id]", 7, "slot_was_not_set: order_id", "'LM100001'"),
        (BEGIN + "  assertions:\n  - flow_started: order_status", 7, "flow_started: order_status", "return_parcel"),
        (BEGIN + "  assertion_order_enabled: true\n  assertions:\n  - bot_uttered: {utter_name: utter_ask_order_id}\n"
         "  - flow_started: return_parcel", 9, "in the order written", "no flow_started"),
        (CONFIRMED, 8, "register_return, which writes, is stubbed", "--run-writes"),
    ],
)  # fmt: skip
def test_what_fails_says_where_and_why(tmp_path: Path, steps: str, line: int, expected: str, happened: str) -> None:
    (failure,) = ran(tmp_path, steps).failures
    assert failure.line == line
    assert expected in failure.expected
    assert happened in failure.happened


def test_the_first_failure_ends_the_test(tmp_path: Path) -> None:
    result = ran(tmp_path, BEGIN + "- utter: utter_bye\n- user: LM100001\n- utter: utter_nothing")
    assert len(result.failures) == 1
    assert [turn.said for turn in result.turns] == ["", "I want to return my order"]


def test_a_stub_speaks_for_the_action(tmp_path: Path) -> None:
    steps = CONFIRMED + "  assertions:\n  - action_executed: register_return\n  - bot_uttered: {text_matches: R1}"
    result = ran(tmp_path, steps + "\n- bot: Noted by a stub.", STUB)
    assert result.is_passed, result.failures


def test_writes_run_where_they_are_allowed(tmp_path: Path) -> None:
    result = ran(tmp_path, CONFIRMED + "- utter: utter_return_registered", run_writes=True)
    assert result.is_passed, result.failures
    actions = [event["name"] for turn in result.turns for event in turn.events if event["event"] == "action"]
    assert actions == ["look_up_order", "register_return"]


def test_a_fixture_is_known_from_the_beginning(tmp_path: Path) -> None:
    steps = BEGIN + "- utter: utter_ask_return_reason\n- slot_was_set: [order_id: LM100002, order_state: delivered]"
    result = ran(tmp_path, steps, "fixtures:\n- known: [{order_id: LM100002}]\n", fixtures="[known]")
    assert result.is_passed, result.failures


def test_what_the_bot_refuses_is_the_tests_error(tmp_path: Path) -> None:
    result = ran(tmp_path, '- user: "hi \\ud800"\n')
    assert not result.is_passed
    assert "cannot be kept" in result.error
