"""The messages of Rasa's action-server protocol, in both directions: calls, trackers, events and responses as JSON.

In: ActionCall and ActionResult, or JSON that somebody sent. Out: the other. What was sent is untrusted: every field
is looked at, an unknown event or a field of the wrong type is dropped with a note, never passed on. An ActionResult
carries its events apart from its slots, so the receiver applies events such as `reset_slots` first and the slots
after them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatwright.errors import ActionError
from chatwright.language.detect import detect_language
from chatwright.messages import ActionCall, ActionResult, Button, ConversationId, UserId, Utterance

# Sent as `version`: the SDK warns, no more, when its own differs. It says which protocol this is, not who we are.
PROTOCOL_VERSION = "3.6.21"
# Every event of rasa_sdk/events.py with the type of each key that must be there; others are passed on as they are.
EVENTS: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "user": {"text": (str, type(None))},
    "bot": {"text": (str, type(None))},
    "agent": {"text": (str, type(None))},
    "slot": {"name": str},
    "action": {"name": str},
    "active_loop": {"name": (str, type(None))},
    "loop_interrupted": {"is_interrupted": bool},
    "action_execution_rejected": {"name": str},
    "followup": {"name": str},
    "reminder": {"intent": str, "date_time": str},
    "cancel_reminder": {},
    "pause": {},
    "resume": {},
    "restart": {},
    "rewind": {},
    "undo": {},
    "reset_slots": {},
    "session_started": {},
    "session_ended": {},
    "export": {},
}
_FORGETTING = frozenset({"reset_slots", "restart"})
MAX_EVENTS = 200
MAX_RESPONSES = 20
MAX_VALUES = 50  # of one response
_RESPONSE_KEYS = frozenset({"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reply said, and what of it was dropped, one line each."""

    result: ActionResult
    notes: tuple[str, ...] = ()


def call_body(call: ActionCall, domain: Mapping[str, Any] | None, domain_digest: str | None) -> dict[str, Any]:
    """The body of `POST /webhook`; without `domain` when the server is expected to have it by its digest."""
    body: dict[str, Any] = {
        "next_action": call.name,
        "sender_id": call.sender or call.conversation,
        "tracker": tracker_state(call),
        "version": PROTOCOL_VERSION,
    }
    if domain is not None:
        body["domain"] = dict(domain)
    if domain_digest is not None:
        body["domain_digest"] = domain_digest
    return body


def tracker_state(call: ActionCall) -> dict[str, Any]:
    """`Tracker.current_state()` of the SDK, from the conversation's events."""
    events = [dict(event) for event in call.events]
    user = _last(events, "user")
    said = user.get("parse_data")
    parsed: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
    loop = _last(events, "active_loop").get("name")
    pauses = [event["event"] for event in events if event.get("event") in ("pause", "resume")]
    return {
        "sender_id": call.sender or call.conversation,
        "slots": dict(call.slots),
        "latest_message": {
            "text": call.text,
            "intent": parsed.get("intent") or {"name": None, "confidence": 0.0},
            "intent_ranking": parsed.get("intent_ranking") or [],
            "entities": parsed.get("entities") or [],
            "metadata": user.get("metadata") or {},
        },
        "latest_event_time": events[-1].get("timestamp") if events else None,
        "followup_action": None,
        "paused": bool(pauses) and pauses[-1] == "pause",
        "events": events,
        "latest_input_channel": user.get("input_channel"),
        "active_loop": {"name": loop} if loop else {},
        "latest_action_name": _last(events, "action").get("name"),
        "stack": [dict(frame) for frame in call.stack],
        "user_id": call.user,
    }


def read_reply(name: str, reply: Any) -> Reading:
    """The reply to a call of action `name`. Raises ActionError(code="bad_reply") when it is not one at all."""
    lists = (reply.get("events"), reply.get("responses")) if isinstance(reply, Mapping) else (False,)
    if not all(found is None or isinstance(found, list) for found in lists):
        raise ActionError(
            f"The action server answered {name!r} with something that has no lists `events` and `responses`.",
            hint="Check that the URL is an action server's /webhook.",
            code="bad_reply",
        )
    notes: list[str] = []
    slots, events = _read_events(reply.get("events") or [], notes)
    utterances = _read_responses(reply.get("responses") or [], notes)
    return Reading(result=ActionResult(slots=slots, events=events, utterances=utterances), notes=tuple(notes))


def _read_events(events: Sequence[Any], notes: list[str]) -> tuple[dict[str, Any], tuple[Mapping[str, Any], ...]]:
    slots: dict[str, Any] = {}
    others: list[Mapping[str, Any]] = []
    if len(events) > MAX_EVENTS:
        notes.append(f"{len(events) - MAX_EVENTS} events after the first {MAX_EVENTS} were dropped")
    for event in events[:MAX_EVENTS]:
        problem = _event_problem(event)
        if problem:
            notes.append(problem)
        elif event["event"] == "slot":
            slots.pop(event["name"], None)  # the order is that of the last time each was set
            slots[event["name"]] = event.get("value")
        else:
            if event["event"] in _FORGETTING:
                slots.clear()  # they were set before, and this is applied before slots
            others.append(event)
    return slots, tuple(others)


