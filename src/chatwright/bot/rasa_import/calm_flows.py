"""Brings CALM flows into the bot folder: to the letter where they can stay, with told changes where they cannot.

In: sources with `flows`. Out: text or values by file. A key that means nothing here is left out, a condition that
cannot be read never holds, a response that is nowhere is not said.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from chatwright.bot.rasa_import.domain import Draft
from chatwright.bot.rasa_import.project import Project, Source
from chatwright.bot.rasa_import.rasa_defaults import SLOTS, default_pattern, default_response
from chatwright.bot.rasa_import.report import Report
from chatwright.dialogue.flows.condition import parse_condition
from chatwright.dialogue.flows.flow_check import BUILT_IN_ACTIONS
from chatwright.errors import ConfigError

_FLOW_KEYS = frozenset(
    """name description if always_include_in_prompt run_pattern_completed persisted_slots nlu_trigger steps
    translation""".split()  # noqa: SIM905 - a word list reads best as words
)
_STEP_KEYS = frozenset(
    """id next metadata description action collect set_slots link call noop utter ask_before_filling
    reset_after_flow_ends rejections""".split()  # noqa: SIM905
)
_OLD_KEYS = {"collect_information": "collect", "question": "collect"}
_UNUSED = frozenset({"entry_prompt", "generation_prompt", "scope", "force_slot_filling", "silence_timeout", "exit_if"})
_NEVER_RUN = frozenset({"pattern_collect_information", "pattern_validate_slot"})
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


# Of a text slot that a model would read: only what is sure, as an answer of another form is not taken.
_FORMS = {
    "email": re.compile(r"\be-?mail\b|邮箱|电子邮件", re.I),
    "name": re.compile(
        r"\bname of (?:a|the) person\b|\bperson'?s name\b|\b(?:full|first|last) name\b|姓名", re.IGNORECASE
    ),
}


def _own_label(name: str, slot: Mapping[str, Any]) -> list[str]:
    """What a slot is called, other than by its name."""
    own = slot.get("labels", {}).get(name, {})
    return own.get("en", []) if isinstance(own, dict) else []


@dataclass(slots=True)
class CalmFlows:
    """files: path below the bot folder → text as it was, or values. flows: every flow by id, as written there."""

    files: dict[str, str | dict[str, Any]] = field(default_factory=dict)
    flows: dict[str, dict[str, Any]] = field(default_factory=dict)
    homes: dict[str, tuple[str, str]] = field(default_factory=dict)  # flow → file, and place in the project

    def replace(self, flow_id: str, flow: dict[str, Any]) -> None:
        """Puts another version of a flow into its file."""
        name = self.homes[flow_id][0]
        self.flows[flow_id] = flow
        self.files[name] = {
            "flows": {other: self.flows[other] for other, (file, _) in self.homes.items() if file == name}
        }


def read_calm_flows(project: Project, draft: Draft, report: Report) -> CalmFlows:
    """The flows of all files; of an id that two of them have, the first counts."""
    found = CalmFlows()
    ids = {
        flow_id
        for source in project.flows
        if isinstance(source.values["flows"], dict)
        for flow_id in source.values["flows"]
    }
    missing: dict[str, None] = {}
    for source in project.flows:
        written = source.values["flows"]
        if not isinstance(written, dict):
            report.add("file", source.name, source.place(["flows"]), "left", "`flows` is no mapping of ids.")
            continue
        kept = {}
        for flow_id, value in written.items():
            if not _is_free(source, flow_id, found, report):
                continue
            flow = _Cleaner(source, flow_id, draft, report, ids, missing).flow(value)
            if flow is not None:
                kept[flow_id] = found.flows[flow_id] = flow
        if not kept:
            continue
        name = _file_name(source, found)
        is_same = kept == written and set(source.values) <= {"version", "flows"}
        found.files[name] = source.path.read_text(encoding="utf-8") if is_same else {"flows": kept}
        found.homes |= {flow_id: (name, source.place(["flows", flow_id])) for flow_id in kept}
    if missing:
        patterns = {name: default_pattern(name) for name in missing}
        found.flows |= patterns
        found.files["flows/linked_patterns.yaml"] = {"flows": patterns}
        for pattern in patterns.values():
            for step in pattern["steps"]:
                text = default_response(str(step.get("action")))
                if text:
                    draft.responses.setdefault(step["action"], [{"text": text}])
    return found


def _nothing(step: Mapping[str, Any]) -> dict[str, Any]:
    """A step in the place of one that has no counterpart: it goes on where that one did."""
    return {**{key: step[key] for key in ("id", "next") if key in step}, "set_slots": []}


def _file_name(source: Source, found: CalmFlows) -> str:
    stem = source.name.rsplit(".", 1)[0].removeprefix("data/").removeprefix("flows/")
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", stem)
    names = (f"flows/{stem}{end}.yaml" for end in ["", *(f"_{number}" for number in range(2, 1000))])
    return next(name for name in names if name not in found.files)


def _is_free(source: Source, flow_id: str, found: CalmFlows, report: Report) -> bool:
    place = source.place(["flows", flow_id])
    if not _ID.fullmatch(flow_id):
        report.add("flow", flow_id, place, "left", "A flow cannot have this id.", "Use letters, digits and _.")
        return False
    if flow_id in found.flows:
        report.add("flow", flow_id, place, "left", "Another file has a flow of this id; the first one counts.")
        return False
    return True


@dataclass(slots=True)
class _Cleaner:
    """Copies one flow without what would be refused. notes: what was changed."""

    source: Source
    flow_id: str
    draft: Draft
    report: Report
    ids: Collection[str]  # of all flows of the project
    missing: dict[str, None]  # patterns that are linked to and are Rasa's own
    notes: list[str] = field(default_factory=list)

    def flow(self, written: Any) -> dict[str, Any] | None:
        place = self.source.place(["flows", self.flow_id])
        if not isinstance(written, dict) or not isinstance(written.get("steps"), list) or not written["steps"]:
            self.report.add("flow", self.flow_id, place, "left", "It has no list of `steps`.")
            return None
        self._tell(key for key in written if key not in _FLOW_KEYS)
        flow = {key: value for key, value in written.items() if key in _FLOW_KEYS}
        if not str(flow.get("description") or "").strip() and not self.flow_id.startswith("pattern_"):
            flow["description"] = str(flow.get("name") or self.flow_id.replace("_", " "))
            self.notes.append("It has no description; its name was taken.")
        if isinstance(flow.get("if"), str):
            flow["if"] = self._condition(flow["if"])
        flow["steps"] = self._steps(written["steps"])
        if self.flow_id in _NEVER_RUN:
            self.notes.append("This pattern is never run here: questions are asked and values checked without it.")
        for slot in SLOTS:  # those that Rasa's own patterns have, and overrides of them look at
            if slot not in self.draft.slots and re.search(rf"\b{slot}\b", repr(written)):
                self.draft.slots[slot] = dict(SLOTS[slot])
        self.report.add_changed("flow", self.flow_id, place, self.notes)
        return flow

    def _tell(self, keys: Any) -> None:
        self.notes += [f"The key {key!r} was left out." for key in keys]

    def _steps(self, written: list[Any]) -> list[Any]:
        return [self._step(step) for step in written if isinstance(step, dict)]

    def _step(self, written: Mapping[str, Any]) -> dict[str, Any]:
        renamed = {_OLD_KEYS.get(key, key): value for key, value in written.items()}
        self.notes += [f"{key!r} became {_OLD_KEYS[key]!r}." for key in written if key in _OLD_KEYS]
        self._tell(key for key in renamed if key not in _STEP_KEYS)
        step = {key: value for key, value in renamed.items() if key in _STEP_KEYS}
        if isinstance(step.get("next"), list):
            step["next"] = [self._branch(branch) for branch in step["next"] if isinstance(branch, dict)]
        if isinstance(step.get("rejections"), list):
            step["rejections"] = [self._rejection(each) for each in step["rejections"] if isinstance(each, dict)]
        if isinstance(step.get("collect"), str):
            self._collect(step)
        for kind in ("call", "link"):
            if isinstance(step.get(kind), str) and step[kind] not in self.ids:
                step = self._without_goal(step, kind)
        if isinstance(step.get("action"), str) and not self._has_action(step["action"]):
            self.notes.append(f"The action {step['action']!r} is Rasa's own and does nothing here.")
            step = _nothing(step)
        return step

    def _without_goal(self, step: dict[str, Any], kind: str) -> dict[str, Any]:
        """A step that goes to a flow which the project does not have: one of Rasa's patterns, an agent, an MCP tool."""
        goal = step[kind]
        if goal.startswith("pattern_"):
            self.missing[goal] = None
            self.notes.append(f"It goes to Rasa's own {goal!r}; a plain one was written.")
            return step
        self.notes.append(f"The step that goes to {goal!r}, which is no flow of the project, does nothing.")
        return _nothing(step)

    def _branch(self, written: Mapping[str, Any]) -> dict[str, Any]:
        branch = {key: value for key, value in written.items() if key in ("if", "then", "else")}
        if "if" in branch:
            branch["if"] = self._condition(branch["if"])
        for key in ("then", "else"):
            if isinstance(branch.get(key), list):
                branch[key] = self._steps(branch[key])
        return branch

    def _rejection(self, written: Mapping[str, Any]) -> dict[str, Any]:
        utter = str(written.get("utter") or "")
        self._need_response(utter)
        return {"if": self._condition(written.get("if")), "utter": utter}

    def _condition(self, written: Any) -> Any:
        text = str(written).lower() if isinstance(written, bool) else str(written)
        try:
            parse_condition(text)
        except ConfigError as err:
            self.notes.append(f"The condition {text!r} cannot be read and never holds ({err.message})")
            return "false"
        return written

    def _collect(self, step: dict[str, Any]) -> None:
        slot = step["collect"]
        if slot not in self.draft.slots:
            self.draft.slots[slot] = dict(SLOTS.get(slot, {"type": "text"}))
            self.notes.append(f"Slot {slot!r} is in no domain; it was added as a text.")
        self._name_slot(slot, str(step.get("description") or ""))
        validation = self.draft.slots[slot].get("validation")
        rules = validation.get("rejections") if isinstance(validation, dict) else None
        if isinstance(rules, list) and "rejections" not in step:
            step["rejections"] = [self._rejection(rule) for rule in rules if isinstance(rule, dict)]
            self.notes.append(f"The validation of slot {slot!r} became rejections of the step that asks for it.")
        asking = str(step.get("utter") or f"utter_ask_{slot}")
        if self.draft.slots[slot].get("type") == "text" and self._is_yes_no(slot, asking):
            self.draft.slots[slot]["type"] = "bool"
            self.notes.append(f"Slot {slot!r} became a bool, as the buttons of its question say true and false.")
        if f"action_ask_{slot}" not in self.draft.actions or "utter" in step:
            self._need_response(asking, f"{slot.replace('_', ' ')}")

    def _is_yes_no(self, slot: str, asking: str) -> bool:
        """Whether all buttons of the question set the slot to true or to false."""
        variants = self.draft.responses.get(asking, [])
        sent = [str(button.get("payload")) for variant in variants for button in variant.get("buttons", [])]
        wanted = re.compile(rf"/SetSlots\({re.escape(slot)}=(?:true|false)\)", re.I)
        return bool(sent) and all(wanted.fullmatch(payload) for payload in sent)

    def _name_slot(self, name: str, described: str) -> None:
        """Gives the slot what a model would have read from its name and description: what it is called, its form."""
        slot = self.draft.slots[name]
        short = name.removeprefix(f"{self.flow_id}_")
        labels = slot.setdefault("labels", {})
        is_taken = any(short.replace("_", " ") in _own_label(other, each) for other, each in self.draft.slots.items())
        if short != name and short.isascii() and not is_taken:
            labels.setdefault(name, {"en": [short.replace("_", " ")]})
        if not labels:
            del slot["labels"]
        if slot.get("type") == "text" and "format" not in slot:
            told = f"{name.replace('_', ' ')} {described}"
            found = next((form for form, words in _FORMS.items() if words.search(told)), "")
            if found:
                slot["format"] = found
                self.notes.append(f"Slot {name!r} is read as {found!r} (`format:`), by its description.")

    def _has_action(self, action: str) -> bool:
        """False for what only Rasa can run. An action that the domain forgot is the action server's."""
        if "{{" in action:
            return False
        if action.startswith("utter_"):
            self._need_response(action)
        elif action not in BUILT_IN_ACTIONS and action not in self.draft.actions:
            if self.flow_id.startswith("pattern_") and action.startswith("action_"):
                return False
            self.draft.actions[action] = self.source.place(["flows", self.flow_id])
        return True

    def _need_response(self, name: str, asked: str = "") -> None:
        """Gives the domain a response that the project leaves to Rasa, or that is nowhere."""
        if not name or name in self.draft.responses or (name.endswith("_rasa") and self.flow_id.startswith("pattern_")):
            return
        if text := default_response(name):
            self.draft.responses[name] = [{"text": text}]
            self.notes.append(f"Response {name!r} is one of Rasa's own; it got the bot's text.")
        elif asked:
            self.draft.responses[name] = [{"text": {"zh": f"请告诉我：{asked}。", "en": f"Please tell me: {asked}."}}]
            self.notes.append(f"Response {name!r} is nowhere in the project; a plain question was written.")
        else:
            self.draft.responses[name] = [{"text": {"zh": "好的。", "en": "All right."}}]
            self.notes.append(f"Response {name!r} is nowhere in the project; it says no more than “All right.”")
