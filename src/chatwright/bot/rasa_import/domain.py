"""Joins the domain files of a Rasa project into one domain in today's shape. In: sources. Out: Draft, and the report.

Rasa 2's forms with their own mappings become slots with mappings, `templates` become `responses`, old and own slot
types the nearest known ones. What this bot's own domain reader would refuse is left out and told.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chatwright.bot.rasa_import.project import Project, Source
from chatwright.bot.rasa_import.report import Report
from chatwright.dialogue.reserved_slots import RESERVED_SLOTS

_SLOT_TYPES = frozenset({"text", "bool", "categorical", "float", "list", "any"})
_OLD_TYPES = {"unfeaturized": "any", "boolean": "bool", "str": "text", "number": "float"}
_SLOT_KEYS = frozenset(
    """type initial_value mappings values min_value max_value influence_conversation auto_fill shared_for_coexistence
    validation max_history value_reset_delay""".split()  # noqa: SIM905 - a word list reads best as words
)
_VARIANT_KEYS = frozenset(
    """text buttons image attachment custom channel condition metadata translation elements quick_replies id
    button_type allow_interruptions template""".split()  # noqa: SIM905
)
_BUTTON_KEYS = frozenset({"title", "payload", "type", "url", "content_type", "image_url", "translation"})
_SESSION_KEYS = frozenset({"session_expiration_time", "carry_over_slots_to_new_session", "start_session_after_expiry"})
_SLOT_NAME = re.compile(r"[^\s()=,{}\[\]\"'.]{1,80}")
_SECTIONS = ("intents", "entities", "slots", "responses", "templates", "actions", "e2e_actions", "forms")
# What Rasa's Duckling and spaCy find, by the format of a slot that is read without them.
_FORMATS = {
    "time": "date", "number": "number", "amount-of-money": "money", "email": "email", "phone-number": "phone",
    "PERSON": "name", "person": "name",
}  # fmt: skip
_CHANGED_DEFAULTS = frozenset(
    """action_listen action_restart action_session_start action_default_fallback action_back action_deactivate_loop
    action_two_stage_fallback action_default_ask_affirmation action_default_ask_rephrase
    action_revert_fallback_events action_unlikely_intent""".split()  # noqa: SIM905
)


@dataclass(slots=True)
class Form:
    """A form: what it asks for in order, and where it stands. intents_ignored: those that fill nothing."""

    name: str
    slots: list[str]
    intents_ignored: list[str]
    place: str


@dataclass(slots=True)
class Draft:
    """The domain as it is put together; every mapping in the order of the files."""

    intents: dict[str, Any] = field(default_factory=dict)
    entities: dict[str, Any] = field(default_factory=dict)
    slots: dict[str, dict[str, Any]] = field(default_factory=dict)
    responses: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    actions: dict[str, str] = field(default_factory=dict)  # with their place
    forms: dict[str, Form] = field(default_factory=dict)
    session: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def to_yaml(self) -> dict[str, Any]:
        """The content of domain.yaml, empty sections left out."""
        forms = {
            form.name: {"ignored_intents": form.intents_ignored, "required_slots": form.slots}
            if form.intents_ignored
            else {"required_slots": form.slots}
            for form in self.forms.values()
        }
        sections: dict[str, Any] = {
            "intents": [{name: options} if options else name for name, options in self.intents.items()],
            "entities": [{name: options} if options else name for name, options in self.entities.items()],
            "slots": self.slots,
            "responses": self.responses,
            "actions": list(self.actions),
            "forms": forms,
            "session_config": self.session,
            "config": self.settings,
        }
        return {"version": "3.1"} | {name: section for name, section in sections.items() if section}


def read_domain_files(project: Project, report: Report) -> Draft:
    """The domain of all files together; of a name that two of them have, the first counts."""
    draft = Draft()
    for source in project.domain:
        reader = _Reader(source, draft, report)
        for section in _SECTIONS:
            reader.read(section, source.values.get(section))
        reader.settings()
    for form in draft.forms.values():
        _complete_form(draft, form, report)
    return draft


@dataclass(slots=True)
class _Reader:
    source: Source
    draft: Draft
    report: Report

    def read(self, section: str, written: Any) -> None:
        if written is None:
            return
        take = {
            "intents": self._name, "entities": self._name, "actions": self._action, "e2e_actions": self._action,
            "slots": self._slot, "responses": self._response, "templates": self._response, "forms": self._form,
        }[section]  # fmt: skip
        for keys, name, value in self._items(section, written):
            take(keys, section, name, value)

    def _items(self, section: str, written: Any) -> list[tuple[list[str | int], str, Any]]:
        """(where, name, what stands under it) of a list of names or of a mapping."""
        if isinstance(written, dict):
            return [([section, name], name, value) for name, value in written.items()]
        if not isinstance(written, list):
            self._left(section, section, [section], f"`{section}` is neither a list nor a mapping.")
            return []
        found: list[tuple[list[str | int], str, Any]] = []
        for i, item in enumerate(written):
            if isinstance(item, str):
                found.append(([section, i], item, None))
            elif isinstance(item, dict):
                found += [([section, i, name], name, value) for name, value in item.items()]
            elif item is not None:
                self._left(section, str(item)[:60], [section, i], "It is no name.")
        return found

    def _left(self, kind: str, name: str, keys: list[str | int], note: str, step: str = "") -> None:
        self.report.add(kind, name, self.source.place(keys), "left", note, step)

    def _name(self, keys: list[str | int], section: str, name: str, value: Any) -> None:
        kept = self.draft.intents if section == "intents" else self.draft.entities
        kind = "intent" if section == "intents" else "entity"
        options = value if isinstance(value, dict) else None
        if name in kept:
            kept[name] = kept[name] or options
        else:
            kept[name] = options
            note = "`triggers` is not followed." if options and "triggers" in options else ""
            self.report.add(kind, name, self.source.place(keys), "approximated" if note else "converted", note)

    def _action(self, keys: list[str | int], section: str, name: str, value: Any) -> None:
        if name in self.draft.actions or name.startswith("utter_"):
            return
        self.draft.actions[name] = self.source.place(keys)
        if name in _CHANGED_DEFAULTS:
            note = "An own version of this action of Rasa's is not called; the bot's own behaviour takes its place."
            self.report.add("action", name, self.source.place(keys), "approximated", note)

    def _twin(self, kind: str, name: str, keys: list[str | int], known: Any, value: Any) -> bool:
        if known is None:
            return False
        if known != value:
            self._left(kind, name, keys, "Another file defines it already, differently; the first one counts.")
        return True

    def _slot(self, keys: list[str | int], section: str, name: str, value: Any) -> None:
        if not _SLOT_NAME.fullmatch(name) or name in RESERVED_SLOTS:
            note = "A slot cannot have this name here." if name not in RESERVED_SLOTS else "The name is the bot's own."
            self._left("slot", name, keys, note, "Rename it in the project and import again.")
            return
        written = value if isinstance(value, dict) else {}
        slot = {key: item for key, item in written.items() if key in _SLOT_KEYS}
        notes = [f"The key {key!r} was left out." for key in written if key not in _SLOT_KEYS]
        notes += _typed(slot, str(written.get("type", "text")))
        if "mappings" in slot and not _are_mappings(slot["mappings"]):
            del slot["mappings"]
            notes.append("Its `mappings` are no list of mappings.")
        notes += _mapped(slot)
        if self._twin("slot", name, keys, self.draft.slots.get(name), slot):
            return
        self.draft.slots[name] = slot
        self.report.add_changed("slot", name, self.source.place(keys), notes)

    def _response(self, keys: list[str | int], section: str, name: str, value: Any) -> None:
        written = value if isinstance(value, list) else [value]
        notes: list[str] = []
        variants = [variant for item in written if (variant := _variant(item, notes))]
        if not variants:
            self._left("response", name, keys, "It says nothing.", "Give it a `text`.")
            return
        if self._twin("response", name, keys, self.draft.responses.get(name), variants):
            return
        self.draft.responses[name] = variants
        self.report.add_changed("response", name, self.source.place(keys), notes)

    def _form(self, keys: list[str | int], section: str, name: str, value: Any) -> None:
        if name in self.draft.forms:
            return
        written = value if isinstance(value, dict) else {}
        ignored = [str(intent) for intent in _listed(written.get("ignored_intents"))]
        required = written.get("required_slots", {k: v for k, v in written.items() if k != "ignored_intents"})
        form = Form(name=name, slots=[], intents_ignored=ignored, place=self.source.place(keys))
        self.draft.forms[name] = form
        if isinstance(required, list):
            form.slots = [str(slot) for slot in required]
        elif isinstance(required, dict):  # Rasa 2: the mappings stand in the form
            form.slots = list(required)
            for slot, mappings in required.items():
                self._move_mappings(form, slot, mappings)

    def _move_mappings(self, form: Form, slot: str, mappings: Any) -> None:
        moved = [
            {**mapping, "conditions": [{"active_loop": form.name}]}
            for mapping in _listed(mappings)
            if isinstance(mapping, dict)
        ]
        kept = self.draft.slots.setdefault(slot, {"type": "any"})
        kept["mappings"] = [*kept.get("mappings", []), *moved]
        _mapped(kept)

    def settings(self) -> None:
        session = self.source.values.get("session_config")
        for key, value in session.items() if isinstance(session, dict) else ():
            if key in _SESSION_KEYS:
                self.draft.session.setdefault(key, value)
            else:
                self._left("setting", f"session_config.{key}", ["session_config", key], "It has no counterpart here.")
        config = self.source.values.get("config")
        if isinstance(config, dict) and "domain" in [key for key in self.source.values if key in _SECTIONS] + [
            "domain"
        ]:
            self.draft.settings |= {key: value for key, value in config.items() if key == "store_entities_as_slots"}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _are_mappings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _typed(slot: dict[str, Any], written: str) -> list[str]:
    """Gives the slot a known type; what was changed."""
    slot["type"] = _OLD_TYPES.get(written, written)
    if slot["type"] not in _SLOT_TYPES:
        slot["type"] = "any"
        return [f"Its type {written!r} is a class of the project; it takes any value here."]
    if slot["type"] == "categorical" and not isinstance(slot.get("values"), list):
        slot["type"] = "text"
        return ["It is categorical without values; it takes any text here."]
    if slot["type"] == "categorical":
        slot["values"] = [str(value).lower() if isinstance(value, bool) else value for value in slot["values"]]
    return []


def _mapped(slot: dict[str, Any]) -> list[str]:
    """Makes the slot able to hold what its mappings give; what could only be approximated."""
    mappings: list[dict[str, Any]] = slot.get("mappings") or []
    values = [
        mapping.get("value") for mapping in mappings if mapping.get("type") in ("from_intent", "from_trigger_intent")
    ]
    if slot["type"] == "text" and any(isinstance(value, bool) for value in values):
        slot["type"] = "any"
    if slot["type"] == "any" and values and all(isinstance(value, bool) for value in values):
        others = [each for each in mappings if each.get("type") not in ("from_intent", "from_trigger_intent")]
        slot["type"] = "any" if others else "bool"
    notes = []
    entities = {str(mapping.get("entity")) for mapping in mappings if mapping.get("type") == "from_entity"}
    formats = {_FORMATS[entity] for entity in entities if entity in _FORMATS}
    if len(formats) == 1 and slot["type"] in ("text", "any") and not values:
        slot["format"] = formats.pop()
        notes.append(f"It is read as a {slot['format']} (`format:`), where Rasa asked an entity extractor.")
    if any(mapping.get("type") in ("custom", "controlled") and mapping.get("action") for mapping in mappings):
        notes.append("Its custom mapping's action is not called for every message; a flow must call it.")
    return notes


def _variant(written: Any, notes: list[str]) -> dict[str, Any] | None:
    """One wording as the domain reader takes it; None when it says nothing."""
    if isinstance(written, str):
        written = {"text": written}
    if not isinstance(written, dict):
        return None
    variant = {key: value for key, value in written.items() if key in _VARIANT_KEYS and value is not None}
    notes += [f"The key {key!r} was left out." for key in written if key not in _VARIANT_KEYS]
    if isinstance(variant.get("text"), list):
        variant["text"] = "\n".join(map(str, variant["text"]))
    for key in ("buttons", "quick_replies"):
        if key in variant:
            variant[key] = [button for item in _listed(variant[key]) if (button := _button(item, notes))]
    conditions = [item for item in _listed(variant.pop("condition", None)) if _is_condition(item, notes)]
    if conditions:
        variant["condition"] = conditions
    if isinstance(variant.get("custom"), list | str):
        variant["custom"] = {"items": variant["custom"]}
        notes.append("Its custom part is no mapping; it stands under `items`.")
    says = any(
        variant.get(key) for key in ("text", "buttons", "quick_replies", "image", "attachment", "custom", "elements")
    )
    return variant if says else None


def _button(written: Any, notes: list[str]) -> dict[str, Any] | None:
    written = {"title": written} if isinstance(written, str) else written
    if not isinstance(written, dict) or not written.get("title"):
        notes.append("A button without a title was left out.")
        return None
    notes += [f"The key {key!r} of a button was left out." for key in written if key not in _BUTTON_KEYS]
    return {key: value for key, value in written.items() if key in _BUTTON_KEYS}


def _is_condition(written: Any, notes: list[str]) -> bool:
    if isinstance(written, str):
        return True
    is_right = (
        isinstance(written, dict) and written.get("type", "slot") == "slot" and isinstance(written.get("name"), str)
    )
    if not is_right:
        notes.append("A condition that is not of type slot was left out, so the wording always counts.")
    return is_right


def _complete_form(draft: Draft, form: Form, report: Report) -> None:
    """Slots that a form asks for and the domain forgot; the intents it ignores, in the mappings of its slots."""
    for name in list(form.slots):
        if not _SLOT_NAME.fullmatch(name) or name in RESERVED_SLOTS:
            form.slots.remove(name)
            report.add("form", form.name, form.place, "approximated", f"It cannot ask for slot {name!r} here.")
        elif name not in draft.slots:
            draft.slots[name] = {"type": "text", "mappings": [{"type": "from_text"}]}
            note = f"Slot {name!r} is in no domain; it was added as a text."
            report.add("form", form.name, form.place, "approximated", note)
        if form.intents_ignored and name in draft.slots:
            _ignore(draft.slots[name], form)
    if "requested_slot" not in draft.slots:
        draft.slots["requested_slot"] = {"type": "any", "mappings": [{"type": "custom"}]}


def _ignore(slot: dict[str, Any], form: Form) -> None:
    mappings: list[Mapping[str, Any]] = slot.get("mappings") or []
    slot["mappings"] = [
        mapping
        if "intent" in mapping
        else {
            **mapping,
            "not_intent": list(dict.fromkeys([*map(str, _listed(mapping.get("not_intent"))), *form.intents_ignored])),
        }
        for mapping in mappings
    ]
