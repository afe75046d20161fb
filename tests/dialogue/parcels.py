"""Two flows of a small shop that several tests understand messages with: return a parcel, book a visit."""

from datetime import datetime
from typing import Any

from chatwright.dialogue.domain import Domain, Slot
from chatwright.dialogue.flows.flow import END, Branch, CollectStep, Flow, Trigger
from chatwright.dialogue.understanding.understood import Context

NOW = datetime(2026, 11, 24, 10)  # a Tuesday
SLOTS = {
    "order_id": Slot(name="order_id", format="order_id", pattern="[A-Z]{2}[0-9]{6}", description="order number 订单号"),
    "reason": Slot(
        name="reason",
        type="categorical",
        values=("damaged", "not_wanted"),
        description="why it is returned",
        labels={
            "damaged": {"zh": ("破损", "坏了"), "en": ("broken", "defective")},
            "not_wanted": {"zh": ("不想要了",), "en": ("changed my mind", "no longer wanted")},
        },
    ),
    "note": Slot(name="note", description="anything else"),
    "visit_date": Slot(name="visit_date", format="date", description="date of the visit 参观日期"),
    "wants_call": Slot(name="wants_call", type="bool", description="whether to call"),
    "is_vip": Slot(name="is_vip", type="bool"),
}
DOMAIN = Domain(slots=SLOTS)


def make_flow(name: str, slots: list[str], **more: Any) -> Flow:
    """A flow that collects these slots one after the other."""
    targets = [*slots[1:], END]
    steps = {
        slot: CollectStep(id=slot, slot=slot, next=(Branch(condition=None, target=target),))
        for slot, target in zip(slots, targets, strict=True)
    }
    return Flow(id=name, steps=steps, first=slots[0], **{"description": name.replace("_", " "), **more})


FLOWS = {
    "return_parcel": make_flow(
        "return_parcel",
        ["order_id", "reason", "note"],
        description="send an order back; 退货退款",
        nlu_trigger=(Trigger(intent="give_back"),),
        examples=("I want to return my order", "please take this parcel back", "我要退货", "申请退款"),
    ),
    "book_visit": make_flow(
        "book_visit",
        ["visit_date", "wants_call"],
        description="book a visit to the showroom; 预约参观",
        examples=("I want to book a visit", "reserve a tour of the showroom", "我想预约参观", "预约到店"),
    ),
    "pattern_completed": make_flow("pattern_completed", ["note"]),
}


def context(language: str = "en", **more: Any) -> Context:
    return Context(language=language, now=NOW, **more)  # type: ignore[arg-type]
