"""A business process as values: a flow is steps, a step says what happens and where it goes on.

The shape is Rasa CALM's (rasa.com/docs/reference/primitives/flows). Values only; `flow_file.py` reads them.
Nested steps of a branch are ordinary steps here, with ids made from their parent's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

END = "END"


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Where to go when `condition` holds; None always holds (`else`, or a plain `next`). target: a step id or END."""

    condition: str | None
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What all steps have. `next` is tried in order and always ends with an unconditional branch."""

    id: str
    next: tuple[Branch, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionStep(Step):
    """Runs an action, or says a response when the name begins with `utter_`."""

    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A value of a collected slot that is not taken when `condition` holds, and the response that says so."""

    condition: str
    utter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectStep(Step):
    """Asks for a slot, by response `utter` (default `utter_ask_{slot}`) or by action `action_ask_{slot}`."""

    slot: str
    description: str = ""
    utter: str = ""
    ask_before_filling: bool = False
    reset_after_flow_ends: bool = True
    rejections: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSlotsStep(Step):
    """Sets slots to these values; None empties one."""

    values: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStep(Step):
    """Ends this flow and begins another."""

    flow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStep(Step):
    """Runs another flow and comes back."""

    flow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoopStep(Step):
    """Only branches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """An intent that begins the flow, when the classifier is at least this sure."""

    intent: str
    confidence_threshold: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One flow. `steps` in the order they are written, by id. examples: things visitors say to begin it, by the owner
    (an addition to Rasa's shape; a bot that moves here has none). path and line: where it is written."""

    id: str
    description: str
    steps: Mapping[str, Step]
    first: str
    name: str = ""
    guard: str | None = None
    always_include_in_prompt: bool = False
    run_pattern_completed: bool = True
    persisted_slots: tuple[str, ...] = ()
    nlu_trigger: tuple[Trigger, ...] = ()
    examples: tuple[str, ...] = ()
    path: str = ""
    line: int = 0
