"""The words of one process: what visitors call doing it, and what they call the things it asks for.

In: a flow and its slots. Out: ProcessWords, for `reply_reader.py`: at a return, "send it back" and 退 are what is done,
"order number" and 单号 are things. Words that deny or complain are neither: "wrong" in an example stays wrong.
"""

# ruff: noqa: E501 - word lists read best in few lines

import re
from collections.abc import Iterable
from dataclasses import dataclass

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.slot_words import words_of
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.flows.flow_names import flow_name
from chatwright.language.words import content_words

_MAX_EXAMPLES = 200
_POLAR = re.compile(
    r"不|没|别|勿|无|非|错|坏|差|取消|停|算了|(?<![a-z])(?:no|not|none|never|wrong|bad|cancel|stop|wait|unacceptable|mistake|yet|faulty|broken|damaged|defective|went)(?![a-z])"
)
_PLAIN = frozenset(
    """want wants would like need please can could start make help get got come time money back way right ok yes thing something anything
    entered have has do did done give gives go going another other new old one
    我 要 想 帮 帮我 我要 我想 给我 一下 可以 能 把 的 了 你 你们 个 这个 那个 订单 商品 东西 买 时间 原因 问题 是 有 在 到 来 去 好 行 对""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessWords:
    """doing: words for what the process does. things: for what it asks for; both folded."""

    doing: frozenset[str] = frozenset()
    things: frozenset[str] = frozenset()


def process_words(flow: Flow, slots: Iterable[Slot]) -> ProcessWords:
    """The words of the flow's names, description and examples, and those of the slots it fills."""
    texts = [flow_name(flow, "zh"), flow_name(flow, "en"), flow.id.replace("_", " "), flow.description]
    found = {word for text in (*texts, *flow.examples[:_MAX_EXAMPLES]) for word in content_words(text)}
    named = {
        word for text in texts[:3] for word in content_words(text)
    }  # "return" is done, though it has a "return reason"
    things = {word for slot in slots for word in words_of(slot) if len(word) > 1 and not _POLAR.search(word)}
    doing = {word for word in found if word.isalpha() and not _POLAR.search(word)}
    things -= named | _PLAIN
    return ProcessWords(doing=frozenset(doing - _PLAIN - things), things=frozenset(things))


def slot_doing(slot: Slot) -> ProcessWords:
    """The words of a yes-or-no slot: what is done, or is so, when it is yes."""
    words = {word for word in words_of(slot) if word not in _PLAIN and not _POLAR.search(word)}
    return ProcessWords(doing=frozenset(words))
