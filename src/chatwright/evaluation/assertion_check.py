"""Says whether what happened is what a test asserts, and if not, what was expected and what happened instead.

In: an assertion, the events of the turn (or of a whole conversation), the question they answer. Out: a Verdict. By
rule, but for the two assertions on generated answers, which a ResponseJudge scores. Never talks to the bot.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from chatwright.evaluation.assertions import (
    ANY_VALUE,
    ActionExecuted,
    Assertion,
    BotUttered,
    Clarification,
    ExpectedButton,
    FlowEnded,
    FlowStarted,
    GenerativeResponse,
    Sequencing,
    SlotExpectation,
    SlotWasNotSet,
    SlotWasSet,
)
from chatwright.evaluation.turn_trace import TraceEvents

Event = Mapping[str, Any]
_SEARCH_SOURCES = ("", "EnterpriseSearchPolicy", "ContextualResponseRephraser", "IntentlessPolicy")


class ResponseJudge(Protocol):
    """Scores an answer in [0, 1], without a model of language unless it says so."""

    def groundedness(self, answer: str, evidence: Sequence[str]) -> float:
        """The share of the answer's sentences that the evidence supports."""
        ...

    async def relevance(self, question: str, answer: str) -> float:
        """The chance that the answer is about what was asked."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """place: the last event that met the assertion, -1 when none is to be named. line: where it was not met."""

    is_met: bool
    expected: str = ""
    happened: str = ""
    place: int = -1
    line: int = 0


async def check_assertion(
    assertion: Assertion, events: TraceEvents, question: str, judge: ResponseJudge, start: int = 0
) -> Verdict:
    """start: events before it do not count (`assertion_order_enabled`)."""
    if isinstance(assertion, GenerativeResponse):
        return await _check_generative(assertion, events, question, judge, start)
    return _check(assertion, events, start)


def _check(assertion: Assertion, events: TraceEvents, start: int) -> Verdict:
    match assertion:
        case FlowStarted():
            return _check_started(assertion, events, start)
        case FlowEnded():
            return _check_ended(assertion, events, start)
        case Clarification():
            return _check_clarification(assertion, events, start)
        case ActionExecuted():
            return _check_action(assertion, events, start)
        case SlotWasSet():
            return _check_slots_set(assertion, events, start)
        case SlotWasNotSet():
            return _check_slots_not_set(assertion, events, start)
        case BotUttered(is_absent=True):
            return _check_not_uttered(assertion, events, start)
        case BotUttered():
            return _check_uttered(assertion, events, start)
        case Sequencing():
            return _check_sequence(assertion, events, start)
    raise AssertionError(f"no check for {assertion!r}")


def _found(events: TraceEvents, start: int, holds: Callable[[Event], bool]) -> int:
    """The place of the first event that is so, -1 when none is."""
    return next((place for place in range(start, len(events)) if holds(events[place])), -1)


def _of_kind(events: TraceEvents, start: int, *kinds: str) -> Iterator[Event]:
    return (event for event in events[start:] if event.get("event") in kinds)


def _is_flow(kind: str, flow: str) -> Callable[[Event], bool]:
    return lambda event: event.get("event") == kind and event.get("flow") == flow


def _flows_told(events: TraceEvents, start: int, kind: str) -> str:
    flows = dict.fromkeys(str(event.get("flow")) for event in _of_kind(events, start, kind))
    return f"{kind}: {', '.join(flows)}" if flows else f"no {kind}"


def _check_started(assertion: FlowStarted, events: TraceEvents, start: int) -> Verdict:
    places = [_found(events, start, _is_flow("flow_started", flow)) for flow in assertion.flows]
    is_met = all(place >= 0 for place in places) if assertion.operator == "all" else max(places) >= 0
    return Verdict(
        is_met=is_met,
        expected=f"flow_started: {_listed(assertion.flows, assertion.operator)}",
        happened=_flows_told(events, start, "flow_started"),
        place=max(places) if assertion.operator == "all" else next((each for each in places if each >= 0), -1),
    )


def _listed(flows: Sequence[str], operator: str) -> str:
    return flows[0] if len(flows) == 1 else f"{operator} of {', '.join(flows)}"


def _check_ended(assertion: FlowEnded, events: TraceEvents, start: int) -> Verdict:
    place = _found(events, start, _is_flow(assertion.kind, assertion.flow))
    step = str(events[place].get("step")) if place >= 0 else ""
    happened = _flows_told(events, start, assertion.kind) if place < 0 else f"{assertion.flow} at step {step}"
    return Verdict(
        is_met=place >= 0 and assertion.step in ("", step),
        expected=f"{assertion.kind}: {assertion.flow}" + (f" at step {assertion.step}" if assertion.step else ""),
        happened=happened,
        place=place,
    )


def _check_clarification(assertion: Clarification, events: TraceEvents, start: int) -> Verdict:
    place = _found(events, start, lambda event: event.get("event") == "clarification")
    offered = set(events[place].get("flows", ())) if place >= 0 else set()
    wanted = set(assertion.flows)
    return Verdict(
        is_met=place >= 0 and (offered == wanted if assertion.operator == "all" else bool(offered & wanted)),
        expected=f"the bot asks which of {_listed(assertion.flows, assertion.operator)}",
        happened=f"it offered {', '.join(sorted(offered))}" if place >= 0 else "it did not ask",
        place=place,
    )


def _check_action(assertion: ActionExecuted, events: TraceEvents, start: int) -> Verdict:
    place = _found(events, start, lambda event: _is_action(event, assertion.action))
    ran = dict.fromkeys(str(event.get("name")) for event in _of_kind(events, start, "action"))
    return Verdict(
        is_met=place >= 0,
        expected=f"action_executed: {assertion.action}",
        happened=f"actions run: {', '.join(ran)}" if ran else "no action ran",
        place=place,
    )


def _is_action(event: Event, name: str) -> bool:
    if event.get("event") == "action":
        return event.get("name") == name
    return event.get("event") == "bot" and name in event.get("names", ())


def same_value(actual: Any, expected: Any) -> bool:
    """Equal in value and type; 3 and 3.0 are equal, true and 1 are not."""
    if isinstance(actual, bool) or isinstance(expected, bool):
        return actual is expected
    return (type(actual) is type(expected) and actual == expected) or _are_equal_numbers(actual, expected)


def _are_equal_numbers(actual: Any, expected: Any) -> bool:
    return isinstance(actual, int | float) and isinstance(expected, int | float) and actual == expected


def _check_slots_set(assertion: SlotWasSet, events: TraceEvents, start: int) -> Verdict:
    place = -1
    for slot in assertion.slots:
        found = [
            index
            for index in range(start, len(events))
            if events[index].get("event") == "slot" and events[index].get("name") == slot.name
        ]
        met = next((index for index in found if _is_value(events[index].get("value"), slot.value)), -1)
        if met < 0:
            seen = [events[index].get("value") for index in found]
            return Verdict(
                is_met=False,
                expected=f"slot_was_set: {_worded(slot)}",
                happened=_values_told(slot, seen),
                line=slot.line,
            )
        place = max(place, met)
    return Verdict(is_met=True, place=place)


def _is_value(actual: Any, expected: Any) -> bool:
    return actual is not None if expected is ANY_VALUE else same_value(actual, expected)


def _worded(slot: SlotExpectation) -> str:
    return slot.name if slot.value is ANY_VALUE else f"{slot.name} = {slot.value!r}"


def _values_told(slot: SlotExpectation, seen: Sequence[Any]) -> str:
    if not seen:
        return f"{slot.name} was not set"
    told = f"{slot.name} was set to {', then '.join(map(repr, seen))}"
    is_only_type = slot.value is not ANY_VALUE and any(str(value) == str(slot.value) for value in seen)
    return told + (" (another type: quote it, or leave the quotes out)" if is_only_type else "")


def _check_slots_not_set(assertion: SlotWasNotSet, events: TraceEvents, start: int) -> Verdict:
    for slot in assertion.slots:
        found = [event.get("value") for event in _of_kind(events, start, "slot") if event.get("name") == slot.name]
        if found and _is_value(found[-1], slot.value):
            return Verdict(
                is_met=False,
                expected=f"slot_was_not_set: {_worded(slot)}",
                happened=f"{slot.name} was set to {found[-1]!r}",
                line=slot.line,
            )
    return Verdict(is_met=True)


def _parts(assertion: BotUttered) -> list[tuple[str, Callable[[Event], bool]]]:
    """What is expected of utterances, each part with its wording."""
    parts: list[tuple[str, Callable[[Event], bool]]] = []
    if assertion.utter_name:
        parts.append((assertion.utter_name, lambda event: assertion.utter_name in event.get("names", ())))
    if assertion.text_matches:
        pattern = re.compile(assertion.text_matches)
        parts.append((f"/{assertion.text_matches}/", lambda event: bool(pattern.search(str(event.get("text", ""))))))
    if assertion.buttons:
        titles = " | ".join(button.title for button in assertion.buttons)
        parts.append((f"buttons {titles}", lambda event: _has_buttons(event, assertion)))
    return parts


def _has_buttons(event: Event, assertion: BotUttered) -> bool:
    """The expected buttons stand first and in this order; with `is_absent`, any one of them is there."""
    shown = list(event.get("buttons", ()))
    if assertion.is_absent:
        return any(_is_button(one, button) for one in shown for button in assertion.buttons)
    return len(shown) >= len(assertion.buttons) and all(map(_is_button, shown, assertion.buttons))


def _is_button(shown: Mapping[str, Any], expected: ExpectedButton) -> bool:
    return shown.get("title") == expected.title and expected.payload in (None, shown.get("payload"))


def _check_uttered(assertion: BotUttered, events: TraceEvents, start: int) -> Verdict:
    place, missing = -1, []
    for wording, holds in _parts(assertion):
        found = _found(events, start, lambda event, holds=holds: event.get("event") == "bot" and holds(event))  # type: ignore[misc]
        place = max(place, found)
        missing += [wording] if found < 0 else []
    return Verdict(
        is_met=not missing, expected=f"bot_uttered: {' and '.join(missing)}", happened=said(events, start), place=place
    )


def _check_not_uttered(assertion: BotUttered, events: TraceEvents, start: int) -> Verdict:
    for wording, holds in _parts(assertion):
        if any(holds(event) for event in _of_kind(events, start, "bot")):
            return Verdict(is_met=False, expected=f"bot_did_not_utter: {wording}", happened=said(events, start))
    return Verdict(is_met=True)


def said(events: TraceEvents, start: int = 0) -> str:
    """What the bot said, one utterance a line, with its response's name and its buttons."""
    lines = []
    for event in _of_kind(events, start, "bot"):
        names = "".join(f" [{name}]" for name in list(event.get("names", ()))[:1])
        buttons = " | ".join(str(button.get("title")) for button in event.get("buttons", ()))
        lines.append(f"{event.get('text', '')}{names}" + (f" ({buttons})" if buttons else ""))
    return "\n".join(lines) or "the bot said nothing"


