"""Advances a conversation by one turn: commands are carried out, then flows walked until they wait for the visitor.

In: the state, the commands that were understood, the turn. Out: the next state, what is said, a trace. Deterministic
but for what actions return; the same input gives the same turn. Never decides what a message means, never words a
fact, never runs a write without a yes to exactly its arguments.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chatwright.dialogue.commands import Command, SetSlot
from chatwright.dialogue.domain import Domain, Slot
from chatwright.dialogue.extract import validate_slot
from chatwright.dialogue.flows.flow import CollectStep, Flow
from chatwright.dialogue.flows.flow_names import flow_name
from chatwright.dialogue.reserved_slots import CHOSEN_FLOW, CONFIRMED_ACTION, WANTED_PERSON
from chatwright.dialogue.running.begin import may_start
from chatwright.dialogue.running.carry_out import carry_out
from chatwright.dialogue.running.repair import Texts
from chatwright.dialogue.running.scene import Scene
from chatwright.dialogue.running.stack import group_start
from chatwright.dialogue.running.state import DialogueState, Frame, state_from_json
from chatwright.dialogue.running.turn_input import ActionInfo, Advanced, Playbook, RunAction, TurnInput
from chatwright.dialogue.running.walk import walk
from chatwright.messages import Language


class FlowEngine:
    """The flows of one bot folder, ready to be walked. Holds no conversation: the state comes with each turn."""

    def __init__(
        self,
        flows: Mapping[str, Flow],
        domain: Domain,
        run_action: RunAction,
        actions: Mapping[str, ActionInfo] | None = None,
        texts: Texts | None = None,
    ) -> None:
        """actions: what is known of each action; one that is not among them writes only if its step says so.
        texts: the owner's wordings by name of `repair.py` and language."""
        self._playbook = Playbook(
            flows=flows, domain=domain, run_action=run_action, actions=actions or {}, texts=texts or {}
        )

    def begin(self) -> DialogueState:
        """The state of a new conversation: slots with their initial values."""
        slots = self._playbook.domain.slots.values()
        return DialogueState(slots={slot.name: slot.initial_value for slot in slots if slot.initial_value is not None})

    def given(self, state: DialogueState, values: Mapping[str, Any]) -> DialogueState:
        """The state with slots that the owner's rules set; a value that a slot cannot have is left out."""
        slots = dict(state.slots)
        for name, value in values.items():
            slot = self._playbook.domain.slots.get(name)
            checked = validate_slot(slot, value) if slot is not None and value is not None else None
            if value is None:
                slots.pop(name, None)
            elif checked is not None and checked.is_valid:
                slots[name] = checked.value
        return replace(state, slots=slots)

    def left(self, state: DialogueState, commands: Sequence[Command]) -> DialogueState | None:
        """The state without the flow on top, when its question need not be answered (`metadata: {soft: true}`) and the
        message does not answer it; None otherwise."""
        frame = state.stack[-1] if state.stack else None
        flow = self._playbook.flows.get(frame.flow) if frame else None
        step = flow.steps.get(frame.step) if frame and flow else None
        if not isinstance(step, CollectStep) or step.metadata.get("soft") is not True or state.asked != step.slot:
            return None
        if any(isinstance(command, SetSlot) and command.slot == step.slot for command in commands):
            return None
        below = state.stack[: group_start(state.stack)]
        return replace(state, stack=below, asked=self._asked_by(below), confirmation=None, choices=())

    def _asked_by(self, stack: Sequence[Frame]) -> str:
        """The slot that the flow on top of `stack` was asking for before it was interrupted."""
        flow = self._playbook.flows.get(stack[-1].flow) if stack else None
        step = flow.steps.get(stack[-1].step) if flow else None
        return step.slot if isinstance(step, CollectStep) else ""

    def restore(self, value: Any) -> DialogueState:
        """The state that was written as JSON; flows that are no longer there are left, their slots kept."""
        return state_from_json(value, self._playbook.flows)

    async def advance(self, state: DialogueState, commands: Sequence[Command], turn: TurnInput) -> Advanced:
        """One turn. Raises nothing of its own; what an action raises other than ActionError passes through."""
        scene = Scene(self._playbook, state, turn)
        await carry_out(scene, commands)
        await walk(scene)
        return scene.ended()

    def startable(self, state: DialogueState) -> frozenset[str]:
        """The flows that a visitor may begin now: no patterns, and the guard holds."""
        flows = self._playbook.flows.values()
        return frozenset(flow.id for flow in flows if may_start(flow, state.slots))

    def confirmation_slot(self, state: DialogueState) -> str:
        """The slot that a yes or no fills while a write waits for one, the flow's own question included; else ""."""
        pending = state.confirmation
        if pending is None:
            return ""
        return state.asked if pending.is_own or state.asked == CONFIRMED_ACTION else ""

    def doubted(self, state: DialogueState) -> DialogueState:
        """The state after a message that no flow has heard: what waits for a yes must be shown again first."""
        pending = state.confirmation
        if pending is None:
            return state
        return replace(state, confirmation=replace(pending, step="", doubt="unread"))  # a yes to no step runs nothing

    def asked_slot(self, state: DialogueState) -> Slot | None:
        """What the next message may answer, as a slot that understanding can read: the flow's, or one of the bot's own
        questions (a yes or no to a write, which flow is meant, whether a person is wanted)."""
        if state.asked in (CONFIRMED_ACTION, WANTED_PERSON):
            return Slot(name=state.asked, type="bool")
        if state.asked == CHOSEN_FLOW:
            flows = [self._playbook.flows[flow] for flow in state.choices if flow in self._playbook.flows]
            labels: dict[str, Mapping[Language, tuple[str, ...]]] = {
                flow.id: {"zh": (flow_name(flow, "zh"),), "en": (flow_name(flow, "en"),)} for flow in flows
            }
            return Slot(name=CHOSEN_FLOW, type="categorical", values=tuple(labels), labels=labels)
        return self._playbook.domain.slots.get(state.asked)
