"""Reads the NLU training data of a Rasa project and writes it as the bot folder's `nlu.yaml`, in Rasa's own shape.

In: sources. Out: Training: what visitors say by intent, and the files to write. A file that needs no change is copied
to the letter. Old notation (`[text](type:value)`, lines without a dash) is brought to today's form; lines that nobody
could read are left out and told.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from chatwright.bot.rasa_import.project import Project, Source
from chatwright.bot.rasa_import.report import Report
from chatwright.dialogue.extract.codes import check_pattern
from chatwright.errors import ConfigError
from chatwright.language.fold import fold

MAX_LINE_CHARS = 1000
_KINDS = ("intent", "synonym", "regex", "lookup")
_KEYS = frozenset({*_KINDS, "examples", "metadata"})
_OLD_VALUE = re.compile(r"\[([^\]\n]+)\]\(([^():\n]+):([^()\n]*)\)")
_OBJECT = re.compile(r"\[([^\[\]\n]+)\](\{[^{}\n]*\}|\[\{[^\[\]\n]*\}\])")
_UNCLOSED = re.compile(r"\](?=\((?![^()\n]{1,100}\))|\{(?![^{}\n]*\})|\[)(?!\[\{[^\[\]\n]*\}\])")
_ANNOTATED = re.compile(r"\[([^\[\]\n]+)\](?:\([^()\n]*\)|\{[^{}\n]*\}|\[\{[^\[\]\n]*\}\])")
_ENTITY_KEYS = frozenset({"entity", "value", "role", "group"})


@dataclass(slots=True)
class Training:
    """examples: plain texts by intent, and where the first stand. files: path below the bot folder → text or values."""

    examples: dict[str, list[str]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    files: dict[str, str | dict[str, Any]] = field(default_factory=dict)
    meanings: dict[str, str] = field(default_factory=dict)  # of synonyms, folded

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
        read = (_Item(source, i, training, report).read(item) for i, item in enumerate(source.values["nlu"]))
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


@dataclass(slots=True)
class _Item:
    """One entry of `nlu`. notes: what was changed in it."""

    source: Source
    number: int
    training: Training
    report: Report
    notes: list[str] = field(default_factory=list)

    def read(self, item: Any) -> dict[str, Any] | None:
        place = self.source.place(["nlu", self.number])
        kind = next((kind for kind in _KINDS if isinstance(item, dict) and kind in item), "")
        if not kind:
            self.report.add("nlu", f"entry {self.number + 1}", place, "left", f"It has none of {', '.join(_KINDS)}.")
            return None
        name = str(item[kind])
        part = "examples" if kind == "intent" else kind
        self.notes += [f"The key {key!r} was left out." for key in item if key not in _KEYS]
        written, texts = self._examples(kind, name, item.get("examples"))
        if not texts:
            self.report.add(part, name, place, "left", " ".join(["It has no examples.", *self.notes]))
            return None
        if kind == "intent":
            self.training.examples.setdefault(name, []).extend(plain_text(text) for text in texts)
            self.training.places.setdefault(name, place)
        self.report.add_changed(part, name, place, self.notes)
        return {**{key: value for key, value in item.items() if key in _KEYS}, "examples": written}

    def _examples(self, kind: str, name: str, written: Any) -> tuple[Any, list[str]]:
        """The examples to write, and their texts."""
        if isinstance(written, str):
            kept = [(line, self._line(kind, name, _bare(line))) for line in _dashed(written, self.notes)]
            lines = [line if text == _bare(line) else f"- {text}\n" for line, text in kept if text]
            return "".join(lines), [text for _, text in kept if text]
        items: list[Any] = []
        texts: list[str] = []
        for item in written if isinstance(written, list) else ():
            said: Any = item.get("text") if isinstance(item, Mapping) else item
            text = self._line(kind, name, _bare(" ".join(said.split()))) if isinstance(said, str) else ""
            if text:
                rest = {"metadata": item["metadata"]} if isinstance(item, Mapping) and "metadata" in item else {}
                items.append({"text": text, **rest} if isinstance(item, Mapping) else text)
                texts.append(text)
        return items, texts

    def _line(self, kind: str, name: str, text: str) -> str:
        """The line as it is kept; "" when it cannot be."""
        if len(text) > MAX_LINE_CHARS:
            self.notes.append(f"A line of more than {MAX_LINE_CHARS} characters was left out.")
            return ""
        if kind == "intent":
            return self._marked(text)
        if kind == "synonym" and self.training.meanings.setdefault(fold(text).strip(), name) != name:
            self.notes.append(f"{text!r} is already a synonym of something else; it was left out.")
            return ""
        if kind == "regex":
            try:
                check_pattern(text)
            except ConfigError as err:
                self.notes.append(f"The pattern {text!r} was left out: {err.message}")
                return ""
        return text

    def _marked(self, text: str) -> str:
        """An example with marks that can be read."""

        def object_of(match: re.Match[str]) -> str:
            try:
                read = orjson.loads(match[2])
            except orjson.JSONDecodeError:
                self.notes.append(f"The mark of [{match[1]}] is not JSON; the text was kept without it.")
                return match[1]
            marks = [each for each in (read if isinstance(read, list) else [read]) if isinstance(each, dict)]
            if marks and all(each.get("entity") and set(each) <= _ENTITY_KEYS for each in marks):
                return match[0]
            self.notes.append(f"The mark of [{match[1]}] names no entity or has unknown keys; it was left out.")
            return match[1]

        return _UNCLOSED.sub("] ", _OBJECT.sub(object_of, _OLD_VALUE.sub(_today, text)))


def _dashed(block: str, notes: list[str]) -> Sequence[str]:
    """The lines that are examples, each with its dash."""
    lines = [line for line in block.splitlines(keepends=True) if line.strip(" -\t\r\n")]
    if not any(line.lstrip().startswith("-") for line in lines):
        return [f"- {line.lstrip()}" for line in lines]
    foreign = [line.strip() for line in lines if not line.lstrip().startswith("-")]
    if foreign:
        notes.append(f"Lines without a dash ({len(foreign)}) were left out, as Rasa does: {foreign[0][:40]!r}.")
    return [line for line in lines if line.lstrip().startswith("-")]


def _bare(line: str) -> str:
    return line.strip().removeprefix("-").strip()


def _today(match: re.Match[str]) -> str:
    mark = orjson.dumps({"entity": match[2].strip(), "value": match[3].strip()}).decode()
    return f"[{match[1]}]{mark}"


def plain_text(example: str) -> str:
    """An example as a visitor says it, without the marks of entities."""
    return _ANNOTATED.sub(r"\1", example).strip()
