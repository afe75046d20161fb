"""Lets an action check the value that a collect step has just got, as Rasa's forms and CALM do.

In: the Scene and the step. Out: it, changed by what the action returned: a value that it empties is asked again. The
action is `metadata: {validate: NAME}` of the step, else `validate_SLOT` where there is one. One value is checked once.
"""

from chatwright.dialogue.flows.flow import ActionStep, CollectStep
from chatwright.dialogue.running.act import run_action_step
from chatwright.dialogue.running.scene import Scene
from chatwright.dialogue.running.state import Frame


async def is_accepted(scene: Scene, frame: Frame, step: CollectStep) -> bool:
    """False when the value was emptied, or the flow ended because the action failed."""
    name = str(step.metadata.get("validate") or f"validate_{step.slot}")
    info = scene.playbook.actions.get(name)
    checked = frame.context.get("checked", {})
    value = scene.slots.get(step.slot)
    if info is None or info.is_write or (step.slot in checked and checked[step.slot] == value):
        return True
    num_failures = scene.num_failures
    await run_action_step(scene, frame, ActionStep(id=step.id, next=step.next, action=name), is_question=True)
    top = scene.top
    if scene.num_failures > num_failures or top is None or has_moved(scene, frame):
        return False
    value = scene.slots.get(step.slot)
    scene.replace_top(context={**top.context, "checked": {**checked, step.slot: value}})
    return value is not None


def has_moved(scene: Scene, frame: Frame) -> bool:
    """True when the flow is no longer where it was, so that nothing is left to ask."""
    return scene.top is None or (scene.top.flow, scene.top.step) != (frame.flow, frame.step)
