"""Takes the text that a process asks for first out of the message that asks for the process: "a complaint: …".

In: what a message says after the name of the process, and the slots of the process in order. Out: the text, or "".
Only where the first of them takes whatever is said. What the rest says of a yes-or-no slot ("no need to call back") is
left out, and what is only a value of another slot is no text. Never cuts inside a sentence that tells something.
"""

from collections.abc import Sequence
from datetime import datetime

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.reading import is_free_text, read_slot
from chatwright.dialogue.understanding.flow_choice import mask_values
from chatwright.language.in_place import fold_in_place
from chatwright.messages import Language

_LEAST = 0.3
_FEWEST_LETTERS = 6
_EDGES = " ,.;:!，。；：！、\n"


def told_text(told: str, slots: Sequence[Slot], *, language: Language, now: datetime) -> str:
    """The value of the first slot; "" when it is no free text, or too little is told."""
    if not slots or not is_free_text(slots[0]):
        return ""
    for slot in slots:
        if slot.type == "bool" and (said := read_slot(slot, told, language=language, now=now, is_asked=False)):
            told = _without(told, said.start, said.end)
    found = read_slot(slots[0], told, language=language, now=now, is_asked=True)
    if found is None or found.confidence <= _LEAST:
        return ""
    text = str(found.value).strip(_EDGES)
    return text if sum(map(str.isalpha, mask_values(text))) >= _FEWEST_LETTERS else ""


def _without(text: str, start: int, end: int) -> str:
    """The text without this stretch; folding in place keeps the places of both the same."""
    assert len(fold_in_place(text)) == len(text)
    return f"{text[:start].rstrip(_EDGES)}{text[end:].lstrip(_EDGES) and ' '}{text[end:].lstrip(_EDGES)}".strip()