def _event_problem(event: Any) -> str:
    """Why an event is dropped; nothing when it is one of the protocol's."""
    kind = event.get("event") if isinstance(event, Mapping) else None
    if not isinstance(kind, str) or kind not in EVENTS:
        return f"unknown event {str(kind)[:40]!r} was dropped"
    for key, types in EVENTS[kind].items():
        if not isinstance(event.get(key), types):
            return f"event {kind!r} without a proper {key!r} was dropped"
    return ""


def _read_responses(responses: Sequence[Any], notes: list[str]) -> tuple[Utterance, ...]:
    read = []
    if len(responses) > MAX_RESPONSES:
        notes.append(f"{len(responses) - MAX_RESPONSES} responses after the first {MAX_RESPONSES} were dropped")
    for response in responses[:MAX_RESPONSES]:
        if isinstance(response, Mapping):
            read.append(_read_response(response, notes))
        else:
            notes.append("a response that is not an object was dropped")
    return tuple(said for said in read if said != Utterance())


def _read_response(response: Mapping[str, Any], notes: list[str]) -> Utterance:
    def text(key: str) -> str:
        value = response.get(key)
        if value is not None and not isinstance(value, str):
            notes.append(f"a response's {key!r} that is not a text was dropped")
        return value if isinstance(value, str) else ""

    custom = response.get("custom")
    elements = response.get("elements")
    values = dict(custom) if isinstance(custom, Mapping) else {}
    if isinstance(elements, list) and elements:
        values.setdefault("elements", elements)
    return Utterance(
        text=text("text"),
        response=text("response") or text("template"),
        buttons=_read_buttons(response.get("buttons"), notes),
        image=text("image"),
        attachment=response.get("attachment"),
        custom=values,
        values=_template_values(response),
    )


def _template_values(response: Mapping[str, Any]) -> dict[str, Any]:
    """What the action fills into the response that it names: the keys that are not the protocol's own."""
    if not (response.get("response") or response.get("template")):
        return {}
    extra = {key: value for key, value in response.items() if isinstance(key, str) and key not in _RESPONSE_KEYS}
    return {
        key: value for key, value in list(extra.items())[:MAX_VALUES] if isinstance(value, str | int | float | bool)
    }


def _read_buttons(buttons: Any, notes: list[str]) -> tuple[Button, ...]:
    read = []
    for button in buttons if isinstance(buttons, list) else []:
        title = button.get("title") if isinstance(button, Mapping) else None
        payload = button.get("payload", title) if isinstance(button, Mapping) else None
        if isinstance(title, str) and isinstance(payload, str):
            read.append(Button(title=title, payload=payload))
        else:
            notes.append("a button without title was dropped")
    return tuple(read)


def read_call(body: Mapping[str, Any], call_id: str) -> ActionCall:
    """The call in the body of a `POST /webhook`. Raises ValueError naming the field that is not as it must be."""
    tracker = body.get("tracker")
    if not isinstance(tracker, Mapping):
        raise ValueError("tracker is not an object")
    latest = tracker.get("latest_message") or {}
    text = str(latest.get("text") or "") if isinstance(latest, Mapping) else ""
    sender = str(body.get("sender_id") or tracker.get("sender_id") or "default")
    slots, events, stack = tracker.get("slots", {}), tracker.get("events"), tracker.get("stack")
    if not isinstance(slots, Mapping):
        raise ValueError("tracker.slots is not an object")
    return ActionCall(
        name=str(body["next_action"]),
        conversation=ConversationId(sender),
        user=UserId(str(tracker.get("user_id") or sender)),
        call_id=call_id,
        language=detect_language(text),
        slots=slots,
        text=text,
        events=tuple(event for event in events if isinstance(event, Mapping)) if isinstance(events, list) else (),
        stack=tuple(frame for frame in stack if isinstance(frame, Mapping)) if isinstance(stack, list) else (),
    )


def reply_body(result: ActionResult) -> dict[str, Any]:
    """The body of a 200: each response with all the fields that the SDK's dispatcher writes."""
    slots = [{"event": "slot", "timestamp": None, "name": name, "value": value} for name, value in result.slots.items()]
    events = [{"timestamp": None, **event} for event in result.events if event.get("event") in EVENTS]
    return {"events": [*events, *slots], "responses": [_response(said) for said in result.utterances]}


def _response(said: Utterance) -> dict[str, Any]:
    custom = {key: value for key, value in said.custom.items() if key != "elements"}
    return {
        "text": said.text or None,
        "buttons": [{"title": button.title, "payload": button.payload} for button in said.buttons],
        "elements": said.custom.get("elements", []),
        "custom": custom,
        "template": said.response or None,
        "response": said.response or None,
        "image": said.image or None,
        "attachment": said.attachment,
    }


def _last(events: Sequence[Mapping[str, Any]], kind: str) -> Mapping[str, Any]:
    return next((event for event in reversed(events) if event.get("event") == kind), {})
