"""Reads a bot folder's domain: slots, responses, actions, intents and entities, in Rasa's shape, of one file or many.

In: a bot folder with `domain.yaml`, `domain.yml` or `domain/**.yml`. Out: one Domain, merged, and every problem at once
with file and line; a folder without a domain has an empty one. Unknown keys are refused with the nearest known one;
Rasa's keys that mean nothing here are accepted. Never runs anything.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from chatwright.dialogue.domain import Domain
from chatwright.dialogue.flows.folder_yaml import Findings, open_folder_files
from chatwright.dialogue.flows.problem import Problem, raise_errors
from chatwright.dialogue.flows.response_file import LANGUAGES, read_responses
from chatwright.dialogue.flows.slot_file import read_slots
from chatwright.yamlfile import YamlFile

_KEYS = frozenset(
    """version intents entities actions responses slots forms e2e_actions config session_config imports rules stories
    templates""".split()  # noqa: SIM905 - a word list reads best as words
)
_SESSION_KEYS = frozenset({"session_expiration_time", "carry_over_slots_to_new_session", "start_session_after_expiry"})
_Value = TypeVar("_Value")
_OUR_SLOT_KEYS = frozenset({"format", "pattern", "labels", "description", "shared"})


def load_domain(bot_dir: Path) -> Domain:
    """The domain of a bot folder. Raises ConfigError that lists everything that is wrong."""
    domain, problems = read_domain(bot_dir)
    raise_errors(problems, "domain_invalid")
    return domain


def read_domain(bot_dir: Path) -> tuple[Domain, list[Problem]]:
    """What could be read of the domain, and every problem."""
    findings = Findings()
    files = open_folder_files(bot_dir, "domain", findings)
    for file in files:
        findings.check_keys(file, [], file.values, _KEYS, "of a domain")
    domain = Domain(
        slots=_merged(files, "slots", findings, read_slots),
        responses=_merged(files, "responses", findings, read_responses),
        actions=_actions(files, findings),
        intents=_merged(files, "intents", findings, lambda file, found: _named(file, "intents", found)),
        entities=_merged(files, "entities", findings, lambda file, found: _named(file, "entities", found)),
        session_expiration_time_min=_session_minutes(files, findings),
        carry_over_slots=all(_session(file).get("carry_over_slots_to_new_session") is not False for file in files),
        raw=_raw(files),
    )
    return domain, findings.problems


def _merged(
    files: list[YamlFile], section: str, findings: Findings, read: Callable[[YamlFile, Findings], Mapping[str, _Value]]
) -> dict[str, _Value]:
    """The section of all files; a name that two of them give a different meaning is a problem."""
    merged: dict[str, _Value] = {}
    origins: dict[str, tuple[YamlFile, Any]] = {}
    for file in files:
        for name, value in read(file, findings).items():
            written = file.values[section][name] if isinstance(file.values[section], dict) else None
            if name not in merged:
                merged[name], origins[name] = value, (file, written)
            elif origins[name][1] != written:
                first = origins[name][0].place([section, name])
                hint = "Keep one of them."
                findings.add(file, [section, name], f"{name!r} is already defined in {first}.", hint)
    return merged


def _actions(files: list[YamlFile], findings: Findings) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for file in files:
        for section in ("actions", "e2e_actions"):
            found.update(dict.fromkeys(_named(file, section, findings)))
    return tuple(found)


def _named(file: YamlFile, section: str, findings: Findings) -> dict[str, Mapping[str, Any]]:
    """A list of names, or of mappings from one name to its options, or a mapping of names."""
    written = file.values.get(section) or []
    if isinstance(written, dict):
        written = [{name: options} for name, options in written.items()]
    if not findings.expect(file, [section], written, list, f"`{section}` must be a list of names"):
        return {}
    read: dict[str, Mapping[str, Any]] = {}
    for i, item in enumerate(written):
        if isinstance(item, str):
            read[item] = {}
        elif findings.expect(file, [section, i], item, dict, f"An entry of `{section}` must be a name"):
            read |= {name: options if isinstance(options, dict) else {} for name, options in item.items()}
    return read


def _session(file: YamlFile) -> Mapping[str, Any]:
    written = file.values.get("session_config")
    return written if isinstance(written, dict) else {}


def _session_minutes(files: list[YamlFile], findings: Findings) -> float:
    minutes = Domain().session_expiration_time_min
    for file in files:
        findings.check_keys(file, ["session_config"], _session(file), _SESSION_KEYS, "of session_config")
        written = _session(file).get("session_expiration_time")
        keys = ["session_config", "session_expiration_time"]
        if written is not None and findings.expect(file, keys, written, (int, float), "It must be minutes"):
            minutes = float(written)
            if minutes < 0:
                findings.add(file, keys, f"It must not be negative, as {minutes:g} is.", "0 means that it never ends.")
    return minutes


def _raw(files: list[YamlFile]) -> dict[str, Any]:
    """The domain as Rasa's action server knows it: without our additions, every text in the first language it has."""
    raw: dict[str, Any] = {}
    for file in files:
        for key, value in file.values.items():
            if isinstance(value, dict) and isinstance(raw.get(key), dict):
                raw[key] = raw[key] | value
            elif isinstance(value, list) and isinstance(raw.get(key), list):
                raw[key] = raw[key] + [item for item in value if item not in raw[key]]
            else:
                raw[key] = value
    empty: dict[str, Any] = {"intents": [], "entities": [], "actions": [], "slots": {}, "responses": {}, "forms": {}}
    raw = empty | {"config": {}, "session_config": {}, "e2e_actions": []} | raw
    if isinstance(raw["slots"], dict):
        raw["slots"] = {name: _plain_slot(slot) for name, slot in raw["slots"].items()}
    if isinstance(raw["responses"], dict):
        raw["responses"] = {name: _plain_response(variants) for name, variants in raw["responses"].items()}
    return raw


def _plain_slot(slot: Any) -> Any:
    if not isinstance(slot, dict):
        return slot
    return {key: value for key, value in slot.items() if key not in _OUR_SLOT_KEYS}


def _plain_response(variants: Any) -> Any:
    if not isinstance(variants, list):
        return variants
    return [
        {key: _first_language(value) if key in ("text", "buttons") else value for key, value in variant.items()}
        if isinstance(variant, dict)
        else variant
        for variant in variants
    ]


def _first_language(value: Any) -> Any:
    if isinstance(value, dict):
        return next((value[language] for language in value if language in LANGUAGES), "")
    return value
