"""What clients of Rasa read besides channels: the tracker of a sender, the version, the status.

A tracker is read by who speaks for the sender: the same credential; another one's sender of that name looks as if they
had never spoken. Where a sender has spoken on several channels, the one they used last counts. Nothing is changed here.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from chatwright import __version__
from chatwright.actions.rasa_wire import PROTOCOL_VERSION, tracker_state
from chatwright.bot.process import rasa_events
from chatwright.bot.turn import Bot
from chatwright.errors import RequestError
from chatwright.messages import ActionCall, ConversationId, ConversationSummary, Event, UserId
from chatwright.server.auth import Principal
from chatwright.server.openai_api import json_response
from chatwright.server.rasa_api import Caller, bot_on_channel
from chatwright.server.rasa_messages import MAX_SENDER_CHARS
from chatwright.server.rasa_senders import CHANNELS, credential_of, user_of

router = APIRouter()
_OLDEST_VERSION = "3.0.0"  # of Rasa, whose clients these answers are for


@router.get("/version")
async def version() -> Response:
    """Whose protocol this is."""
    return json_response(
        {"version": PROTOCOL_VERSION, "minimum_compatible_version": _OLDEST_VERSION, "chatwright": __version__}
    )


@router.get("/status")
@router.get("/bots/{bot}/status")
async def status(request: Request, caller: Caller) -> Response:
    """Which bot answers; there are no model files and nothing is trained here."""
    bot = bot_on_channel(request, "rest")
    return json_response({"model_file": bot.name, "model_id": bot.engine.model, "num_active_training_jobs": 0})


@router.get("/conversations/{sender:path}/tracker")
@router.get("/bots/{bot}/conversations/{sender:path}/tracker")
async def read_tracker(
    request: Request,
    sender: str,
    caller: Caller,
    include_events: Annotated[Literal["ALL", "APPLIED", "AFTER_RESTART", "NONE"], Query()] = "AFTER_RESTART",
) -> Response:
    """The sender's conversation as Rasa's tracker has it. include_events: all three that are not NONE give the same."""
    bot = bot_on_channel(request, "rest")
    if not sender or len(sender) > MAX_SENDER_CHARS:
        raise RequestError(f"A sender has 1 to {MAX_SENDER_CHARS} characters.", code="invalid_value", param="sender")
    latest = await _latest(bot, caller, sender)
    events = [] if latest is None else await bot.store.events(latest.id)
    state = tracker_json(sender, events)
    return json_response(state if include_events != "NONE" else {**state, "events": None})


async def _latest(bot: Bot, caller: Principal, sender: str) -> ConversationSummary | None:
    found: list[ConversationSummary] = []
    for channel in CHANNELS:
        user = user_of(channel, credential_of(caller), sender)
        found += await bot.store.conversations(bot.name, user=user, limit=1)
    return max(found, key=lambda summary: summary.updated_at, default=None)


def tracker_json(sender: str, events: list[Event]) -> dict[str, Any]:
    """`current_state` of a tracker, from what the conversation has kept."""
    kept = next((event.data.get("state") or {} for event in reversed(events) if event.kind == "dialogue"), {})
    said = [event for event in events if event.kind == "user"]
    call = ActionCall(
        name="",
        conversation=ConversationId(sender),
        user=UserId(""),
        call_id="",
        slots=kept.get("slots", {}),
        text=said[-1].data["text"] if said else "",
        events=rasa_events(events),
    )
    state = tracker_state(call)
    name = state["latest_action_name"]
    del state["user_id"]  # how a sender is kept here is nobody else's business
    return {**state, "latest_action": None if name is None else {"action_name": name}}
