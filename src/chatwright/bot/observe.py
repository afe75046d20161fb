"""Shows a finished turn as tests look at it: one flat trace, whoever answered, with the names that Rasa's tests use.

In: what was said, the Reply, the turn's events. Out: a TurnTrace. What this bot does by its own texts is also shown as
the pattern that does it in Rasa (`pattern_correction`, `pattern_search` …), and a text by both names, so that tests
which moved here mean the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chatwright.dialogue.reserved_slots import CHOSEN_FLOW, CONFIRMED_ACTION, WANTED_PERSON
from chatwright.dialogue.running.repair import PATTERNS, RASA_RESPONSES
from chatwright.evaluation.turn_trace import Asking, TurnTrace
from chatwright.messages import Event, Reply

Fact = Mapping[str, Any]
_UTTER = "utter_"
_SMALLTALK_PATTERN = "pattern_chitchat"
_SEARCH = "pattern_search"
_SEARCH_ACTION = "action_trigger_search"
_BY_TRACE = {"clarification": "pattern_clarification", "handed_over": "pattern_human_handoff"}


def observe_turn(said: str, reply: Reply, events: Sequence[Event], state: Fact) -> TurnTrace:
    """events: the turn's. state: where the conversation's flows stand after it, as JSON; empty when there are none."""
    data = {event.kind: event.data for event in events}
    decided_by = str(data.get("commands", {}).get("decided_by", ""))
    traced = data.get("dialogue", {}).get("events")
    found = list(traced) if traced is not None else list(_without_flow(reply, decided_by))
    return TurnTrace(
        said=said,
        answer=reply.answer,
        outcome=reply.outcome,
        language=reply.language,
        events=tuple(_with_patterns(_named(found, reply))),
        slots=dict(state.get("slots") or {}),
        asking=_asking(state, reply),
        asked=str(state.get("asked") or ""),
        is_open=bool(state.get("stack")),
        buttons=reply.buttons,
        decided_by=decided_by,
    )


def _asking(state: Fact, reply: Reply) -> Asking:
    asked = state.get("asked")
    if state.get("choices") or asked == CHOSEN_FLOW:
        return "choice"
    if state.get("confirmation") or asked == CONFIRMED_ACTION:
        return "confirmation"
    if asked == WANTED_PERSON or reply.offers_person:
        return "person"
    return "slot" if asked else ""


def _without_flow(reply: Reply, decided_by: str) -> Iterator[Fact]:
    """The trace of a turn in which no flow had a part."""
    buttons = [{"title": button.title, "payload": button.payload} for button in reply.buttons]
    said = {"event": "bot", "text": reply.answer, "buttons": buttons}
    if reply.outcome == "handed_over":
        yield {"event": "handed_over"}
        yield {**said, "utter": f"{_UTTER}human_handoff"}
    elif reply.citations:
        yield from _around(_SEARCH, [{"event": "action", "name": _SEARCH_ACTION}, {**said, "utter": ""}])
    elif reply.outcome == "abstained":
        yield from _around(_SEARCH, [{**said, "utter": f"{_UTTER}no_answer"}])
    elif reply.outcome == "answered":
        yield from _around(_SMALLTALK_PATTERN, [{**said, "utter": f"{_UTTER}{decided_by}"}])
    else:
        yield {**said, "utter": f"{_UTTER}{decided_by}"}


def _around(pattern: str, inside: Sequence[Fact]) -> Iterator[Fact]:
    step = _SEARCH_ACTION if pattern == _SEARCH else ""
    yield {"event": "flow_started", "flow": pattern}
    yield from inside
    yield {"event": "flow_completed", "flow": pattern, "step": step}


def _named(events: Sequence[Fact], reply: Reply) -> Iterator[Fact]:
    """What was said, with every name it may be expected by, what it cites and which action said it."""
    source = ""
    quotes = [citation.quote for citation in reply.citations]
    for event in events:
        kind = event.get("event")
        source = "" if kind == "flow_step" else str(event.get("name")) if kind == "action" else source
        if kind != "bot":
            yield event
            continue
        utter = str(event.get("utter") or "")
        is_answer = not utter and source in ("", _SEARCH_ACTION)
        yield {**event, "names": names_of(utter), "source": source, "quotes": quotes if is_answer else []}


def names_of(utter: str) -> list[str]:
    """The response's own name, then those that Rasa has for the same text."""
    aliases = RASA_RESPONSES.get(utter.removeprefix(_UTTER), ()) if utter.startswith(_UTTER) else ()
    return [utter, *aliases] if utter else []


def _with_patterns(events: Iterator[Fact]) -> Iterator[Fact]:
    """The events, with the pattern that each text of repair belongs to around it, where the folder has no such flow."""
    found = list(events)
    begun = {str(event.get("flow")) for event in found if event.get("event") == "flow_started"}
    is_beside = False
    for event in found:
        kind = event.get("event")
        pattern = _SEARCH if is_beside and kind == "bot" else _pattern_of(event)
        is_beside = kind == "digression" or (is_beside and kind != "bot")  # what is said next answers it
        if pattern and pattern not in begun:
            begun.add(pattern)
            action = [{"event": "action", "name": _SEARCH_ACTION}] if pattern == _SEARCH else []
            yield from _around(pattern, [*action, event])
        else:
            yield event


def _pattern_of(event: Fact) -> str:
    kind = str(event.get("event"))
    if kind == "bot":
        return PATTERNS.get(str(event.get("utter") or "").removeprefix(_UTTER), ("",))[-1]  # the one that Rasa knows
    return _BY_TRACE.get(kind, "")
