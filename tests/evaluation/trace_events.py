"""A turn's trace as the bot shows it, for tests of what is asserted about it; and YAML files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chatwright.yamlfile import YamlFile

BUTTONS = [{"title": "Yes", "payload": "/SetSlots(ok=true)"}, {"title": "No", "payload": "/SetSlots(ok=false)"}]
EVENTS: Sequence[Mapping[str, Any]] = (
    {"event": "flow_started", "flow": "order"},
    {"event": "flow_step", "flow": "order", "step": "ask"},
    {"event": "slot", "name": "order_id", "value": "A1"},
    {"event": "slot", "name": "amount", "value": 3.0},
    {"event": "slot", "name": "is_member", "value": True},
    {"event": "action", "name": "look_up", "arguments": {"order_id": "A1"}},
    {"event": "bot", "text": "It is on its way.", "names": ["utter_state"], "buttons": [], "source": "", "quotes": []},
    {"event": "bot", "text": "Anything else?", "names": ["utter_more", "utter_else"], "buttons": BUTTONS},
    {"event": "flow_completed", "flow": "order", "step": "tell"},
    {"event": "flow_cancelled", "flow": "refund", "step": "ask_why"},
    {"event": "flow_interrupted", "flow": "visit", "step": "ask_day"},
    {"event": "clarification", "flows": ["order", "refund"]},
    {"event": "bot", "text": "Parcels take 3 days.", "names": [], "quotes": ["Parcels take 3 days."], "source": ""},
    {"event": "bot", "text": "A summary.", "names": [], "quotes": [], "source": "summarize"},
    {"event": "slot", "name": "order_id", "value": None},
)


def yaml_file(folder: Path, text: str, name: str = "t.yaml") -> YamlFile:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return YamlFile(path)


class WordJudge:
    """Grounded: the answer stands in the evidence. Relevant: question and answer share a word."""

    def groundedness(self, answer: str, evidence: Sequence[str]) -> float:
        return float(any(answer in piece for piece in evidence))

    async def relevance(self, question: str, answer: str) -> float:
        return float(bool(set(question.lower().split()) & set(answer.lower().split())))
