"""Reads the slots of a domain file. In: YAML values. Out: Slots, and what is wrong with them in the Findings.

Rasa's shape, with our additions: `format`, `pattern`, `labels`, `description` and `shared`.
"""

import math
import re
from collections.abc import Mapping
from typing import Any, get_args

from chatwright.dialogue.domain import Slot, SlotFormat, SlotType
from chatwright.dialogue.extract import validate_slot
from chatwright.dialogue.extract.codes import check_pattern
from chatwright.dialogue.flows.folder_yaml import Findings, Keys, as_text
from chatwright.dialogue.flows.response_file import LANGUAGES
from chatwright.dialogue.reserved_slots import RESERVED_SLOTS
from chatwright.errors import ConfigError, nearest
from chatwright.messages import Language
from chatwright.yamlfile import YamlFile

_TYPES: tuple[str, ...] = get_args(SlotType)
_FORMATS: tuple[str, ...] = get_args(SlotFormat)
_OLD_TYPES: Mapping[str, SlotType] = {"unfeaturized": "any", "boolean": "bool", "str": "text", "number": "float"}
_OURS = frozenset({"format", "pattern", "labels", "description", "shared"})
_KEYS = _OURS | frozenset(
    """type initial_value mappings values min_value max_value influence_conversation auto_fill shared_for_coexistence
    validation max_history value_reset_delay""".split()  # noqa: SIM905 - a word list reads best as words
)
_NAME = re.compile(r"[^\s()=,{}\[\]\"'.]{1,80}")
Labels = Mapping[Any, Mapping[Language, tuple[str, ...]]]


def read_slots(file: YamlFile, findings: Findings) -> dict[str, Slot]:
    """Every slot of the file by name."""
    slots = file.values.get("slots") or {}
    if not findings.expect(file, ["slots"], slots, dict, "`slots` must be a mapping of names"):
        return {}
    read: dict[str, Slot] = {}
    for name, value in slots.items():
        keys = ["slots", name]
        if not _NAME.fullmatch(name):
            findings.add(file, keys, f"{name!r} cannot name a slot.", "Use no spaces, dots, brackets, quotes, = or ,.")
        elif name in RESERVED_SLOTS:
            findings.add(file, keys, f"The slot name {name!r} is taken by the bot itself.", "Choose another name.")
        elif findings.expect(file, keys, value or {}, dict, f"Slot {name!r} must be a mapping with `type`"):
            read[name] = _slot(file, keys, name, value or {}, findings)
    return read


def _slot(file: YamlFile, keys: Keys, name: str, value: Mapping[str, Any], findings: Findings) -> Slot:
    findings.check_keys(file, keys, value, _KEYS, f"of slot {name!r}")
    values = value.get("values") or []
    if not findings.expect(file, [*keys, "values"], values, list, f"`values` of slot {name!r} must be a list"):
        values = []
    slot = Slot(
        name=name,
        type=_type(file, keys, name, value, findings),
        initial_value=value.get("initial_value"),
        values=tuple(values),
        min_value=_number(file, [*keys, "min_value"], value.get("min_value"), findings),
        max_value=_number(file, [*keys, "max_value"], value.get("max_value"), findings),
        format=_format(file, keys, name, value, findings),
        pattern=as_text(value.get("pattern")),
        description=as_text(value.get("description")),
        labels=_labels(file, [*keys, "labels"], name, value, tuple(values), findings),
        mappings=_mappings(file, [*keys, "mappings"], value.get("mappings"), findings),
        is_shared=value.get("shared") is True,
        line=file.line_of(keys),
    )
    _check_whole(file, keys, slot, findings)
    return slot


def _type(file: YamlFile, keys: Keys, name: str, value: Mapping[str, Any], findings: Findings) -> SlotType:
    written = as_text(value.get("type", "text"))
    for known in get_args(SlotType):
        if written == known:
            return known  # type: ignore[no-any-return]  # get_args of a Literal is untyped
    place = [*keys, "type"]
    if written in _OLD_TYPES:
        findings.warn(file, place, f"Slot type {written!r} is an old name; read as {_OLD_TYPES[written]!r}.")
        return _OLD_TYPES[written]
    if "." in written:
        findings.warn(file, place, f"Slot {name!r} is of a class of its own ({written}); read as 'any'.")
    else:
        findings.add(file, place, f"Slot {name!r} has the unknown type {written!r}.", nearest(written, list(_TYPES)))
    return "any"


