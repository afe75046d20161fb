"""Whole scenarios on the example shop: done, judged, cut off, and what cannot be judged is said."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from tests.bot.rehearsed_shop import rehearsed_shop
from tests.evaluation.trace_events import yaml_file

from chatwright.engines.scripted import ScriptedEngine
from chatwright.errors import EngineError
from chatwright.evaluation.case_result import CaseResult
from chatwright.evaluation.criteria import ModelJudge
from chatwright.evaluation.model_user import ModelUser
from chatwright.evaluation.scenario import Scenario
from chatwright.evaluation.scenario_file import read_scenario_file
from chatwright.evaluation.scenario_run import run_scenario
from chatwright.evaluation.simulated_user import scripted_user
from chatwright.evaluation.turn_trace import transcript

RETURN = """
stub_custom_actions:
  register_return: {events: [{event: slot, name: return_text, value: R1}]}
scenario:
  name: back
  user:
    goal: I want to return my order
    flow: return_parcel
    facts: {order_id: LM100001, return_reason: it is faulty}
  goals:
    criteria: [The assistant is polite.]
    assertions:
      - sequencing: [{flow_started: return_parcel}, {action_executed: register_return}]
      - slot_was_set: [{name: return_reason, value: faulty}]
"""


def scenario(folder: Path, text: str = RETURN) -> Scenario:
    (read,), problems = read_scenario_file(yaml_file(folder, text))
    assert problems == []
    return read


def ran(
    folder: Path, given: Scenario, *, judge: ModelJudge | None = None, model: ScriptedEngine | None = None
) -> CaseResult:
    async def whole() -> CaseResult:
        user = scripted_user(given.user, given.language, 0)
        played = ModelUser(user=given.user, language="en", engine=model, seed=0) if model else user
        async with rehearsed_shop(folder) as rehearsal:
            return await run_scenario(given, played, rehearsal, rehearsal, judge, ("seed 0",))

    return asyncio.run(whole())


def test_done_and_right(tmp_path: Path) -> None:
    result = ran(tmp_path, scenario(tmp_path))
    assert result.is_passed, result.failures
    assert result.notes == ("seed 0", "1 criteria not judged: name a model with --judge")
    assert [turn.said for turn in result.turns][1:4] == ["I want to return my order", "LM100001", "it is faulty"]
    assert any("R1" in line for line in transcript(result.turns))


def test_the_same_seed_says_the_same(tmp_path: Path) -> None:
    first, second = (ran(tmp_path, scenario(tmp_path)) for _ in range(2))
    assert [turn.said for turn in first.turns] == [turn.said for turn in second.turns]


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("value: faulty", "value: unwanted", 14, "slot_was_set: return_reason = 'unwanted'"),
        ("register_return: {", "change_address: {", 4, "action register_return, which writes, is stubbed"),
        ("  name: back\n", "  name: back\n  max_turns: 2\n", 15, "slot_was_set: return_reason = 'faulty'"),
    ],
)
def test_what_is_not_as_it_should_be(tmp_path: Path, old: str, new: str, line: int, expected: str) -> None:
    result = ran(tmp_path, scenario(tmp_path, RETURN.replace(old, new)))
    assert (line, expected) in [(failure.line, failure.expected) for failure in result.failures]


def test_a_user_who_is_cut_off_is_a_failure(tmp_path: Path) -> None:
    result = ran(tmp_path, replace(scenario(tmp_path), max_turns=1, assertions=()))
    assert [failure.expected for failure in result.failures] == ["the user is done within max_turns"]


@pytest.mark.parametrize(("says", "is_passed"), [("yes", True), ("no", False)])
def test_criteria_are_judged_by_the_model_that_is_named(tmp_path: Path, says: str, is_passed: bool) -> None:
    engine = ScriptedEngine([says], model="judge")
    result = ran(tmp_path, scenario(tmp_path), judge=ModelJudge(engine=engine))
    assert result.is_passed is is_passed
    assert "The assistant is polite." in engine.calls[0].messages[0].content
    assert "user: LM100001" in engine.calls[0].messages[0].content
    assert is_passed or result.failures[0].happened == "judge says no"


def test_a_model_plays_the_user(tmp_path: Path) -> None:
    model = ScriptedEngine(["LM100001", "it is faulty", "yes", "DONE"])
    result = ran(tmp_path, replace(scenario(tmp_path), criteria=()), model=model)
    assert result.is_passed, result.failures
    assert len(model.calls) == 4


def test_a_model_that_fails_is_the_results_error(tmp_path: Path) -> None:
    model = ScriptedEngine(["x"])
    model.fail_with = EngineError("The model died.", hint="Start it again.")
    result = ran(tmp_path, scenario(tmp_path), model=model)
    assert result.error == "The model died. Start it again."
    assert not result.is_passed


def test_time_runs_out(tmp_path: Path) -> None:
    never = asyncio.Event  # a model that never says anything: its gate stays shut

    async def whole() -> CaseResult:
        engine = ScriptedEngine(["x"], gate=never())
        given = replace(scenario(tmp_path), max_seconds=0.05)
        user = ModelUser(user=given.user, language="en", engine=engine, seed=0)
        async with rehearsed_shop(tmp_path) as rehearsal:
            return await run_scenario(given, user, rehearsal, rehearsal)

    assert "longer than max_seconds: 0.05" in asyncio.run(whole()).error
