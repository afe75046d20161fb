"""Every assertion, met and not met, on one trace; the order in which they must be met."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evaluation.trace_events import EVENTS, WordJudge, yaml_file

from chatwright.evaluation.assertion_check import Verdict, check_assertion, same_value
from chatwright.evaluation.assertion_file import read_assertions
from chatwright.evaluation.file_problems import FileProblems


def judged(
    folder: Path, assertion: Mapping[str, Any], question: str = "when do parcels come", start: int = 0
) -> Verdict:
    """The assertion as a file writes it (JSON is YAML), checked."""
    file = yaml_file(folder, orjson.dumps([assertion]).decode())
    problems = FileProblems(file)
    (read,) = read_assertions(problems, [], file.values)
    assert not problems.lines
    return asyncio.run(check_assertion(read, EVENTS, question, WordJudge(), start))


MET: list[Mapping[str, Any]] = [
    {"flow_started": "order"},
    {"flow_started": {"operator": "all", "flow_ids": ["order"]}},
    {"flow_started": {"operator": "any", "flow_ids": ["visit", "order"]}},
    {"flow_completed": {"flow_id": "order"}},
    {"flow_completed": {"flow_id": "order", "flow_step_id": "tell"}},
    {"flow_cancelled": {"flow_id": "refund", "flow_step_id": "ask_why"}},
    {"pattern_clarification_contains": ["refund", "order"]},
    {"pattern_clarification_contains": {"operator": "all", "flow_ids": ["order", "refund"]}},
    {"pattern_clarification_contains": {"operator": "any", "flow_ids": ["visit", "refund"]}},
    {"action_executed": "look_up"},
    {"action_executed": "utter_state"},
    {"slot_was_set": [{"name": "order_id"}]},
    {"slot_was_set": [{"name": "order_id", "value": "A1"}, {"name": "amount", "value": 3}]},
    {"slot_was_set": [{"name": "is_member", "value": True}]},
    {"slot_was_set": [{"name": "order_id", "value": None}]},
    {"slot_was_not_set": [{"name": "phone"}]},
    {"slot_was_not_set": [{"name": "amount", "value": 4}]},
    {"slot_was_not_set": [{"name": "order_id"}]},  # it was given up at the end
    {"bot_uttered": {"utter_name": "utter_state"}},
    {"bot_uttered": {"utter_name": "utter_else"}},
    {"bot_uttered": {"text_matches": "on its w.y"}},
    {"bot_uttered": {"buttons": [{"title": "Yes", "payload": "/SetSlots(ok=true)"}]}},
    {"bot_uttered": {"buttons": [{"title": "Yes"}, {"title": "No"}]}},
    {"bot_uttered": {"utter_name": "utter_state", "text_matches": "Anything", "buttons": [{"title": "Yes"}]}},
    {"bot_did_not_utter": {"utter_name": "utter_ask"}},
    {"bot_did_not_utter": {"text_matches": "refund"}},
    {"bot_did_not_utter": {"buttons": [{"title": "Maybe"}]}},
    {"generative_response_is_grounded": {"threshold": 0.9}},
    {"generative_response_is_grounded": {"threshold": 0.9, "ground_truth": "We say: Parcels take 3 days."}},
    {"generative_response_is_grounded": {"threshold": 0, "utter_source": "summarize"}},
    {"generative_response_is_relevant": {"threshold": 0.9, "utter_source": "EnterpriseSearchPolicy"}},
    {"generative_response_is_relevant": {"threshold": 0, "utter_name": "utter_state"}},
    {"sequencing": [{"flow_started": "order"}, {"slot_was_set": "order_id"}, {"action_executed": "look_up"},
                    {"flow_completed": "order"}, {"flow_cancelled": "refund"}, {"flow_interrupted": "visit"}]},
]  # fmt: skip

# assertion, what the verdict says was expected, what it says happened
NOT_MET: list[tuple[Mapping[str, Any], str, str]] = [
    ({"flow_started": "visit"}, "flow_started: visit", "flow_started: order"),
    ({"flow_started": {"operator": "all", "flow_ids": ["order", "visit"]}}, "all of order, visit", "order"),
    ({"flow_started": {"operator": "any", "flow_ids": ["visit", "refund"]}}, "any of visit, refund", "order"),
    ({"flow_completed": {"flow_id": "visit"}}, "flow_completed: visit", "flow_completed: order"),
    ({"flow_completed": {"flow_id": "order", "flow_step_id": "ask"}}, "at step ask", "order at step tell"),
    ({"flow_cancelled": {"flow_id": "order"}}, "flow_cancelled: order", "flow_cancelled: refund"),
    ({"pattern_clarification_contains": ["order"]}, "asks which of order", "offered order, refund"),
    ({"pattern_clarification_contains": {"operator": "any", "flow_ids": ["visit"]}}, "visit", "offered order, refund"),
    ({"action_executed": "pay"}, "action_executed: pay", "actions run: look_up"),
    ({"slot_was_set": [{"name": "phone"}]}, "slot_was_set: phone", "phone was not set"),
    ({"slot_was_set": [{"name": "order_id", "value": "A2"}]}, "order_id = 'A2'", "'A1', then None"),
    ({"slot_was_set": [{"name": "is_member", "value": 1}]}, "is_member = 1", "set to True"),
    ({"slot_was_set": [{"name": "amount", "value": "3.0"}]}, "amount = '3.0'", "another type"),
    ({"slot_was_not_set": [{"name": "amount"}]}, "slot_was_not_set: amount", "set to 3.0"),
    ({"slot_was_not_set": [{"name": "amount", "value": 3}]}, "amount = 3", "set to 3.0"),
    ({"bot_uttered": {"utter_name": "utter_bye"}}, "utter_bye", "It is on its way. [utter_state]"),
    ({"bot_uttered": {"utter_name": "utter_state", "text_matches": "^on"}}, "/^on/", "on its way"),
    ({"bot_uttered": {"buttons": [{"title": "No"}]}}, "buttons No", "(Yes | No)"),
    ({"bot_uttered": {"buttons": [{"title": "Yes", "payload": "x"}]}}, "buttons Yes", "Yes | No"),
    ({"bot_uttered": {"buttons": [{"title": "Yes"}, {"title": "No"}, {"title": "Maybe"}]}}, "Maybe", "Yes | No"),
    ({"bot_did_not_utter": {"utter_name": "utter_state"}}, "bot_did_not_utter: utter_state", "on its way"),
    ({"bot_did_not_utter": {"text_matches": "way"}}, "/way/", "on its way"),
    ({"bot_did_not_utter": {"buttons": [{"title": "No"}]}}, "buttons No", "Yes | No"),
    ({"generative_response_is_grounded": {"threshold": 0.5, "ground_truth": "5 days"}}, "at least 0.5", "0.00 for"),
    ({"generative_response_is_relevant": {"threshold": 0.5, "utter_source": "nobody"}}, "knowledge", "on its way"),
    ({"generative_response_is_relevant": {"threshold": 0.5, "utter_name": "utter_more"}}, "at least 0.5", "Anything"),
    ({"sequencing": [{"flow_completed": "order"}, {"flow_started": "order"}]}, "after flow_completed: order", "not"),
    ({"sequencing": [{"flow_interrupted": "order"}]}, "flow_interrupted: order", "did not happen"),
]  # fmt: skip


@pytest.mark.parametrize("assertion", MET, ids=lambda each: orjson.dumps(each).decode()[:70])
def test_met(tmp_path: Path, assertion: Mapping[str, Any]) -> None:
    assert judged(tmp_path, assertion).is_met


@pytest.mark.parametrize(
    ("assertion", "expected", "happened"), NOT_MET, ids=[orjson.dumps(row[0]).decode()[:70] for row in NOT_MET]
)
def test_not_met_says_what_was_expected_and_what_happened(
    tmp_path: Path, assertion: Mapping[str, Any], expected: str, happened: str
) -> None:
    verdict = judged(tmp_path, assertion)
    assert not verdict.is_met
    assert expected in verdict.expected
    assert happened in verdict.happened


@pytest.mark.parametrize(
    ("assertion", "start", "is_met"),
    [
        ({"flow_started": "order"}, 0, True),
        ({"flow_started": "order"}, 1, False),
        ({"slot_was_set": [{"name": "amount"}]}, 3, True),
        ({"slot_was_set": [{"name": "amount"}]}, 4, False),
        ({"bot_uttered": {"utter_name": "utter_state"}}, 7, False),
        ({"action_executed": "look_up"}, 6, False),
    ],
)
def test_what_happened_before_does_not_count(
    tmp_path: Path, assertion: Mapping[str, Any], start: int, is_met: bool
) -> None:
    assert judged(tmp_path, assertion, start=start).is_met is is_met


def test_every_kind_of_assertion_is_in_both_tables() -> None:
    from chatwright.evaluation.assertion_file import ASSERTION_KINDS

    assert {next(iter(each)) for each in MET} == set(ASSERTION_KINDS)
    assert {next(iter(row[0])) for row in NOT_MET} == set(ASSERTION_KINDS)


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(-3, 3), st.text(max_size=2))


@given(SCALARS)
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    assert same_value(value, value)


@given(SCALARS, SCALARS)
def test_sameness_is_symmetric_and_never_joins_text_with_numbers(left: Any, right: Any) -> None:
    assert same_value(left, right) == same_value(right, left)
    if same_value(left, right):
        assert isinstance(left, str) == isinstance(right, str)
        assert isinstance(left, bool) == isinstance(right, bool)