def _format(file: YamlFile, keys: Keys, name: str, value: Mapping[str, Any], findings: Findings) -> SlotFormat:
    written = as_text(value.get("format"))
    for known in get_args(SlotFormat):
        if written == known:
            return known  # type: ignore[no-any-return]  # get_args of a Literal is untyped
    hint = nearest(written, [known for known in _FORMATS if known])
    findings.add(file, [*keys, "format"], f"Slot {name!r} has the unknown format {written!r}.", hint)
    return ""


def _number(file: YamlFile, keys: Keys, value: Any, findings: Findings) -> float | None:
    if value is None or not findings.expect(file, keys, value, (int, float), "A bound must be a number"):
        return None
    return float(value) if math.isfinite(value) else None


def _mappings(file: YamlFile, keys: Keys, value: Any, findings: Findings) -> tuple[Mapping[str, Any], ...]:
    if value is None or not findings.expect(file, keys, value, list, "`mappings` must be a list"):
        return ()
    return tuple(
        item
        for i, item in enumerate(value)
        if findings.expect(file, [*keys, i], item, dict, "A mapping of a slot must be a mapping with `type`")
    )


def _labels(
    file: YamlFile, keys: Keys, name: str, value: Mapping[str, Any], values: tuple[Any, ...], findings: Findings
) -> Labels:
    """What values, and under its own name the slot itself, are called in each language."""
    written = value.get("labels") or {}
    if not findings.expect(file, keys, written, dict, f"`labels` of slot {name!r} must be a mapping of its values"):
        return {}
    named: dict[str, Any] = {as_text(known): known for known in values} | {name: name}
    if value.get("type") in ("bool", "boolean"):
        named |= {"true": True, "false": False}
    read: dict[Any, Mapping[Language, tuple[str, ...]]] = {}
    for key, labels in written.items():
        known = key if key in named else key.lower()
        if known not in named:
            hint = nearest(key, list(named))
            findings.add(file, [*keys, key], f"Slot {name!r} has labels for {key!r}, which is not a value of it.", hint)
            continue
        read[named[known]] = _words(file, [*keys, key], labels, findings)
    return read


def _words(file: YamlFile, keys: Keys, labels: Any, findings: Findings) -> dict[Language, tuple[str, ...]]:
    if not isinstance(labels, dict):
        return dict.fromkeys(LANGUAGES, _listed(labels))
    findings.check_keys(file, keys, labels, LANGUAGES, "of labels in several languages")
    return {language: _listed(labels[language]) for language in LANGUAGES if language in labels}


def _listed(value: Any) -> tuple[str, ...]:
    return tuple(as_text(item) for item in (value if isinstance(value, list) else [value]) if item is not None)


def _check_whole(file: YamlFile, keys: Keys, slot: Slot, findings: Findings) -> None:
    """What only shows when the slot is seen as a whole."""
    name = slot.name
    if slot.type == "categorical" and not slot.values:
        findings.add(file, keys, f"Slot {name!r} is categorical and has no `values`.", "List what it may be.")
    if slot.min_value is not None and slot.max_value is not None and slot.min_value > slot.max_value:
        findings.add(file, keys, f"Slot {name!r} has a min_value above its max_value.", "Swap them.")
    try:
        if slot.pattern:
            check_pattern(slot.pattern)
        checked = validate_slot(slot, slot.initial_value)
    except ConfigError as err:
        findings.add(file, [*keys, "pattern"], err.message, err.hint)
        return
    if not checked.is_valid:
        message = f"The initial_value {slot.initial_value!r} of slot {name!r} is not one that it takes."
        findings.warn(file, [*keys, "initial_value"], message)
