"""What a flow and a slot are called when the bot speaks of them. In: a Flow or Slot, a language. Out: text.

A flow's name may be written in each language (`name: {zh: …, en: …}`); a slot's is its first label of its own name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.flows.flow import Flow
from chatwright.language.detect import detect_language
from chatwright.messages import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFlow(Flow):
    """A flow whose name is written in several languages; `name` is the first of them."""

    names: Mapping[Language, str] = field(default_factory=dict)


def flow_name(flow: Flow, language: Language) -> str:
    """The flow's name for visitors, else its description when that is in their language, else its id in words."""
    if isinstance(flow, NamedFlow) and flow.names.get(language):
        return flow.names[language]
    if flow.name:
        return flow.name
    description = flow.description.strip().rstrip("。.")
    if description and len(description) <= 40 and detect_language(description) == language:
        return description
    return flow.id.replace("_", " ")


def slot_name(slot: Slot, language: Language) -> str:
    """What the slot is called: its own label, else a short description, else its name in words."""
    labels = slot.labels.get(slot.name, {})
    if labels.get(language):
        return labels[language][0]
    description = slot.description.strip().rstrip("。.")
    if description and len(description) <= 40 and detect_language(description) == language:
        return description
    other = next((words[0] for words in labels.values() if words), "")
    return other or description[:40] or slot.name.replace("_", " ")
