"""Reads a bot folder's training data, in the YAML shape of Rasa 3.x. In: `nlu.yaml`, `nlu.yml` or `nlu/**.yaml`.

Out: TrainingData, and every problem at once with file and line: unknown keys, marks that cannot be read, patterns that
are none, one text under two intents. Metadata is accepted and means nothing here. Never runs anything.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatwright.dialogue.extract.codes import check_pattern
from chatwright.dialogue.flows.annotated_text import read_annotated
from chatwright.dialogue.flows.folder_yaml import Findings, Keys, as_text, open_folder_files
from chatwright.dialogue.flows.problem import Problem, raise_errors
from chatwright.dialogue.training_data import Annotation, Example, TrainingData
from chatwright.errors import ConfigError
from chatwright.language.fold import fold
from chatwright.yamlfile import YamlFile

MAX_EXAMPLES = 50_000
MAX_EXAMPLE_CHARS = 1000
_KINDS = ("intent", "synonym", "regex", "lookup")
_KEYS = frozenset({*_KINDS, "examples", "metadata"})
_DASH = re.compile(r"\s*-\s*(.*\S)\s*")


@dataclass(slots=True)
class _Collected:
    """What the files have taught so far."""

    findings: Findings
    examples: list[Example] = field(default_factory=list)
    synonyms: dict[str, str] = field(default_factory=dict)
    marked: dict[str, tuple[str, str, int]] = field(default_factory=dict)  # wording → value, file, line
    regexes: dict[str, list[str]] = field(default_factory=dict)
    lookups: dict[str, list[str]] = field(default_factory=dict)
    seen: dict[str, Example] = field(default_factory=dict)

    def fail(self, file: YamlFile, line: int, message: str, hint: str = "", *, is_error: bool = True) -> None:
        severity: Any = "error" if is_error else "warning"
        problem = Problem(path=str(file.path), line=line, message=message, hint=hint, severity=severity)
        self.findings.problems.append(problem)


def load_training_data(bot_dir: Path) -> TrainingData:
    """The training data of a bot folder. Raises ConfigError that lists everything that is wrong."""
    data, problems = read_training_data(bot_dir)
    raise_errors(problems, "nlu_invalid")
    return data


def read_training_data(bot_dir: Path) -> tuple[TrainingData, list[Problem]]:
    """What could be read, and every problem, warnings included."""
    collected = _Collected(Findings())
    for file in open_folder_files(bot_dir, "nlu", collected.findings):
        collected.findings.check_keys(file, [], file.values, ("version", "nlu"), "of a file of training data")
        items = file.values.get("nlu") or []
        if collected.findings.expect(file, ["nlu"], items, list, "`nlu` must be a list"):
            for i, item in enumerate(items):
                _read_item(file, ["nlu", i], item, collected)
    data = TrainingData(
        examples=tuple(collected.examples),
        synonyms=_all_synonyms(collected),
        regexes={name: tuple(patterns) for name, patterns in collected.regexes.items()},
        lookups={name: tuple(phrases) for name, phrases in collected.lookups.items()},
    )
    return data, collected.findings.problems


def _all_synonyms(collected: _Collected) -> dict[str, str]:
    """Those of `synonym` entries, and what marks say of wordings that have none: in whatever order they are written."""
    for wording, (value, path, line) in collected.marked.items():
        other = collected.synonyms.setdefault(wording, value)
        if other != value:
            message = f"The mark says that {wording!r} means {value!r}, and a synonym that it means {other!r}."
            problem = Problem(
                path=path, line=line, message=message, hint="The synonym counts; keep one of them.", severity="warning"
            )
            collected.findings.problems.append(problem)
    return collected.synonyms


def _read_item(file: YamlFile, keys: Keys, item: Any, collected: _Collected) -> None:
    findings = collected.findings
    if not findings.expect(file, keys, item, dict, "An entry of `nlu` must be a mapping"):
        return
    findings.check_keys(file, keys, item, _KEYS, "of an entry of `nlu`")
    kinds = [kind for kind in _KINDS if kind in item]
    name = as_text(item.get(kinds[0])).strip() if len(kinds) == 1 else ""
    if not name:
        findings.add(file, keys, "An entry of `nlu` needs exactly one name.", f"Write one of: {', '.join(_KINDS)}.")
        return
    lines = list(_lines(file, [*keys, "examples"], item.get("examples"), collected))
    if not lines:
        findings.add(
            file, keys, f"{kinds[0].capitalize()} {name!r} has no examples.", "Write them under `examples: |`."
        )
    for text, line in lines:
        if len(text) > MAX_EXAMPLE_CHARS:
            collected.fail(file, line, f"The example is longer than {MAX_EXAMPLE_CHARS} characters.", "Shorten it.")
        else:
            _READERS[kinds[0]](file, name, text, line, collected)


def _lines(file: YamlFile, keys: Keys, written: Any, collected: _Collected) -> Iterator[tuple[str, int]]:
    """Each example with its line: of a block of lines that begin with a dash, or of a list of texts or mappings."""
    if isinstance(written, str):
        yield from _of_block(file, written, file.line_of(keys) + 1, collected)
    elif written is not None and collected.findings.expect(file, keys, written, list, "`examples` must be a block"):
        for i, item in enumerate(written):
            yield from _of_list(file, [*keys, i], item, collected)


def _of_block(file: YamlFile, block: str, first: int, collected: _Collected) -> Iterator[tuple[str, int]]:
    for line, text in enumerate(block.splitlines(), start=first):
        if found := _DASH.fullmatch(text):
            yield found[1], line
        elif text.strip(" -\t"):
            collected.fail(file, line, f"{text.strip()[:60]!r} does not begin with a dash.", "Write `- ` before it.")


def _of_list(file: YamlFile, keys: Keys, item: Any, collected: _Collected) -> Iterator[tuple[str, int]]:
    """`- text: |` with metadata beside it, or just the text."""
    if isinstance(item, Mapping):
        collected.findings.check_keys(file, keys, item, ("text", "metadata"), "of an example")
        item = item.get("text")
    text = " ".join(as_text(item).split()) if not isinstance(item, list | dict) else ""
    if text:
        yield text.removeprefix("- "), file.line_of(keys)
    else:
        collected.findings.add(file, keys, "The example has no text.", "Write `- text: …`.")


def _read_example(file: YamlFile, intent: str, written: str, line: int, collected: _Collected) -> None:
    marks: tuple[Annotation, ...]
    try:
        text, marks = read_annotated(written)
    except ValueError as err:
        collected.fail(file, line, f"In an example of {intent!r}, {err}.", "Mend the mark.")
        return
    if len(collected.examples) >= MAX_EXAMPLES:
        if len(collected.examples) == MAX_EXAMPLES and (collected.examples[-1].text != text):
            message = f"There are more than {MAX_EXAMPLES} examples; the rest is not read."
            collected.fail(file, line, message, "Take some out.", is_error=False)
        return
    example = Example(text=text, intent=intent, entities=marks, path=str(file.path), line=line)
    for mark in marks:
        if mark.value != text[mark.start : mark.end]:
            wording = fold(text[mark.start : mark.end]).strip()
            collected.marked.setdefault(wording, (mark.value, str(file.path), line))
    other = collected.seen.setdefault(fold(text).strip(), example)
    if other.intent != intent:
        message = f"{text[:60]!r} is an example of {intent!r} and, in {other.path}:{other.line}, of {other.intent!r}."
        collected.fail(file, line, message, "Keep one of them.", is_error=False)
    collected.examples.append(example)


def _read_synonym(file: YamlFile, value: str, written: str, line: int, collected: _Collected) -> None:
    other = collected.synonyms.setdefault(fold(written).strip(), value)
    if other != value:
        collected.fail(file, line, f"{written!r} means {value!r} and also {other!r}.", "Keep one of them.")


def _read_regex(file: YamlFile, name: str, written: str, line: int, collected: _Collected) -> None:
    try:
        check_pattern(written)
    except ConfigError as err:
        collected.fail(file, line, f"Regex {name!r}: {err.message.replace(' of a slot', '')}", err.hint)
        return
    collected.regexes.setdefault(name, []).append(written)


def _read_lookup(file: YamlFile, name: str, written: str, line: int, collected: _Collected) -> None:
    collected.lookups.setdefault(name, []).append(written)


_READERS = {"intent": _read_example, "synonym": _read_synonym, "regex": _read_regex, "lookup": _read_lookup}
