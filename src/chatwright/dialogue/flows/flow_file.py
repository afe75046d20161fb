"""Reads a bot folder's flows, in the YAML shape of Rasa's CALM. In: a bot folder with `flows.yml` or `flows/**.yaml`.

Out: Flow values by id, patterns (`pattern_…`) among them, and every problem at once with file and line. Old keys are
taken with a warning; our additions are `examples:` and `name: {zh: …, en: …}`. Whether what a flow names exists
(slots, responses, actions, other flows) is `flow_check.py`'s question, not asked here.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chatwright.dialogue.flows.condition import parse_condition
from chatwright.dialogue.flows.flow import Flow, Trigger
from chatwright.dialogue.flows.flow_names import NamedFlow
from chatwright.dialogue.flows.flow_steps import read_steps
from chatwright.dialogue.flows.folder_yaml import Findings, Keys, as_text, open_folder_files
from chatwright.dialogue.flows.problem import Problem, raise_errors
from chatwright.dialogue.flows.response_file import LANGUAGES
from chatwright.errors import ConfigError
from chatwright.messages import Language
from chatwright.yamlfile import YamlFile

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_FLOW_KEYS = frozenset(
    """name description if always_include_in_prompt run_pattern_completed persisted_slots nlu_trigger steps examples
    translation""".split()  # noqa: SIM905 - a word list reads best as words
)
_PATTERN_PREFIX = "pattern_"


def load_flows(bot_dir: Path) -> Mapping[str, Flow]:
    """The flows of a bot folder. Raises ConfigError that lists everything that is wrong."""
    flows, problems = read_flows(bot_dir)
    raise_errors(problems, "flows_invalid")
    return flows


def read_flows(bot_dir: Path) -> tuple[dict[str, Flow], list[Problem]]:
    """What could be read of the flows, and every problem, warnings included."""
    findings = Findings()
    flows: dict[str, Flow] = {}
    for file in open_folder_files(bot_dir, "flows", findings):
        findings.check_keys(file, [], file.values, ("version", "flows"), "of a file of flows")
        written = file.values.get("flows") or {}
        if not findings.expect(file, ["flows"], written, dict, "`flows` must be a mapping of ids"):
            continue
        for flow_id, value in written.items():
            keys = ["flows", flow_id]
            if flow_id in flows:
                first = f"{flows[flow_id].path}:{flows[flow_id].line}"
                findings.add(file, keys, f"Flow {flow_id!r} is already defined in {first}.", "Rename one of them.")
            elif flow := _flow(file, keys, flow_id, value, findings):
                flows[flow_id] = flow
    return flows, findings.problems


def _flow(file: YamlFile, keys: Keys, flow_id: str, value: Any, findings: Findings) -> Flow | None:
    if not _ID.fullmatch(flow_id):
        findings.add(file, keys, f"{flow_id!r} cannot name a flow.", "Use letters, digits and _, not a digit first.")
        return None
    if not findings.expect(
        file, keys, value, dict, f"Flow {flow_id!r} must be a mapping with `description` and `steps`"
    ):
        return None
    value = dict(value)
    findings.check_keys(file, keys, value, _FLOW_KEYS, f"of flow {flow_id!r}")
    description = as_text(value.get("description"))
    if not description.strip() and not flow_id.startswith(_PATTERN_PREFIX):
        findings.add(file, keys, f"Flow {flow_id!r} has no `description`.", "Say in a sentence what it does.")
    steps = read_steps(file, [*keys, "steps"], flow_id, value.get("steps"), findings)
    names = _names(file, [*keys, "name"], value, findings)
    if not steps:
        return None
    return NamedFlow(
        id=flow_id,
        description=description,
        steps=steps,
        first=next(iter(steps)),
        name=next(iter(names.values()), ""),
        names=names,
        guard=_guard(file, [*keys, "if"], value.get("if"), findings),
        always_include_in_prompt=_flag(file, keys, value, "always_include_in_prompt", False, findings),
        run_pattern_completed=_flag(file, keys, value, "run_pattern_completed", True, findings),
        persisted_slots=_texts(file, [*keys, "persisted_slots"], value.get("persisted_slots"), findings),
        nlu_trigger=_triggers(file, [*keys, "nlu_trigger"], value.get("nlu_trigger"), findings),
        examples=_examples(file, [*keys, "examples"], value.get("examples"), findings),
        path=str(file.path),
        line=file.line_of(keys),
    )


def _names(file: YamlFile, keys: Keys, value: Mapping[str, Any], findings: Findings) -> dict[Language, str]:
    """The name in the languages it is written in; one without a language stands under both."""
    written = value.get("name")
    if isinstance(written, dict):
        findings.check_keys(file, keys, written, LANGUAGES, "of a name in several languages")
        return {language: as_text(written[language]) for language in LANGUAGES if as_text(written.get(language))}
    names = dict.fromkeys(LANGUAGES, as_text(written)) if as_text(written) else {}
    translation = value.get("translation")
    for language in LANGUAGES:
        translated = translation.get(language) if isinstance(translation, dict) else None
        if isinstance(translated, dict) and as_text(translated.get("name")):
            names[language] = as_text(translated["name"])
    return names


def _guard(file: YamlFile, keys: Keys, value: Any, findings: Findings) -> str | None:
    if value is None:
        return None
    condition = as_text(value)
    try:
        parse_condition(condition)
    except ConfigError as err:
        findings.add(file, keys, err.message, err.hint)
    return condition


def _flag(file: YamlFile, keys: Keys, value: Mapping[str, Any], key: str, default: bool, findings: Findings) -> bool:
    written = value.get(key, default)
    if not findings.expect(file, [*keys, key], written, bool, f"`{key}` must be true or false"):
        return default
    return bool(written)


def _texts(file: YamlFile, keys: Keys, value: Any, findings: Findings) -> tuple[str, ...]:
    if value is None or not findings.expect(file, keys, value, list, "It must be a list"):
        return ()
    return tuple(as_text(item) for item in value if as_text(item))


def _examples(file: YamlFile, keys: Keys, value: Any, findings: Findings) -> tuple[str, ...]:
    """A list of texts, or Rasa's block of lines that begin with a dash."""
    if isinstance(value, str):
        lines = (line.strip() for line in value.splitlines())
        return tuple(line.removeprefix("-").strip() for line in lines if line.strip("- "))
    return _texts(file, keys, value, findings)


def _triggers(file: YamlFile, keys: Keys, value: Any, findings: Findings) -> tuple[Trigger, ...]:
    if value is None or not findings.expect(file, keys, value, list, "`nlu_trigger` must be a list"):
        return ()
    read: list[Trigger] = []
    for i, item in enumerate(value):
        intent: Any = item.get("intent") if isinstance(item, dict) else item
        threshold: Any = 0.0
        if isinstance(intent, dict):
            findings.check_keys(file, [*keys, i], intent, ("name", "confidence_threshold"), "of an intent")
            intent, threshold = intent.get("name"), intent.get("confidence_threshold", 0.0)
        if not isinstance(intent, str) or not intent:
            findings.add(file, [*keys, i], "A trigger must be written `- intent: NAME`.")
        elif isinstance(threshold, bool) or not isinstance(threshold, int | float) or not 0 <= threshold <= 1:
            findings.add(file, [*keys, i], f"confidence_threshold {threshold!r} is not a number from 0 to 1.")
        else:
            read.append(Trigger(intent=intent, confidence_threshold=float(threshold)))
    return tuple(read)
