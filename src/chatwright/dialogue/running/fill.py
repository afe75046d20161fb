"""Puts the values of one message into slots: checked, corrected where there was another, asked about where they clash.

In: the Scene and SetSlot commands. Out: what came of them. A slot is filled only when an open flow asks for it; one
that is asked before it is filled only as the answer to that question. Values are data, whatever they look like.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chatwright.dialogue.commands import SetSlot
from chatwright.dialogue.extract import Checked, validate_slot
from chatwright.dialogue.flows.flow import CollectStep
from chatwright.dialogue.flows.flow_names import slot_name
from chatwright.dialogue.flows.flow_slots import asks_before_filling, collected_slots
from chatwright.dialogue.running.going_back import go_back, may_change
from chatwright.dialogue.running.scene import Scene
from chatwright.dialogue.running.show_value import show_value
from chatwright.errors import ConfigError, nearest
from chatwright.messages import Button

MAX_ALTERNATIVES = 5


@dataclass(slots=True)
class Filled:
    """What came of the values. is_taken: at least one was understood; changed: slots with a new value."""

    is_taken: bool = False
    has_problem: bool = False
    changed: list[str] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)
    clashing: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def is_quiet(self) -> bool:
        """True when nothing is other than before."""
        return not (self.changed or self.has_problem or self.clashing)


def fill_slots(scene: Scene, commands: Sequence[SetSlot], offered: Sequence[str] = ()) -> Filled:
    """Fills what may be filled, and says what was corrected or cannot be. offered: flows of which it is about to be
    asked which is meant; what was said for them is kept for the one that is chosen."""
    filled = Filled()
    askable = _askable(scene)
    if offered and not askable:
        askable = _proposable(scene, offered)
        scene.proposed = tuple(dict.fromkeys(command.slot for command in commands if command.slot in askable))
    by_slot: dict[str, list[SetSlot]] = {}
    for command in commands:
        by_slot.setdefault(command.slot, []).append(command)
    for name, group in by_slot.items():
        if _may_fill(scene, name, group, askable):
            _fill(scene, name, [command.value for command in group], filled)
    if filled.corrected:
        scene.repair("corrected", {"changes": _changes(scene, filled.corrected)})
    return filled


def _askable(scene: Scene) -> dict[str, list[CollectStep]]:
    """The slots that the open flows ask for, with the steps that do."""
    found: dict[str, list[CollectStep]] = {}
    for frame in scene.stack:
        if frame.flow in scene.flows:
            for name, steps in collected_slots(scene.flows[frame.flow], scene.flows).items():
                found.setdefault(name, []).extend(steps)
    return found


def _proposable(scene: Scene, offered: Sequence[str]) -> dict[str, list[CollectStep]]:
    """What the offered flows ask for and nobody has said yet."""
    found: dict[str, list[CollectStep]] = {}
    for flow in (scene.flows[name] for name in offered if name in scene.flows):
        for name, steps in collected_slots(flow, scene.flows).items():
            if scene.slots.get(name) is None or name in scene.before.proposed:
                found.setdefault(name, []).extend(steps)
    return found


def settle_proposed(scene: Scene) -> None:
    """Gives up what was said for flows of which none was chosen."""
    names = set(scene.before.proposed) - set(_askable(scene))
    if scene.choices:  # still to be chosen from
        scene.proposed = tuple(dict.fromkeys((*scene.before.proposed, *scene.proposed)))
        return
    for name in sorted(names):
        if name in scene.slots and not scene.slot(name).is_shared:
            scene.set_slot(name, None)


def _may_fill(scene: Scene, name: str, group: list[SetSlot], askable: dict[str, list[CollectStep]]) -> bool:
    if name not in scene.playbook.domain.slots:
        scene.note(f"There is no slot {name[:60]!r}. {nearest(name, list(scene.playbook.domain.slots))}")
        return False
    steps = askable.get(name)
    if steps is None:
        extractors = {command.extractor for command in group}
        is_allowed = "caller" in extractors or ("button" in extractors and bool(scene.stack))
        if not is_allowed:
            scene.note(f"No open flow asks for slot {name!r}.")
        return is_allowed
    is_answer = scene.before.asked == name
    if all(map(asks_before_filling, steps)) and not is_answer:
        scene.note(f"Slot {name!r} is filled only as the answer to its question.")
        return False
    return True


def _fill(scene: Scene, name: str, values: list[Any], filled: Filled) -> None:
    """One slot from all the values that the message has for it."""
    checked = [_checked(scene, name, value) for value in values]
    valid = _distinct([one.value for one in checked if one.is_valid])
    # A value that could not be read may have been meant as a change: no yes counts beside it.
    filled.has_problem = filled.has_problem or not all(one.is_valid for one in checked)
    if not valid:
        problem = checked[0]
        scene.note(f"{problem.problem} for slot {name!r}.")
        scene.say_text(problem.problem, problem.values)
        filled.is_taken = True
    elif len(valid) > 1:
        filled.is_taken = True
        filled.clashing[name] = valid[:MAX_ALTERNATIVES]
    elif _change(scene, name, valid[0], filled):
        filled.is_taken = True


def _checked(scene: Scene, name: str, value: Any) -> Checked:
    try:
        return validate_slot(scene.slot(name), value)
    except ConfigError as err:
        scene.note(err.message)
        return Checked(problem="slot_not_of_form", values={"value": str(value)[:60]})


def _distinct(values: list[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if not any(type(value) is type(known) and value == known for known in found):
            found.append(value)
    return found


def _change(scene: Scene, name: str, value: Any, filled: Filled) -> bool:
    """Sets one slot; False when there was nothing to do."""
    old = scene.slots.get(name)
    if type(old) is type(value) and old == value:
        return value is not None
    if (old is None and not _was_skipped(scene, name)) or (value is not None and name in scene.proposed):
        scene.set_slot(name, value)
        filled.changed.append(name)
        return True
    if value is not None and _is_of_new_flow(scene, name):
        scene.set_slot(name, value)
        filled.changed.append(name)
        return True
    if may_change(scene, name) == "too_late":
        slot = scene.slot(name)
        shown = show_value(old, scene.language, slot)
        scene.say_text("correction_too_late", {"slot": slot_name(slot, scene.language), "value": shown})
        scene.note(f"Slot {name!r} was already used by a write; it keeps its value.")
        filled.has_problem = True
        return True
    go_back(scene, name)
    scene.set_slot(name, value)
    filled.changed.append(name)
    if old is not None and value is not None:
        filled.corrected.append(name)
    return True


def _is_of_new_flow(scene: Scene, name: str) -> bool:
    """True when the flow on top has only begun, and the one below keeps its own value for when it goes on."""
    top = scene.top
    if top is None or top.kind != "flow" or top.trail or top.is_called or top.step:
        return False
    return any(name in frame.kept for frame in scene.stack[:-1])


def _was_skipped(scene: Scene, name: str) -> bool:
    return any(name in frame.context.get("skipped", ()) for frame in scene.stack)


def _changes(scene: Scene, names: list[str]) -> str:
    mark, joint = ("：", "；") if scene.language == "zh" else (": ", "; ")
    return joint.join(
        f"{slot_name(scene.slot(name), scene.language)}{mark}"
        f"{show_value(scene.slots[name], scene.language, scene.slot(name))}"
        for name in names
    )


def ask_which_value(scene: Scene, clashing: dict[str, list[Any]]) -> None:
    """Ends the turn with the question which of several values of one slot is meant."""
    name, values = next(iter(clashing.items()))
    for other in list(clashing)[1:]:
        scene.note(f"Slot {other!r} got several values as well; none was taken.")
    slot = scene.slot(name)
    shown = [show_value(value, scene.language, slot) for value in values]
    buttons = tuple(
        Button(title=title, payload=f"/SetSlots({name}={value})")
        for title, value in zip(shown, values, strict=True)
        if isinstance(value, str | int | float) and not set(str(value)) & set("()=,\"'")
    )
    scene.trace("slot_clash", name=name, values=values)
    joint = "、" if scene.language == "zh" else ", "
    scene.say_text("which_value", {"slot": slot_name(slot, scene.language), "values": joint.join(shown)}, buttons)
    scene.asked, scene.alternatives = name, tuple(values)
    scene.is_finished = True
