"""Reads slot values from messages without a model: dates, times, amounts, contacts, ids, addresses, names, choices.

`read_slot` reads one slot, `read_slots` those of a flow together, `read_change` a wish to change one; `validate_slot`
checks a value whoever read it. All deterministic, in Chinese and English, linear in the length of the message.
"""

from chatwright.dialogue.extract.changes import Change, read_change, read_slots
from chatwright.dialogue.extract.checks import Checked, validate_slot
from chatwright.dialogue.extract.found import Found
from chatwright.dialogue.extract.problem_texts import PROBLEM_TEXTS
from chatwright.dialogue.extract.reading import read_slot

__all__ = ["PROBLEM_TEXTS", "Change", "Checked", "Found", "read_change", "read_slot", "read_slots", "validate_slot"]
