"""Where a conversation stands between two turns: slots, open flows, what was asked. Frozen, and JSON both ways.

In: what `state_to_json` wrote, maybe before the bot folder changed. Out: a DialogueState; a frame whose flow or step is
no longer there is dropped and named in `dropped`, the slots are kept. Never raises on JSON that is not as expected.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from chatwright.dialogue.commands import Doubt, worse_doubt
from chatwright.dialogue.flows.flow import Flow
from chatwright.messages import Button, Utterance

FrameKind = Literal["flow", "pattern"]
MAX_KEPT = 20  # completed flows and utterances for "say that again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A write that was carried out: its step, its place in the trail, the slots it took its arguments from."""

    step: str
    place: int
    slots: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One open flow. `step` is where it stands, "" before it began; `trail` the steps done, in order.

    is_called: the frame below goes on when this one ends. is_asked: the question of `step` was put to the visitor.
    writes: what this flow has changed outside. skips: writes that are not repeated after going back.
    kept: the flow's own slot values while another flow is on top of it. stash: answers given after the place to which
    the flow went back; each is taken again when its question comes up again.
    """

    flow: str
    step: str = ""
    kind: FrameKind = "flow"
    context: Mapping[str, Any] = field(default_factory=dict)
    is_called: bool = False
    is_asked: bool = False
    trail: tuple[str, ...] = ()
    writes: tuple[Write, ...] = ()
    skips: tuple[Write, ...] = ()
    kept: Mapping[str, Any] = field(default_factory=dict)
    stash: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A write that waits for a yes: `shown` is exactly what it will be called with, `token` names this question.

    is_own: the flow's own question (`confirms:`) was put. is_declined: after a no, asked what to change. doubt: what
    happened since these arguments were first shown (`commands.Doubt`); the more, the plainer an agreement must be.
    """

    action: str
    flow: str
    step: str
    shown: Mapping[str, Any]
    token: str
    is_own: bool = False
    is_declined: bool = False
    doubt: Doubt = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogueState:
    """All of it. stack: open flows, lowest first. asked: the slot asked last, also one of the bot's own questions.

    choices: flows that were offered; proposed: slots that the visitor filled before the choice; num_asides: questions
    in between. alternatives: values of `asked` of which the visitor named several.
    num_not_understood: turns in a row. num_calls: actions called so far, which makes call ids. num_turns: so far.
    """

    slots: Mapping[str, Any] = field(default_factory=dict)
    stack: tuple[Frame, ...] = ()
    asked: str = ""
    confirmation: Confirmation | None = None
    choices: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()
    num_asides: int = 0
    alternatives: tuple[Any, ...] = ()
    last_said: tuple[Utterance, ...] = ()
    num_not_understood: int = 0
    num_errors: int = 0
    num_calls: int = 0
    num_turns: int = 0
    completed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def flow(self) -> str:
        """The flow on top, "" when none is open."""
        return self.stack[-1].flow if self.stack else ""


def state_to_json(state: DialogueState) -> dict[str, Any]:
    """JSON of numbers, strings, booleans, lists and mappings."""
    written = asdict(state)
    written["last_said"] = [_said_to_json(utterance) for utterance in state.last_said]
    return written


def _said_to_json(utterance: Utterance) -> dict[str, Any]:
    buttons = [asdict(button) for button in utterance.buttons]
    return {"text": utterance.text, "buttons": buttons, "image": utterance.image, "custom": dict(utterance.custom)}


