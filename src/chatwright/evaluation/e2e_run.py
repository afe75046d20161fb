"""Runs one scripted test: says what its user says and looks at what comes of it.

In: a ConversationTest and a Rehearsal. Out: a CaseResult. As with Rasa, `bot`, `utter` and slot steps are about the
turn of the user step before them, in any order, what the bot says beyond that is no failure, and the first assertion
that is not met ends the test. Stricter than Rasa: such steps are also looked at where a case has assertions, and an
action that writes and is not stubbed fails the case.
"""

import time
from collections.abc import Sequence

from chatwright.errors import ChatwrightError
from chatwright.evaluation.assertion_check import ResponseJudge, check_assertion, said, same_value
from chatwright.evaluation.assertions import ANY_VALUE, SlotExpectation
from chatwright.evaluation.case_result import CaseResult, Failure
from chatwright.evaluation.e2e_case import BotStep, ConversationTest, SlotStep, Step, UserStep, UtterStep
from chatwright.evaluation.rehearsal import Rehearsal
from chatwright.evaluation.turn_trace import Setup, TraceEvents, TurnTrace


async def run_test(case: ConversationTest, rehearsal: Rehearsal, judge: ResponseJudge) -> CaseResult:
    """Its result; what the bot or an action raises is the result's error."""
    started = time.perf_counter()
    turns: list[TurnTrace] = []
    failures: list[Failure] = []
    error = ""
    try:
        conversation, before = await rehearsal.open(Setup(slots=case.slots, stubs=case.stubs))
        turns.append(before)
        for step in case.steps:
            if isinstance(step, UserStep):
                turns.append(await rehearsal.say(conversation, step.text, step.metadata))
            failures += await _failures(step, turns, judge)
            if failures:
                break
    except ChatwrightError as err:
        error = str(err)
    return CaseResult(
        kind="test case",
        name=case.name,
        path=case.path,
        line=case.line,
        failures=tuple(failures),
        error=error,
        turns=tuple(turns),
        seconds=time.perf_counter() - started,
    )


async def _failures(step: Step, turns: Sequence[TurnTrace], judge: ResponseJudge) -> list[Failure]:
    events = _turn_events(turns)
    if isinstance(step, UserStep):
        return refused_writes(turns[-1], step.line) or await _check_assertions(step, events, judge)
    failure = _check_step(step, events)
    return [failure] if failure else []


def _turn_events(turns: Sequence[TurnTrace]) -> TraceEvents:
    """The turn's; those of the first turn with what happened before it, such as a fixture's slots."""
    first = [*turns[0].events] if len(turns) == 2 else []
    return [*first, *turns[-1].events]


def refused_writes(turn: TurnTrace, line: int) -> list[Failure]:
    """Actions that write, were not stubbed and so did not run."""
    names = [str(event.get("name")) for event in turn.events if event.get("event") == "write_refused"]
    return [
        Failure(
            line=line,
            expected=f"action {name}, which writes, is stubbed",
            happened="it was not run: give it under stub_custom_actions, or allow writes with --run-writes",
        )
        for name in names
    ]


async def _check_assertions(step: UserStep, events: TraceEvents, judge: ResponseJudge) -> list[Failure]:
    start = 0
    for assertion in step.assertions:
        verdict = await check_assertion(assertion, events, step.text, judge, start)
        if not verdict.is_met:
            order = " (in the order written: assertion_order_enabled)" if step.is_ordered and start else ""
            line = verdict.line or assertion.line
            return [Failure(line=line, expected=verdict.expected + order, happened=verdict.happened)]
        if step.is_ordered and verdict.place >= 0:
            start = verdict.place + 1
    return []


def _check_step(step: Step, events: TraceEvents) -> Failure | None:
    bot_events = [event for event in events if event.get("event") == "bot"]
    match step:
        case BotStep(text=text):
            if any(_squeezed(str(event.get("text", ""))) == _squeezed(text) for event in bot_events):
                return None
            return Failure(line=step.line, expected=f"bot: {text}", happened=said(events))
        case UtterStep(name=name):
            if any(name in event.get("names", ()) for event in bot_events):
                return None
            return Failure(line=step.line, expected=f"utter: {name}", happened=said(events))
        case SlotStep():
            return next(filter(None, (_check_slot(slot, events, step) for slot in step.slots)), None)
    return None


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _check_slot(slot: SlotExpectation, events: TraceEvents, step: SlotStep) -> Failure | None:
    """Whether some event of the turn set the slot so, or none did."""
    values = [event.get("value") for event in events if event.get("event") == "slot" and event.get("name") == slot.name]
    met = [value for value in values if _is_meant(value, slot)]
    if bool(met) == step.is_set:
        return None
    worded = slot.name if slot.value is ANY_VALUE else f"{slot.name}: {slot.value!r}"
    kind = "slot_was_set" if step.is_set else "slot_was_not_set"
    told = f"{slot.name} was set to {', then '.join(map(repr, values))}" if values else f"{slot.name} was not set"
    return Failure(line=slot.line or step.line, expected=f"{kind}: {worded}", happened=told)


def _is_meant(value: object, slot: SlotExpectation) -> bool:
    return value is not None if slot.value is ANY_VALUE else same_value(value, slot.value)
