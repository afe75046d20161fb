"""Holds what changes in the course of one turn: slots, the stack of flows, what was said, the trace.

In: a DialogueState and a TurnInput. Out: `ended()`, the next state with utterances and trace. Decides nothing: commands
(`carry_out.py`) and steps (`walk.py`) do. One turn only, never shared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chatwright.dialogue.commands import Doubt
from chatwright.dialogue.domain import Slot
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.flows.flow_names import flow_name
from chatwright.dialogue.reserved_slots import CHOSEN_FLOW as CHOSEN_FLOW
from chatwright.dialogue.reserved_slots import CONFIRMED_ACTION as CONFIRMED_ACTION
from chatwright.dialogue.reserved_slots import WANTED_PERSON as WANTED_PERSON
from chatwright.dialogue.running.render import Filling, render_response
from chatwright.dialogue.running.repair import PATTERNS, RASA_ERRORS, RASA_RESPONSES, repair_text
from chatwright.dialogue.running.state import MAX_KEPT, Confirmation, DialogueState, Frame
from chatwright.dialogue.running.turn_input import Advanced, Playbook, TurnInput
from chatwright.messages import Button, Language, Outcome, Utterance

MAX_UTTERANCES = 30
MAX_EVENTS = 600


class Scene:
    """The one mutable thing of a turn."""

    def __init__(self, playbook: Playbook, state: DialogueState, turn: TurnInput) -> None:
        self.playbook = playbook
        self.turn = turn
        self.before = state
        self.slots: dict[str, Any] = dict(state.slots)
        self.stack: list[Frame] = list(state.stack)
        self.asked = ""
        self.choices: tuple[str, ...] = ()
        self.proposed: tuple[str, ...] = ()
        self.num_asides = 0
        self.alternatives: tuple[Any, ...] = ()
        self.pending: Confirmation | None = state.confirmation  # the one that was open when the turn began
        self.confirmation: Confirmation | None = None  # the one that is open when it ends
        self.doubt: Doubt = ""  # what this turn adds to the open confirmation
        self.is_confirmed = False  # the visitor said yes, to exactly the pending confirmation, in this turn
        self.num_not_understood = 0
        self.num_errors = state.num_errors
        self.num_failures = 0  # in this turn
        self.num_calls = state.num_calls
        self.num_followups = 0  # in this turn
        self.completed: list[str] = list(state.completed)
        self.outcome: Outcome = "flow"
        self.offers_person = False
        self.is_finished = False  # nothing more is said in this turn
        self.num_steps = 0
        self._utterances: list[Utterance] = []
        self._events: list[Mapping[str, Any]] = []

    @property
    def language(self) -> Language:
        return self.turn.language

    @property
    def flows(self) -> Mapping[str, Flow]:
        return self.playbook.flows

    @property
    def top(self) -> Frame | None:
        return self.stack[-1] if self.stack else None

    @property
    def events(self) -> Sequence[Mapping[str, Any]]:
        """The trace so far."""
        return self._events

    @property
    def has_spoken(self) -> bool:
        return bool(self._utterances)

    def slot(self, name: str) -> Slot:
        """The slot of the domain; one of any kind when the domain does not know it."""
        return self.playbook.domain.slots.get(name) or Slot(name=name, type="any")

    def name_of(self, flow_id: str) -> str:
        """What visitors call the flow."""
        flow = self.flows.get(flow_id)
        return flow_name(flow, self.language) if flow else flow_id.replace("_", " ")

    def trace(self, event: str, **details: Any) -> None:
        if len(self._events) < MAX_EVENTS:
            self._events.append({"event": event, **details})

    def named(self, flow_id: str) -> dict[str, str]:
        """The flow, as texts speak of it."""
        return {"flow": self.name_of(flow_id), "flow_id": flow_id}

    def note(self, text: str) -> None:
        """Something was ignored or left out, and why: for the record of the turn."""
        self.trace("note", text=text[:300])

    def set_slot(self, name: str, value: Any) -> None:
        """Sets without checking: the value was validated by who calls."""
        if value is None:
            self.slots.pop(name, None)
        else:
            self.slots[name] = value
        self.trace("slot", name=name, value=value)

    def replace_top(self, **changes: Any) -> Frame:
        self.stack[-1] = replace(self.stack[-1], **changes)
        return self.stack[-1]

    def say(self, utterance: Utterance, utter: str = "") -> None:
        """Adds to what is said; an utterance without anything in it is left out."""
        is_empty = not (utterance.text.strip() or utterance.buttons or utterance.image or utterance.custom)
        if (is_empty and utterance.attachment is None) or len(self._utterances) >= MAX_UTTERANCES:
            return
        self._utterances.append(utterance)
        buttons = [{"title": button.title, "payload": button.payload} for button in utterance.buttons]
        self.trace("bot", text=utterance.text, utter=utter, buttons=buttons)

    def say_response(
        self, name: str, context: Mapping[str, Any] | None = None, buttons: tuple[Button, ...] = ()
    ) -> bool:
        """Says a response of the domain, with `buttons` where it has none; False when the domain has none that fits."""
        known = context if context is not None else self.top.context if self.top else {}
        filling = Filling(
            slots=self.slots,
            language=self.language,
            seed=f"{self.turn.conversation}:{self.before.num_turns}",
            context=known,
            channel=self.turn.channel,
        )
        rendered = render_response(self.playbook.domain, name, filling)
        if rendered is None:
            return False
        for missing in rendered.missing:
            self.note(f"{name}: there is no value for {{{missing}}}.")
        said = rendered.utterance
        self.say(said if said.buttons else replace(said, buttons=buttons), name)
        return True

    def say_text(self, name: str, values: Mapping[str, str] | None = None, buttons: tuple[Button, ...] = ()) -> None:
        """Says one of the texts of repair: the folder's response of that name, else the owner's wording, else ours."""
        for response in (f"utter_{name}", *RASA_RESPONSES.get(name, ())):
            if self.say_response(response, values or {}, buttons):
                return
        self.say(Utterance(text=self.text(name, values), buttons=buttons), f"utter_{name}")

    def text(self, name: str, values: Mapping[str, str] | None = None) -> str:
        return repair_text(name, self.language, self.playbook.texts, values)

    def repair(
        self,
        name: str,
        values: Mapping[str, str] | None = None,
        buttons: tuple[Button, ...] = (),
        *,
        is_last: bool = False,
    ) -> bool:
        """Begins the folder's pattern of a repair and is true, or says its text. is_last: nothing follows this turn."""
        context = _rasa_context(values or {}) | {"repair": name, "is_last": is_last}
        if name in RASA_ERRORS:
            context |= {"error_type": RASA_ERRORS[name], "info": {"max_characters": self.turn.max_chars}}
        if any(self.begin_pattern(pattern, context) for pattern in PATTERNS.get(name, ())):
            return True
        self.say_text(name, values, buttons)
        self.is_finished = self.is_finished or is_last
        return False

    def begin_pattern(self, pattern: str, context: Mapping[str, Any]) -> bool:
        """Puts the folder's flow of that id on top; False when there is none, or a pattern runs already."""
        if pattern not in self.flows or (self.top and self.top.kind == "pattern"):
            return False
        self.stack.append(Frame(flow=pattern, kind="pattern", context=context))
        self.trace("flow_started", flow=pattern)
        return True

    def keep_open(self) -> None:
        """What was asked stays asked: the turn said nothing that changes it."""
        self.asked, self.confirmation = self.before.asked, self.before.confirmation
        self.choices, self.alternatives = self.before.choices, self.before.alternatives
        self.proposed, self.num_asides = self.before.proposed, self.before.num_asides
        self.is_finished = not (self.top and self.top.kind == "pattern")  # one that has just begun is run

    def offer_person(self, name: str, values: Mapping[str, str] | None = None) -> None:
        """Ends the turn with the offer of a person."""
        yes = Button(title=self.text("person"), payload=f"/SetSlots({WANTED_PERSON}=true)")
        no = Button(title=self.text("no"), payload=f"/SetSlots({WANTED_PERSON}=false)")
        self.asked = WANTED_PERSON
        self.offers_person = True
        self.repair(name, values, (yes, no), is_last=True)

    def ended(self) -> Advanced:
        """The turn's result."""
        said = tuple(self._utterances)
        state = DialogueState(
            slots=self.slots,
            stack=tuple(self.stack),
            asked=self.asked,
            confirmation=self.confirmation,
            choices=self.choices,
            proposed=self.proposed,
            num_asides=self.num_asides,
            alternatives=self.alternatives,
            last_said=said[-MAX_KEPT:] or self.before.last_said,
            num_not_understood=self.num_not_understood,
            num_errors=self.num_errors,
            num_calls=self.num_calls,
            num_turns=self.before.num_turns + 1,
            completed=tuple(self.completed[-MAX_KEPT:]),
        )
        return Advanced(
            state=state,
            utterances=said,
            events=tuple(self._events),
            outcome=self.outcome,
            offers_person=self.offers_person,
        )


def _rasa_context(values: Mapping[str, str]) -> dict[str, Any]:
    """The values under the names that Rasa's patterns use for them, too."""
    flow = values.get("flow", "")
    rasa = {"canceled_name": flow, "previous_flow_name": flow, "interrupted_flow_name": flow, "new_slot_values": ""}
    return {**rasa, "previous_flow_id": values.get("flow_id", ""), **values}
