"""Says why a summary is shown again instead of being carried out, and notes what now stands against a yes to it.

In: the Scene with a summary that waits, and what was not understood. Out: a text; the walk then shows it again.
A write runs only on an agreement to a summary that was shown last, and the more was said since it was first shown, the
plainer the agreement must be (`understanding/agreement.py`).
"""

from collections.abc import Sequence

from chatwright.dialogue.commands import CannotHandle, ChitChat, Command, Doubt, SearchAndReply, worse_doubt
from chatwright.dialogue.flows.flow_names import slot_name
from chatwright.dialogue.running.scene import Scene

MAX_SAID = 60  # characters of the message that are repeated
_CALM = {"waits": "confirm_waits", "courtesy": "confirm_open", "change": "not_confirmed"}  # nothing was misunderstood


def doubt_of(commands: Sequence[Command]) -> Doubt:
    """What a message adds to the doubt on the open summary: an aside for what was answered, the rest as it says."""
    doubt: Doubt = ""
    for command in commands:
        if isinstance(command, SearchAndReply | ChitChat):
            doubt = worse_doubt(doubt, "aside")
        elif isinstance(command, CannotHandle):
            doubt = worse_doubt(doubt, command.doubt)
    return doubt


def say_unread(scene: Scene, unread: CannotHandle) -> bool:
    """The text before the summary is shown again; False when the visitor should rather be offered a person."""
    if text := _CALM.get(unread.reason):
        scene.say_text(text)
        return True
    if scene.before.num_not_understood >= 2:
        return False
    scene.num_not_understood = scene.before.num_not_understood + 1
    scene.trace("cannot_handle", times=scene.num_not_understood)
    if len(unread.slots) > 1:
        joint = "、" if scene.language == "zh" else ", "
        names = joint.join(slot_name(scene.slot(name), scene.language) for name in unread.slots)
        scene.say_text("confirm_which", {"slots": names})
        return True
    said = " ".join(scene.turn.text.split())
    shown = said if len(said) <= MAX_SAID else f"{said[:MAX_SAID]}…"
    scene.repair("confirm_unread", {"said": shown})
    return True
