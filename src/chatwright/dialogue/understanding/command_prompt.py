"""Builds the prompt by which a small model turns a message into commands. Pure: no model, no clock.

In: the flows and slots in question, what was asked, the last turns, the message. Out: messages of at most some 350
tokens. Rules and worked examples come first and never change, so that a prefix cache holds them; they are in the
visitor's language. What people and owners wrote is cut short and cannot forge a turn.
"""

from collections.abc import Sequence

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.flows.flow import Flow
from chatwright.messages import Language, Message
from chatwright.safety.guards import mask_special_tokens

MAX_MESSAGE_CHARS = 400
_MAX_TEXT_CHARS = 80  # of a description or an earlier turn
_MAX_RECENT = 2

_RULES: dict[Language, str] = {
    "en": "Turn the customer's message into commands.\n"
    "start flow F: the customer wants to do this now.\n"
    "set slot S V: the message says the value V of S.\n"
    "search and reply: the customer asks about prices, times, rules or products.\n"
    "disambiguate flows F G: it may be either.\n"
    "cancel flow: the customer gives up.\n"
    "none: anything else.",
    "zh": "把客户的话变成指令。\n"
    "start flow F：客户现在要办这件事。\n"
    "set slot S V：话里说了 S 的值 V。\n"
    "search and reply：客户在问价格、时间、规定或商品。\n"
    "disambiguate flows F G：可能是其中任何一个。\n"
    "cancel flow：客户不办了。\n"
    "none：都不是。",
}
_EXAMPLES: dict[Language, tuple[tuple[str, str], ...]] = {
    "en": (
        ("pay_bill: pay a bill\nmeter: report a meter reading\nCustomer: my meter says 4711", "start flow meter"),
        ("Asked: colour (red, blue): which colour\nCustomer: like the sky", "set slot colour blue"),
        ("pay_bill: pay a bill\nCustomer: what does a kilowatt hour cost?", "search and reply"),
    ),
    "zh": (
        ("pay_bill: 缴费\nmeter: 上报电表读数\n客户：我的电表是4711", "start flow meter"),
        ("正在问：colour (red, blue)：哪种颜色\n客户：像天空一样", "set slot colour blue"),
        ("pay_bill: 缴费\n客户：一度电多少钱？", "search and reply"),
    ),
}
_CUSTOMER: dict[Language, str] = {"en": "Customer: ", "zh": "客户："}
_ASKED: dict[Language, str] = {"en": "Asked: ", "zh": "正在问："}
_BOT: dict[Language, str] = {"en": "Bot: ", "zh": "客服："}


def build_command_prompt(
    text: str,
    *,
    language: Language,
    flows: Sequence[Flow] = (),
    asked: Slot | None = None,
    slots: Sequence[Slot] = (),
    recent: Sequence[Message] = (),
) -> list[Message]:
    """The messages for a model. slots: those that may be set besides the asked one."""
    messages = [Message(role="system", content=_RULES[language])]
    for shown, commands in _EXAMPLES[language]:
        messages += [Message(role="user", content=shown), Message(role="assistant", content=commands)]
    lines = [f"{flow.id}: {_short(flow.description)}" for flow in flows]
    lines += [_slot_line(slot) for slot in slots if asked is None or slot.name != asked.name]
    lines += [_BOT[language] + _short(turn.content) for turn in recent[-_MAX_RECENT:] if turn.role == "assistant"]
    if asked is not None:
        lines.append(_ASKED[language] + _slot_line(asked))
    lines.append(_CUSTOMER[language] + _one_line(text)[:MAX_MESSAGE_CHARS])
    return [*messages, Message(role="user", content="\n".join(lines))]


def _slot_line(slot: Slot) -> str:
    values = ("true", "false") if slot.type == "bool" else tuple(str(value) for value in slot.values)
    choice = f" ({', '.join(values)})" if values else ""
    return f"{slot.name}{choice}: {_short(slot.description)}"


def _short(text: str) -> str:
    return _one_line(text)[:_MAX_TEXT_CHARS]


def _one_line(text: str) -> str:
    return " ".join(mask_special_tokens(text).split())
