"""Reads the NLU training data of a Rasa project and writes it as the bot folder's `nlu.yaml`, in Rasa's own shape.

In: sources. Out: Training: what visitors say by intent, and the files to write. A file that needs no change is copied
to the letter; Rasa 1's inline notation (`[text](type:value)`) and lines without a dash are brought to today's form.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chatwright.bot.rasa_import.project import Project, Source
from chatwright.bot.rasa_import.report import Report

_KINDS = ("intent", "synonym", "regex", "lookup")
_OLD_VALUE = re.compile(r"\[([^\]\n]+)\]\(([^():\n]+):([^()\n]*)\)")
_ANNOTATED = re.compile(r"\[([^\]\n]+)\](?:\([^()\n]*\)|\{[^{}\n]*\})")


@dataclass(slots=True)
class Training:
    """examples: plain texts by intent, and where the first stand. patterns: regular expressions by name.

    files: path below the bot folder → text as it was, or values.
    """

    examples: dict[str, list[str]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    patterns: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, str | dict[str, Any]] = field(default_factory=dict)

    def retrieval(self) -> dict[str, list[str]]:
        """Intents of the form `faq/ask_hours`, by what stands before the slash."""
        found: dict[str, list[str]] = {}
        for name in self.examples:
            group, slash, _ = name.partition("/")
            if slash:
                found.setdefault(group, []).append(name)
        return found


def read_training(project: Project, report: Report) -> Training:
    """All NLU data of the project."""
    training = Training()
    for source in project.nlu:
        read = (_item(source, i, item, training, report) for i, item in enumerate(source.values["nlu"]))
        items = [item for item in read if item]
        if not items:
            continue
        name = "nlu.yaml" if len(project.nlu) == 1 else f"nlu/{_file_name(source, training)}"
        is_same = items == source.values["nlu"] and set(source.values) <= {"version", "nlu"}
        version = str(source.values.get("version", "3.1"))
        training.files[name] = (
            source.path.read_text(encoding="utf-8") if is_same else {"version": version, "nlu": items}
        )
    return training


def _file_name(source: Source, training: Training) -> str:
    """A name for the copy that no other has."""
    stem = re.sub(r"[^\w-]+", "_", source.name.rsplit(".", 1)[0].removeprefix("data/"))
    names = (f"{stem}{end}.yaml" for end in ["", *(f"_{number}" for number in range(2, 1000))])
    return next(name for name in names if f"nlu/{name}" not in training.files)


def _item(source: Source, i: int, item: Any, training: Training, report: Report) -> dict[str, Any] | None:
    place = source.place(["nlu", i])
    kind = next((kind for kind in _KINDS if isinstance(item, dict) and kind in item), "")
    if not kind:
        report.add("nlu", f"entry {i + 1}", place, "left", f"It has none of {', '.join(_KINDS)}.")
        return None
    name = str(item[kind])
    examples = item.get("examples")
    written: Any = _lines(examples) if isinstance(examples, str) else examples
    texts = list(_texts(written))
    if not texts:
        report.add(kind if kind != "intent" else "examples", name, place, "left", "It has no examples.")
        return None
    if kind == "intent":
        training.examples.setdefault(name, []).extend(plain_text(text) for text in texts)
        training.places.setdefault(name, place)
    elif kind == "regex":
        training.patterns.setdefault(name, []).extend(texts)
    report.add("examples" if kind == "intent" else kind, name, place, "converted", f"{len(texts)} lines")
    return {**item, "examples": written}


def _lines(block: str) -> str:
    """The block with a dash before each example, and entities in today's notation."""
    lines = block.splitlines(keepends=True)
    if not any(line.lstrip().startswith("-") for line in lines):
        lines = [f"- {line.lstrip()}" if line.strip() else line for line in lines]
    return _OLD_VALUE.sub(_today, "".join(lines))


def _today(match: re.Match[str]) -> str:
    def quoted(text: str) -> str:
        return '"' + text.strip().replace("\\", "\\\\").replace('"', '\\"') + '"'

    return f'[{match[1]}]{{"entity": {quoted(match[2])}, "value": {quoted(match[3])}}}'


def _texts(written: Any) -> Iterator[str]:
    """The examples of a block of lines or of a list."""
    if isinstance(written, str):
        for line in written.splitlines():
            text = line.strip().removeprefix("-").strip()
            if text:
                yield text
    for item in written if isinstance(written, list) else ():
        said: Any = item.get("text") if isinstance(item, Mapping) else item
        if isinstance(said, str) and said.strip():
            yield said.strip().removeprefix("- ")


def plain_text(example: str) -> str:
    """An example as a visitor says it, without the marks of entities."""
    return _ANNOTATED.sub(r"\1", example).strip()
