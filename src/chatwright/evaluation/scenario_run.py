"""Runs one scenario: a simulated user talks to the bot until they are done, then the conversation is judged.

In: a Scenario, whoever plays the user, a Rehearsal, judges. Out: a CaseResult with the seed among its notes. Bounded in
turns and seconds: a user who is not done by then is a failure, never an endless conversation.
"""

import asyncio
import time

from chatwright.errors import ChatwrightError
from chatwright.evaluation.assertion_check import ResponseJudge, check_assertion
from chatwright.evaluation.case_result import CaseResult, Failure
from chatwright.evaluation.criteria import CriteriaJudge
from chatwright.evaluation.e2e_run import refused_writes
from chatwright.evaluation.rehearsal import Rehearsal
from chatwright.evaluation.scenario import Scenario
from chatwright.evaluation.simulated_user import UserSimulator
from chatwright.evaluation.turn_trace import Setup, TurnTrace, events_of, transcript


async def run_scenario(
    scenario: Scenario,
    user: UserSimulator,
    rehearsal: Rehearsal,
    judge: ResponseJudge,
    criteria_judge: CriteriaJudge | None = None,
    notes: tuple[str, ...] = (),
) -> CaseResult:
    """Its result; what the bot or a model raises, and time that runs out, is the result's error."""
    started = time.perf_counter()
    turns: list[TurnTrace] = []
    failures: list[Failure] = []
    error = ""
    try:
        async with asyncio.timeout(scenario.max_seconds):
            is_done = await _converse(scenario, user, rehearsal, turns)
            failures = await _judged(scenario, turns, judge, is_done=is_done)
            failures += await _by_criteria(scenario, turns, criteria_judge)
    except TimeoutError:
        error = f"The conversation took longer than max_seconds: {scenario.max_seconds:g}."
    except ChatwrightError as err:
        error = str(err)
    if scenario.criteria and criteria_judge is None:
        notes = (*notes, f"{len(scenario.criteria)} criteria not judged: name a model with --judge")
    return CaseResult(
        kind="scenario",
        name=scenario.name,
        path=scenario.path,
        line=scenario.line,
        failures=tuple(failures),
        error=error,
        notes=notes,
        turns=tuple(turns),
        seconds=time.perf_counter() - started,
    )


async def _converse(scenario: Scenario, user: UserSimulator, rehearsal: Rehearsal, turns: list[TurnTrace]) -> bool:
    """Adds to `turns` until the user has nothing more to say; False when they are cut off."""
    conversation, before = await rehearsal.open(Setup(slots=scenario.slots, stubs=scenario.stubs))
    turns.append(before)
    for _ in range(scenario.max_turns):
        said = await user.speak(turns)
        if said is None:
            return True
        turns.append(await rehearsal.say(conversation, said, {}))
    return await user.speak(turns) is None


async def _judged(scenario: Scenario, turns: list[TurnTrace], judge: ResponseJudge, *, is_done: bool) -> list[Failure]:
    """Everything that is not as it should be, by rule."""
    failures = [failure for turn in turns for failure in refused_writes(turn, scenario.line)]
    events = events_of(turns)
    question = next((turn.said for turn in turns if turn.said), "")
    for assertion in scenario.assertions:
        verdict = await check_assertion(assertion, events, question, judge)
        if not verdict.is_met:
            line = verdict.line or assertion.line
            failures.append(Failure(line=line, expected=verdict.expected, happened=verdict.happened))
    if not is_done:
        told = f"after {scenario.max_turns} turns they still had something to say"
        failures.append(Failure(line=scenario.line, expected="the user is done within max_turns", happened=told))
    return failures


async def _by_criteria(scenario: Scenario, turns: list[TurnTrace], judge: CriteriaJudge | None) -> list[Failure]:
    if judge is None:
        return []
    lines = transcript(turns)
    return [
        Failure(line=scenario.line, expected=f"criterion: {criterion}", happened=f"{judge.name} says no")
        for criterion in scenario.criteria
        if not await judge.holds(criterion, lines, scenario.language)
    ]
