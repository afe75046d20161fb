"""A bot folder for the tests of flows: a shop with five processes, and a driver that plays scripted conversations on it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from chatwright.dialogue.commands import Command, SetSlot, StartFlow
from chatwright.dialogue.domain import Domain
from chatwright.dialogue.flows.domain_file import load_domain
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.flows.flow_file import load_flows
from chatwright.dialogue.running.flow_engine import FlowEngine
from chatwright.dialogue.running.state import DialogueState, state_to_json
from chatwright.dialogue.running.turn_input import Advanced, TurnInput
from chatwright.errors import ActionError
from chatwright.messages import ActionCall, ActionResult, ConversationId, Language, UserId, Utterance

DOMAIN = """
version: "3.1"
slots:
  order_id:
    type: text
    format: order_id
    pattern: "[A-Z]{2}[0-9]{4}"
    labels: {order_id: {zh: 订单号, en: order number}}
  reason:
    type: categorical
    values: [broken, unwanted, wrong_item]
    labels:
      reason: {zh: 退货原因, en: reason}
      broken: {zh: 商品损坏, en: it is broken}
      unwanted: {zh: 不想要了, en: I do not want it}
      wrong_item: {zh: 发错货, en: wrong item}
  photo_link: {type: text, description: a link to a photo}
  visit_date: {type: text, format: date, labels: {visit_date: {zh: 日期, en: date}}}
  guests: {type: float, min_value: 1, max_value: 8, labels: {guests: {zh: 人数, en: number of people}}}
  address: {type: text, format: address, labels: {address: {zh: 收货地址, en: delivery address}}}
  final_ok: {type: bool}
  order_state: {type: text}
  is_member: {type: bool, initial_value: false}
  note: {type: text}
  again: {type: bool}
  newsletter: {type: bool}
  refund: {type: text, format: money}
actions: [return_parcel, look_up_order, book_visit, change_address, send_note]
responses:
  utter_ask_order_id: [{text: {zh: 请问订单号是多少？, en: What is your order number?}}]
  utter_ask_reason: [{text: {zh: 为什么要退货？, en: Why do you want to return it?}}]
  utter_ask_photo_link: [{text: {zh: 请发一张照片的链接。, en: Please send a link to a photo.}}]
  utter_ask_visit_date: [{text: {zh: 您想哪天来？, en: Which day would you like to come?}}]
  utter_ask_guests: [{text: {zh: 一共几位？, en: How many people?}}]
  utter_ask_address: [{text: {zh: 新的收货地址是？, en: What is the new delivery address?}}]
  utter_ask_final_ok: [{text: {zh: "把地址改成 {address}，对吗？", en: "Change the address to {address}, is that right?"}}]
  utter_ask_note: [{text: {zh: 想留什么话？, en: What should the note say?}}]
  utter_ask_again: [{text: {zh: 还要再留一条吗？, en: Another note?}}]
  utter_ask_newsletter: [{text: {zh: 要订阅吗？, en: Do you want the newsletter?}}]
  utter_monday: [{text: {zh: 周一休息，请换一天。, en: "We are closed on Mondays, please choose another day."}}]
  utter_returned: [{text: {zh: "订单 {order_id} 已登记退货。", en: "Order {order_id} is registered for return."}}]
  utter_booked: [{text: {zh: "已预约 {visit_date}，{guests} 位。", en: "Booked for {visit_date}, {guests} people."}}]
  utter_state: [{text: {zh: "订单状态：{order_state}", en: "Your order: {order_state}"}}]
  utter_noted: [{text: {zh: 已记下。, en: Noted.}}]
  utter_saved: [{text: {zh: 地址已改。, en: The address is changed.}}]
  utter_kept: [{text: {zh: 地址没有改。, en: The address stays.}}]
"""

FLOWS = """
flows:
  return_parcel:
    name: {zh: 退货, en: return a parcel}
    description: Register a return.
    examples: [I want to return my order, 我要退货]
    steps:
      - collect: order_id
      - collect: reason
        next:
          - if: slots.reason is "broken"
            then:
              - collect: photo_link
                next: register
          - else: register
      - id: register
        action: return_parcel
      - action: utter_returned
  book_visit:
    name: {zh: 预约参观, en: book a visit}
    description: Book a visit to the shop.
    steps:
      - collect: visit_date
        rejections: [{if: "slots.visit_date matches '-30$'", utter: utter_monday}]
      - collect: guests
      - action: book_visit
      - action: utter_booked
  change_address:
    name: {zh: 修改地址, en: change the address}
    description: Change the delivery address of an order.
    persisted_slots: [address]
    steps:
      - collect: order_id
      - collect: address
      - collect: final_ok
        metadata: {confirms: change_address}
        next:
          - if: slots.final_ok
            then: [{action: change_address, next: saved}]
          - else: [{action: utter_kept, next: END}]
      - id: saved
        action: utter_saved
  order_status:
    name: {zh: 查询订单, en: check an order}
    description: Look up where an order is.
    steps:
      - collect: order_id
      - action: look_up_order
      - action: utter_state
  leave_notes:
    name: {zh: 留言, en: leave notes}
    description: Leave notes, as many as one likes.
    steps:
      - id: start
        collect: note
      - action: send_note
      - collect: again
        ask_before_filling: true
        next:
          - if: slots.again
            then:
              - set_slots: [{note: null}]
                next: start
          - else: [{action: utter_noted, next: END}]
  members_only:
    name: {zh: 会员专享, en: member offers}
    description: Offers for members.
    if: slots.is_member
    steps: [{action: utter_noted}]
  status_then_return:
    name: {zh: 查询后退货, en: check and return}
    description: Check an order, then return it.
    steps:
      - call: order_status
      - link: return_parcel
  spin:
    description: Never stops.
    steps: [{id: a, noop: true, next: b}, {id: b, noop: true, next: a}]
  subscribe:
    name: {zh: 订阅, en: subscribe}
    description: Subscribe to the newsletter.
    run_pattern_completed: false
    steps: [{collect: newsletter}]
