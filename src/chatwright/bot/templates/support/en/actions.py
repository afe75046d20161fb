"""What the flows call. Put the calls of your own systems here; until then requests are kept in requests.jsonl."""

import json
from pathlib import Path
from typing import Any

from chatwright.actions import action
from chatwright.messages import ActionCall, ActionResult

REQUESTS = Path(__file__).with_name("requests.jsonl")


def _keep(call: ActionCall, **values: Any) -> None:
    """One line a request; the same call_id is the same request, however often it is sent."""
    line = json.dumps({"request": call.name, "id": call.call_id, "user": call.user, **values}, ensure_ascii=False)
    known = REQUESTS.read_text(encoding="utf-8") if REQUESTS.exists() else ""
    if f'"id": "{call.call_id}"' not in known:
        with REQUESTS.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


@action(writes=True, idempotent=True)
def request_return(order_id: str, return_reason: str, call: ActionCall) -> None:
    """Registers that an order is sent back."""
    _keep(call, order_id=order_id, return_reason=return_reason)


@action(writes=True, idempotent=True)
def request_callback(phone: str, topic: str, call: ActionCall) -> ActionResult:
    """Asks for a call, and passes the conversation to a colleague."""
    _keep(call, phone=phone, topic=topic)
    return ActionResult(events=({"event": "pause"},))
