"""Tells when a visitor in the middle of a flow has been silent for long: one nudge, then the flow waits or is given up.

In: the bot's settings, the conversation's events, the time. Out: what is due, or how long until something is. All of it
follows from what is stored, so a restart forgets nothing, no timer has to live, and asking twice nudges once. Whoever
shows the conversation asks again after the seconds given; a flow that was to be given up meanwhile is closed when the
visitor comes back. A conversation that waits for a person is left alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from chatwright.messages import Event

Step = Literal["nudge", "cancel"]


class Silence(BaseModel):
    """after_s: seconds without a message until the nudge, None never. cancel_after_s: from there until the flow is
    given up, None as long again."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    after_s: float | None = Field(default=None, ge=5, le=86_400)
    then: Literal["leave", "cancel"] = "leave"
    cancel_after_s: float | None = Field(default=None, ge=5, le=86_400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """step: what is to be done now, None nothing. wait_s: seconds until something is, None never."""

    step: Step | None = None
    wait_s: float | None = None


def due_step(silence: Silence, events: Sequence[Event], now: datetime) -> Due:
    """What the silence since the last word asks for."""
    if silence.after_s is None or not is_flow_open(events) or _waits_for_person(events):
        return Due()
    said_at = max(event.at for event in events if event.at and event.kind in ("user", "bot", "interrupted"))
    nudged_at = _nudged_at(events)
    silent_s = (now - (nudged_at or said_at)).total_seconds()
    if nudged_at is None:
        step: Step = "nudge"
        patience_s = silence.after_s
    elif silence.then == "cancel":
        step = "cancel"
        patience_s = silence.cancel_after_s or silence.after_s
    else:
        return Due()
    return Due(step=step, wait_s=0.0) if silent_s >= patience_s else Due(wait_s=patience_s - silent_s)


def has_lapsed(silence: Silence, events: Sequence[Event], now: datetime) -> bool:
    """True when the open flow would have been given up by now, had anybody been there to see the nudge."""
    if silence.then != "cancel" or silence.after_s is None:
        return False
    patience_s = silence.cancel_after_s or silence.after_s
    due = due_step(silence, events, now)
    if due.step != "nudge":
        return due.step == "cancel"
    said_at = max(event.at for event in events if event.at and event.kind in ("user", "bot", "interrupted"))
    return (now - said_at).total_seconds() >= silence.after_s + patience_s


def is_flow_open(events: Sequence[Event]) -> bool:
    """True when the last turn left a flow that waits for the visitor."""
    state = next((event.data.get("state") for event in reversed(events) if event.kind == "dialogue"), None) or {}
    return any(frame.get("kind") == "flow" for frame in state.get("stack", ()))


def _waits_for_person(events: Sequence[Event]) -> bool:
    kinds = ("handover_requested", "handover_closed")
    return next((event.kind for event in reversed(events) if event.kind in kinds), "") == "handover_requested"


def _nudged_at(events: Sequence[Event]) -> datetime | None:
    """When the visitor was nudged in this silence."""
    for event in reversed(events):
        if event.kind == "user":
            return None
        if event.kind == "commands" and event.data.get("silence"):
            return event.at
    return None
