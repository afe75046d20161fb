"""Reads the answer to a yes-or-no question of a flow where the exact rules do not: "no call needed", 打 必须打给我.

In: the slot that was asked for and the message. Out: True, False, or None when `reply_reader.py` is not sure. What is
done when the slot is true counts as its words; a wrong value here is shown again before anything is written.
"""

from dataclasses import replace

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.understanding.process_words import slot_doing
from chatwright.dialogue.understanding.reply_reader import MAX_CHARS, read_reply
from chatwright.dialogue.understanding.wishes import asks, hesitates

_SURE = 0.75
_CALLED = frozenset({"call", "回电", "电话"})
_CALLING = frozenset(
    {"call", "call me", "ring", "ring me", "phone me", "打", "打给我", "打电话", "给我打电话", "电话", "回电", "来电"}
)


def read_bool_answer(slot: Slot, text: str) -> bool | None:
    """What the message answers to the question whether this is to be so."""
    if len(text) > MAX_CHARS or asks(text) or hesitates(text):
        return None
    words = slot_doing(slot)
    if words.doing & _CALLED:
        words = replace(words, doing=words.doing | _CALLING)
    reading = read_reply(text, words)
    is_sure = reading.confidence >= _SURE and reading.kind in ("yes", "no")
    if not is_sure or (reading.kind == "yes" and not reading.is_known):
        return None
    return reading.kind == "yes"