"""


@dataclass(frozen=True)
class Info:
    """What the engine knows of an action."""

    is_write: bool = False
    properties: tuple[str, ...] = ()
    description: str = ""

    @property
    def parameters(self) -> Mapping[str, Any]:
        if not self.properties:
            return {}
        return {
            "type": "object",
            "properties": {name: {} for name in self.properties},
            "required": [self.properties[0]],
        }


ACTIONS = {
    "return_parcel": Info(True, ("order_id", "reason", "photo_link")),
    "book_visit": Info(True, ("visit_date", "guests")),
    "change_address": Info(True, ("order_id", "address")),
    "send_note": Info(True),
    "look_up_order": Info(False, ("order_id",)),
}


@dataclass
class Shop:
    """The engine, the calls that reached an action, and the conversation so far."""

    engine: FlowEngine
    calls: list[ActionCall]
    language: Language = "en"
    answer: Utterance | None = None
    state: DialogueState = field(default_factory=DialogueState)
    last: Advanced | None = None
    max_chars: int = 200

    def say(self, *commands: Command, text: str = "x") -> str:
        """Plays one turn; what the bot said, a line an utterance. The state goes through JSON on the way."""

        async def answer() -> Utterance | None:
            return self.answer

        turn = TurnInput(
            text=text, language=self.language, conversation=ConversationId("c1"), user=UserId("u1"), now=datetime(2026, 11, 24, 9, 0),
            answer=answer, max_chars=self.max_chars,
        )  # fmt: skip
        self.last = asyncio.run(self.engine.advance(self.state, commands, turn))
        self.state = self.engine.restore(_through_json(state_to_json(self.last.state)))
        assert self.state == self.engine.restore(_through_json(state_to_json(self.state)))
        return "\n".join(utterance.text for utterance in self.last.utterances)

    def names(self, kind: str) -> list[Any]:
        """The flows of the trace's events of this kind, or the names for slots and actions."""
        assert self.last is not None
        return [
            event.get("flow") or event.get("name") or event.get("text")
            for event in self.last.events
            if event["event"] == kind
        ]

    @property
    def writes(self) -> list[tuple[str, dict[str, Any]]]:
        """The writes that were carried out, with their arguments."""
        return [(call.name, dict(call.arguments)) for call in self.calls if ACTIONS.get(call.name, Info()).is_write]

    @property
    def button(self) -> Mapping[str, SetSlot]:
        """What the last buttons send, by title."""
        assert self.last is not None
        found = {}
        for utterance in self.last.utterances:
            for button in utterance.buttons:
                name, _, value = button.payload.removeprefix("/SetSlots(").removesuffix(")").partition("=")
                found[button.title] = SetSlot(
                    slot=name, value={"true": True, "false": False}.get(value, value), extractor="button"
                )
        return found


def _through_json(value: Any) -> Any:
    return json.loads(json.dumps(value, ensure_ascii=False))


_shops: dict[tuple[str, str], tuple[Mapping[str, Flow], Domain]] = {}


def _read(flows: str, domain: str, folder: Path) -> tuple[Mapping[str, Flow], Domain]:
    """Each shop's files are written and read once."""
    if (flows, domain) not in _shops:
        (folder / "flows").mkdir(exist_ok=True)
        (folder / "flows" / "shop.yaml").write_text(flows, encoding="utf-8")
        (folder / "domain.yaml").write_text(domain, encoding="utf-8")
        _shops[flows, domain] = (load_flows(folder), load_domain(folder))
    return _shops[flows, domain]


Act = Callable[[ActionCall], ActionResult]


def open_shop(
    folder: Path, *, language: Language = "en", act: Act | None = None, flows: str = FLOWS, domain: str = DOMAIN,
    texts: Mapping[str, Mapping[Language, str]] | None = None, actions: Mapping[str, Any] = ACTIONS,
) -> Shop:  # fmt: skip
    """A shop in `folder`. act: what actions do; by default they say nothing and look-ups find the order on its way."""
    calls: list[ActionCall] = []

    async def run(call: ActionCall) -> ActionResult:
        calls.append(call)
        if act:
            return act(call)
        return ActionResult(slots={"order_state": "on its way"}) if call.name == "look_up_order" else ActionResult()

    runner: Callable[[ActionCall], Awaitable[ActionResult]] = run
    engine = FlowEngine(*_read(flows, domain, folder), runner, actions, texts)
    shop = Shop(engine=engine, calls=calls, language=language)
    shop.state = engine.begin()
    return shop


def start(flow: str) -> StartFlow:
    return StartFlow(flow=flow)


def put(slot: str, value: Any) -> SetSlot:
    return SetSlot(slot=slot, value=value)


YES, NO = SetSlot(slot="confirmed_action", value=True), SetSlot(slot="confirmed_action", value=False)


def failing(*codes: str) -> Act:
    """Every action fails with the first code, the next call with the next one, then all succeed."""
    left = list(codes)

    def act(call: ActionCall) -> ActionResult:
        if left:
            raise ActionError("It is down.", code=left.pop(0))
        return ActionResult()

    return act


def kinds(events: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(event["event"]) for event in events]
