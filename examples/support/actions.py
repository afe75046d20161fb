"""What the example shop's flows do. The orders are a small table here; a real shop asks its own system instead.

Nothing is kept between runs: registering a return twice is harmless in an example.
"""

import hashlib
from typing import Any

from chatwright.actions import action
from chatwright.messages import ActionCall

ORDERS = {
    "LM100001": ("delivered", "Lull"),
    "LM100002": ("delivered", "N5 Pro"),
    "LM100003": ("shipped", "Quire 11"),
    "LM100004": ("paid", "Pip 2"),
    "LM100005": ("paid", "N5"),
    "LM100006": ("cancelled", "Wren"),
}
STATES = {
    "paid": ("已付款，正在备货", "is paid and being packed"),
    "shipped": ("已发货，在路上", "is on its way"),
    "delivered": ("已签收", "was delivered"),
    "cancelled": ("已取消", "was cancelled"),
}


def _number(order_id: str) -> str:
    return order_id.upper().replace("-", "")


def _short(*parts: Any) -> str:
    """A reference that is the same for the same request."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:6].upper()


@action
def look_up_order(order_id: str, call: ActionCall) -> dict[str, str]:
    """The state of an order."""
    state, product = ORDERS.get(_number(order_id), ("unknown", ""))
    zh, en = STATES.get(state, ("", ""))
    said = f"订单 {order_id}（{product}）{zh}。" if call.language == "zh" else f"Order {order_id} ({product}) {en}."
    return {"order_state": state, "order_text": said}


@action(writes=True, idempotent=True)
def register_return(order_id: str, return_reason: str, call: ActionCall) -> dict[str, str]:
    """Registers that an order is sent back."""
    number = _short(order_id, return_reason)
    zh, en = f"退货单号 R{number}，请在 7 天内寄回", f"R{number}; please post it within 7 days"
    return {"return_text": zh if call.language == "zh" else en}


@action(writes=True, idempotent=True)
def change_address(order_id: str, new_address: str) -> None:
    """Changes where an order goes."""


@action(writes=True, idempotent=True)
def book_visit(repair_device: str, visit_date: str, visit_time: str, phone: str) -> dict[str, str]:
    """Books a repair visit."""
    return {"visit_text": f"{visit_date} {visit_time}, V{_short(repair_device, visit_date, visit_time, phone)}"}


@action(writes=True, idempotent=True)
def file_complaint(complaint_text: str, wants_call: bool, callback_phone: str = "") -> dict[str, str]:
    """Files a complaint."""
    return {"complaint_number": f"C{_short(complaint_text, wants_call, callback_phone)}"}
