"""Writes a tree of what may follow as the steps of one flow. In: a Node. Out: steps in the YAML shape of flows.

Each place where the visitor may say one of several things is a collect step of its own slot, filled by intent. It is
soft: anything else that is said ends the flow, as it does where stories are only likely. What is known branches.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chatwright.bot.rasa_import.domain import Draft
from chatwright.bot.rasa_import.nlu import Training
from chatwright.bot.rasa_import.plan import DEACTIVATING, Plan
from chatwright.bot.rasa_import.report import Report
from chatwright.bot.rasa_import.threads import Does, Said, Was, as_id
from chatwright.bot.rasa_import.tree import Node, shape
from chatwright.dialogue.extract.yes_no import read_yes_no
from chatwright.language.detect import has_han
from chatwright.language.in_place import fold_in_place

MAX_FLOW_STEPS = 450
MAX_DEPTH = 60
MAX_LABELS = 30
MAX_LABEL_CHARS = 40
SOFT = {"soft": True, "silent": True}
_AGREES = frozenset({"affirm", "yes", "agree", "confirm", "accept", "ok", "确认", "同意", "肯定", "是"})
_DENIES = frozenset(
    {"deny", "no", "disagree", "decline", "reject", "refuse", "negate", "否认", "拒绝", "否定", "否", "不是"}
)
_DONE_BY_THE_BOT = frozenset(
    """action_two_stage_fallback two_stage_fallback action_session_start action_listen action_default_ask_affirmation
    action_default_ask_rephrase action_revert_fallback_events""".split()  # noqa: SIM905 - a word list reads best as words
)


@dataclass(slots=True)
class Workshop:
    """What all flows of one import share while they are written."""

    draft: Draft
    training: Training
    plan: Plan
    report: Report
    form_ids: dict[str, str] = field(default_factory=dict)
    uses_requested_slot: bool = False  # a condition or an action looks at which slot a form asks for
    said: dict[str, str] = field(default_factory=dict)  # responses by the text that they say

    def response_of(self, text: str) -> str:
        """The response that says this text; a new one where none does."""
        if not self.said:
            for name, variants in self.draft.responses.items():
                for variant in variants:
                    self.said.setdefault(str(variant.get("text", "")).strip(), name)
        if text not in self.said:
            name = as_id("utter_said", self.draft.responses)
            self.draft.responses[name] = [{"text": text}]
            self.said[text] = name
        return self.said[text]


@dataclass(slots=True)
class StepWriter:
    """The steps of one flow. place: of the thread that problems are told of."""

    flow: str
    shop: Workshop
    place: str
    steps: list[dict[str, Any]] = field(default_factory=list)
    _ids: dict[str, None] = field(default_factory=dict)
    _known: dict[object, str] = field(default_factory=dict)

    def put(self, node: Node, behind: str = "", depth: int = 0) -> str:
        """Writes the tree; the id of its first step, END when there is none. behind: the action done last."""
        if node.is_leaf:
            more = self.shop.plan.goes_on.get(behind) if node.goes_on else None
            return self.put(more, "", depth + 1) if more is not None and depth < MAX_DEPTH else "END"
        known = shape(node)
        if known in self._known:
            return self._known[known]
        if len(self.steps) >= MAX_FLOW_STEPS or depth > MAX_DEPTH:
            self._told(f"Flow {self.flow!r} became too long; it ends where it was cut.")
            return "END"
        if node.known:
            return self._branch(node, known, behind, depth)
        if node.does is not None:
            return self._do(node, node.does, known, depth)
        return self._listen(node, known, behind, depth)

    def add(self, name: str, step: dict[str, Any]) -> dict[str, Any]:
        """Appends a step under a free id."""
        step_id = as_id(name, self._ids, "step")
        self._ids[step_id] = None
        self.steps.append({"id": step_id, **step})
        return self.steps[-1]

    def _told(self, note: str) -> None:
        self.shop.report.tell(self.place, note)

    def _branch(self, node: Node, known: object, behind: str, depth: int) -> str:
        step = self.add("choose", {"noop": True})
        self._known[known] = str(step["id"])
        rest = Node(does=node.does, after=node.after, says=node.says, ends=node.ends, goes_on=node.goes_on)
        branches: list[dict[str, Any]] = []
        for facts, child in node.known.items():
            conditions = [self.condition(fact) for fact in facts if self._matters(fact)]
            if conditions:
                branches.append({"if": " and ".join(conditions), "then": self.put(child, behind, depth + 1)})
            elif rest.is_leaf:
                rest = child
        is_first = len(self.steps) == 1 or step is self.steps[0]
        other = self._nothing_known() if rest.is_leaf and is_first else self.put(rest, behind, depth + 1)
        step["next"] = [*branches, {"else": other}] if branches else other
        return str(step["id"])

    def _nothing_known(self) -> str:
        """What is said when none of the conditions at the beginning holds: Rasa falls back."""
        known = "utter_default" in self.shop.draft.responses
        return str(self.add("fallback", {"action": "utter_default" if known else "action_trigger_search"})["id"])

    def _matters(self, fact: Was) -> bool:
        """Rasa looks at a slot only when it may influence the conversation; its value counts only for some types."""
        slot = self.shop.draft.slots.get(fact.slot)
        if slot is None:
            self._told(f"The condition on slot {fact.slot!r}, which the domain does not have, was left out.")
            return False
        return fact.slot == "requested_slot" or slot.get("influence_conversation") is not False

    def condition(self, fact: Was) -> str:
        """A fact about a slot in the language of conditions."""
        slot = self.shop.draft.slots.get(fact.slot, {})
        has_value = slot.get("type") in ("bool", "categorical", "float") or fact.slot == "requested_slot"
        if fact.value is None and not fact.is_any:
            return f"slots.{fact.slot} is null"
        if isinstance(fact.value, bool) and slot.get("type") in ("bool", "any"):
            return f"slots.{fact.slot}" if fact.value else f"slots.{fact.slot} is false"
        if fact.is_any or not has_value:
            return f"slots.{fact.slot} is not null"
        if isinstance(fact.value, str):
            quoted = fact.value.replace("\\", "\\\\").replace('"', '\\"')
            return f'slots.{fact.slot} = "{quoted}"'
        return f"slots.{fact.slot} = {str(fact.value).lower()}"

    def _do(self, node: Node, does: Does, known: object, depth: int) -> str:
        after = node.after or Node()
        made = self._action(does)
        if made is None:
            return self.put(after, does.action, depth + 1)
        step = self.add(next(iter(made.values())), made)
        self._known[known] = str(step["id"])
        step["next"] = self.put(after, does.action, depth + 1)
        return str(step["id"])

    def _action(self, does: Does) -> dict[str, str] | None:
        """The step that does it; None when there is nothing to do, which is told where it matters."""
        name, draft = does.action, self.shop.draft
        if does.is_form:
            return {"call": self.shop.form_ids[name]}
        if name.startswith("bot: "):
            return {"action": self.shop.response_of(name.removeprefix("bot: "))}
        if name == "action_default_fallback":
            name = "utter_default"
        if name in _DONE_BY_THE_BOT or (name == "utter_default" and name not in draft.responses):
            return None
        if name in DEACTIVATING:
            return {"action": "action_deactivate_loop"}
        if name == "action_restart":
            return {"action": name}
        if name == "action_back":
            self._told("action_back is not done: visitors say what they want to change instead.")
            return None
        if name.startswith("utter_") and name not in draft.responses:
            self._told(f"Response {name!r} is nowhere in the project; the step was left out.")
            return None
        if not name.startswith("utter_") and name not in draft.actions:
            draft.actions[name] = self.place
        return {"action": name}

    def _listen(self, node: Node, known: object, behind: str, depth: int) -> str:
        slot = as_id(f"{self.flow}_reply", self.shop.draft.slots)
        step = self.add(slot, {"collect": slot, "description": "what the visitor says next", "metadata": dict(SOFT)})
        self._known[known] = str(step["id"])
        values = self._values(node)
        is_yes_no = all(isinstance(value, bool) for value in values.values()) and len(set(values.values())) == len(
            values
        )
        if not is_yes_no:
            values = {said: said.intent or f"text_{i + 1}" for i, said in enumerate(node.says)}
        mappings = [
            {"type": "from_intent", "intent": said.intent, "value": value}
            for said, value in values.items()
            if said.intent
        ]
        made: dict[str, Any] = {"type": "bool" if is_yes_no else "categorical"}
        if not is_yes_no:
            made["values"] = list(values.values())
            labels = {str(value): words for said, value in values.items() if (words := self._labels(said, behind))}
            made |= {"labels": labels} if labels else {}
        self.shop.draft.slots[slot] = made | {"influence_conversation": False, "mappings": mappings}
        branches: list[dict[str, Any]] = [
            {"if": self._chosen(slot, values[said]), "then": self.put(child, "", depth + 1)}
            for said, child in node.says.items()
        ]
        step["next"] = [*branches, {"else": "END"}]
        return str(step["id"])

    def _chosen(self, slot: str, value: Any) -> str:
        if isinstance(value, bool):
            return f"slots.{slot}" if value else f"slots.{slot} is false"
        quoted = str(value).replace("\\", "\\\\").replace('"', '\\"')
        return f'slots.{slot} = "{quoted}"'

    def _values(self, node: Node) -> dict[Said, Any]:
        return {said: self._as_yes_no(said) for said in node.says}

    def _as_yes_no(self, said: Said) -> bool | None:
        """Whether an intent is a yes or a no, by its name or by most of its examples."""
        name = said.intent.lower()
        if name in _AGREES | _DENIES:
            return name in _AGREES
        texts = self.shop.training.examples.get(said.intent, [said.text] if said.text else [])
        read = [found.value for text in texts[:50] if (found := read_yes_no(fold_in_place(text))) and len(text) < 20]
        for value in (True, False):
            if read.count(value) * 10 > len(texts[:50]) * 7:
                return value
        return None

    def _labels(self, said: Said, behind: str) -> dict[str, list[str]]:
        """What the visitor may say for it: the titles of buttons that send it, and its short examples, by language."""
        titles = [
            str(button.get("title"))
            for variant in self.shop.draft.responses.get(behind, [])
            for button in variant.get("buttons", [])
            if str(button.get("payload", "")).lstrip("/").partition("{")[0] == said.intent and said.intent
        ]
        examples = self.shop.training.examples.get(said.intent, [said.text] if said.text else [])
        words = [text for text in [*titles, *examples] if len(text) <= MAX_LABEL_CHARS]
        kept = list(dict.fromkeys(words))[:MAX_LABELS]
        by_language = {
            "zh": [text for text in kept if has_han(text)],
            "en": [text for text in kept if not has_han(text)],
        }
        return {language: texts for language, texts in by_language.items() if texts}

    def finished(self) -> list[dict[str, Any]]:
        """The steps, without ids that nothing refers to and without going on to what follows anyhow."""
        for i, step in enumerate(self.steps):
            following = self.steps[i + 1]["id"] if i + 1 < len(self.steps) else "END"
            if step.get("next") == following:
                del step["next"]
        goals = {goal for step in self.steps for goal in _goals(step.get("next"))}
        return [{key: value for key, value in step.items() if key != "id" or value in goals} for step in self.steps]


def _goals(following: Any) -> list[str]:
    if isinstance(following, str):
        return [following]
    branches: list[Mapping[str, str]] = following or []
    return [branch.get("then", branch.get("else", "")) for branch in branches]