def state_from_json(value: Any, flows: Mapping[str, Flow]) -> DialogueState:
    """The state that was written, as far as it still makes sense with these flows."""
    written = _mapping(value)
    stack, dropped = _stack(written.get("stack"), flows)
    state = DialogueState(
        slots=dict(_mapping(written.get("slots"))),
        stack=tuple(stack),
        asked=_text(written.get("asked")),
        confirmation=_confirmation(written.get("confirmation"), stack),
        choices=tuple(flow for flow in _texts(written.get("choices")) if flow in flows),
        proposed=_texts(written.get("proposed")),
        num_asides=_number(written.get("num_asides")),
        alternatives=tuple(_list(written.get("alternatives"))),
        last_said=tuple(_said(item) for item in _list(written.get("last_said")))[:MAX_KEPT],
        num_not_understood=_number(written.get("num_not_understood")),
        num_errors=_number(written.get("num_errors")),
        num_calls=_number(written.get("num_calls")),
        num_turns=_number(written.get("num_turns")),
        completed=_texts(written.get("completed"))[-MAX_KEPT:],
        dropped=(*_texts(written.get("dropped")), *dropped),
    )
    if not dropped:
        return state
    # What was asked may have been asked by a flow that is gone: nothing is taken as an answer to it.
    return DialogueState(
        **{name: getattr(state, name) for name in ("slots", "stack", "last_said", "num_calls", "num_turns")},
        completed=state.completed,
        dropped=state.dropped,
    )


def _stack(value: Any, flows: Mapping[str, Flow]) -> tuple[list[Frame], list[str]]:
    """The frames that still stand, and the flows of those that do not. A caller goes with what it called."""
    stack: list[Frame] = []
    dropped: list[str] = []
    for group in _groups([_frame(item) for item in _list(value)]):
        if all(_stands(frame, flows) for frame in group):
            stack += group
        else:
            dropped.append(group[0].flow)
    return stack, dropped


def _groups(frames: list[Frame]) -> list[list[Frame]]:
    groups: list[list[Frame]] = []
    for frame in frames:
        if frame.is_called and groups:
            groups[-1].append(frame)
        else:
            groups.append([frame])
    return groups


def _stands(frame: Frame, flows: Mapping[str, Flow]) -> bool:
    flow = flows.get(frame.flow)
    if flow is None:
        return False
    return all(step in flow.steps for step in (frame.step, *frame.trail) if step)


def _frame(value: Any) -> Frame:
    written = _mapping(value)
    return Frame(
        flow=_text(written.get("flow")),
        step=_text(written.get("step")),
        kind="pattern" if written.get("kind") == "pattern" else "flow",
        context=dict(_mapping(written.get("context"))),
        is_called=written.get("is_called") is True,
        is_asked=written.get("is_asked") is True,
        trail=_texts(written.get("trail")),
        writes=tuple(_write(item) for item in _list(written.get("writes"))),
        skips=tuple(_write(item) for item in _list(written.get("skips"))),
        kept=dict(_mapping(written.get("kept"))),
        stash=dict(_mapping(written.get("stash"))),
    )


def _write(value: Any) -> Write:
    written = _mapping(value)
    slots = _texts(written.get("slots"))
    return Write(step=_text(written.get("step")), place=_number(written.get("place")), slots=slots)


def _confirmation(value: Any, stack: list[Frame]) -> Confirmation | None:
    """None unless it is about the step on which the flow on top stands."""
    written = _mapping(value)
    if not written or not stack or stack[-1].flow != written.get("flow"):
        return None
    return Confirmation(
        action=_text(written.get("action")),
        flow=_text(written.get("flow")),
        step=_text(written.get("step")),
        shown=dict(_mapping(written.get("shown"))),
        token=_text(written.get("token")),
        is_own=written.get("is_own") is True,
        is_declined=written.get("is_declined") is True,
        doubt=worse_doubt("", _text(written.get("doubt"))),
    )


def _said(value: Any) -> Utterance:
    written = _mapping(value)
    buttons = [_mapping(item) for item in _list(written.get("buttons"))]
    return Utterance(
        text=_text(written.get("text")),
        buttons=tuple(Button(title=_text(item.get("title")), payload=_text(item.get("payload"))) for item in buttons),
        image=_text(written.get("image")),
        custom=dict(_mapping(written.get("custom"))),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(item for item in _list(value) if isinstance(item, str))


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
