"""Ends a flow that cannot go on through a fault that is not the visitor's. In: the Scene and why. Out: it, changed.

The slots are kept, so that beginning again asks nothing twice; a person is offered. A write of which it is not known
whether it was carried out is never tried again.
"""

from chatwright.dialogue.running.scene import Scene
from chatwright.dialogue.running.stack import cancel_group


def fail(scene: Scene, reason: str, *, is_unclear: bool = False) -> None:
    """Runs the internal error pattern. is_unclear: a write may or may not have been carried out."""
    scene.num_errors += 1
    scene.num_failures += 1
    scene.note(reason)
    while scene.top is not None and scene.top.kind == "pattern":
        scene.stack.pop()
    flow = cancel_group(scene, reason) if scene.stack and scene.num_failures == 1 else ""
    scene.confirmation = scene.pending = None
    name = "write_unclear" if is_unclear else "flow_failed"
    values = {**scene.named(flow), "error": reason} if flow else {"flow": "…"}
    if scene.num_failures > 1:  # the folder's own error pattern failed too
        scene.say_text(name, values)
        scene.offers_person = True
        scene.is_finished = True
    else:
        scene.offer_person(name, values)