def _check_sequence(assertion: Sequencing, events: TraceEvents, start: int) -> Verdict:
    place = start - 1
    for number, (kind, name) in enumerate(assertion.steps):
        found = _found(events, place + 1, lambda event, kind=kind, name=name: _is_step(event, kind, name))  # type: ignore[misc]
        if found < 0:
            before = f" after {': '.join(assertion.steps[number - 1])}" if number else ""
            return Verdict(is_met=False, expected=f"{kind}: {name}{before}", happened="it did not happen then")
        place = found
    return Verdict(is_met=True, place=place)


def _is_step(event: Event, kind: str, name: str) -> bool:
    if kind == "action_executed":
        return _is_action(event, name)
    if kind == "slot_was_set":
        return event.get("event") == "slot" and event.get("name") == name and event.get("value") is not None
    return event.get("event") == kind and event.get("flow") == name


async def _check_generative(
    assertion: GenerativeResponse, events: TraceEvents, question: str, judge: ResponseJudge, start: int
) -> Verdict:
    """The first answer that is meant is scored."""
    place = _found(events, start, lambda event: event.get("event") == "bot" and _is_generative(event, assertion))
    if place < 0:
        expected = f"{assertion.kind} of an answer from the knowledge folder"
        return Verdict(is_met=False, expected=expected, happened=said(events, start))
    answer = str(events[place].get("text", ""))
    if assertion.kind == "generative_response_is_grounded":
        evidence = [assertion.ground_truth] if assertion.ground_truth else list(events[place].get("quotes", ()))
        score = judge.groundedness(answer, evidence)
    else:
        score = await judge.relevance(question, answer)
    return Verdict(
        is_met=score >= assertion.threshold,
        expected=f"{assertion.kind}: at least {assertion.threshold:g}",
        happened=f"{score:.2f} for: {answer}",
        place=place,
    )


def _is_generative(event: Event, assertion: GenerativeResponse) -> bool:
    if assertion.utter_name:
        return assertion.utter_name in event.get("names", ())
    if assertion.utter_source not in _SEARCH_SOURCES:
        return event.get("source") == assertion.utter_source
    return bool(event.get("quotes"))
