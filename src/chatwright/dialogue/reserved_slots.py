"""The slots through which the bot asks on its own behalf: may a write run, which flow is meant, is a person wanted.

They are in no domain and a domain may not have them; buttons answer them like any other (`/SetSlots(NAME=value)`).
"""

CONFIRMED_ACTION = "confirmed_action"
CHOSEN_FLOW = "chosen_flow"
WANTED_PERSON = "wanted_person"
RESERVED_SLOTS = frozenset({CONFIRMED_ACTION, CHOSEN_FLOW, WANTED_PERSON})
