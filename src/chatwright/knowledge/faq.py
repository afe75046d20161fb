"""Reads faq.yaml: questions in several wordings with the curated answer to each.

In: a path. Out: entries, and the one text that their citations count in. Unknown keys, missing fields and a question
asked twice are refused with file and line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatwright.errors import ConfigError, nearest
from chatwright.knowledge.splitter import Chunk
from chatwright.language.detect import detect_language
from chatwright.language.fold import fold, strip_invisible
from chatwright.language.sentences import split_sentences
from chatwright.messages import DocumentText, Language
from chatwright.yamlfile import YamlFile

_KEYS = ["also", "answer", "language", "question", "tags"]
_LABELS: dict[Language, tuple[str, str]] = {"zh": ("问：", "答："), "en": ("Q: ", "A: ")}

_Place = list[str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqEntry:
    """A curated answer. also: other wordings of the question."""

    question: str
    answer: str
    language: Language
    also: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def questions(self) -> tuple[str, ...]:
        """Every wording, the main one first."""
        return (self.question, *self.also)


def is_faq_file(path: Path) -> bool:
    """True for faq.yaml and for names like shipping.faq.yaml."""
    name = path.name.lower()
    return name == "faq.yaml" or name.endswith(".faq.yaml")


def load_faq(path: Path) -> list[FaqEntry]:
    """The entries in the file's order. Raises ConfigError with file and line."""
    file = YamlFile(path)
    above: _Place = []
    values: Any = file.values
    if isinstance(values, dict):
        for key in values:
            if key != "faq":
                raise _error(file, [key], f"unknown key {key!r}", nearest(key, ["faq"]))
        above, values = ["faq"], values.get("faq")
    if not isinstance(values, list) or not values:
        raise _error(file, above, "there is no list of questions", "Write: - question: …, and below it answer: …")
    entries = [_entry(file, [*above, number], value) for number, value in enumerate(values)]
    _refuse_twice_asked(file, above, entries)
    return entries


def _entry(file: YamlFile, place: _Place, value: Any) -> FaqEntry:
    if not isinstance(value, dict):
        raise _error(file, place, "an entry must have a question and an answer", "Write: - question: …")
    for key in value:
        if key not in _KEYS:
            raise _error(file, [*place, key], f"unknown key {key!r}", nearest(key, _KEYS))
    question, answer = _text(file, place, value, "question"), _text(file, place, value, "answer")
    language = value.get("language") or detect_language(question + answer)
    if language not in _LABELS:
        raise _error(file, [*place, "language"], f"unknown language {language!r}", "Choose one of: en, zh.")
    return FaqEntry(
        question=question,
        answer=answer,
        language=language,
        also=_texts(file, place, value, "also"),
        tags=_texts(file, place, value, "tags"),
    )


def _text(file: YamlFile, place: _Place, value: dict[str, Any], key: str) -> str:
    if key not in value:
        raise _error(file, place, f"the entry has no {key!r}", f"Add: {key}: …")
    text = _clean(value[key], is_one_line=key != "answer")
    if not text:
        raise _error(file, [*place, key], f"{key!r} must be a text, not {value[key]!r}", f"Write: {key}: …")
    return text


def _texts(file: YamlFile, place: _Place, value: dict[str, Any], key: str) -> tuple[str, ...]:
    given = value.get(key)
    if given is None:
        return ()
    texts = [_clean(text, is_one_line=True) for text in given] if isinstance(given, list) else []
    if not isinstance(given, list) or not all(texts):
        raise _error(file, [*place, key], f"{key!r} must be a list of texts", f"Write: {key}: [one, two]")
    return tuple(texts)


def _clean(value: Any, *, is_one_line: bool) -> str:
    """The text, a number as text; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    lines = [" ".join(line.split()) for line in strip_invisible(str(value)).splitlines()]
    return (" " if is_one_line else "\n").join(line for line in lines if line)


def _refuse_twice_asked(file: YamlFile, above: _Place, entries: Sequence[FaqEntry]) -> None:
    line_asked: dict[str, int] = {}
    for number, entry in enumerate(entries):
        places: list[_Place] = [["question"]]
        places += [["also", index] for index in range(len(entry.also))]
        for question, inner in zip(entry.questions, places, strict=True):
            place = [*above, number, *inner]
            folded = "".join(filter(str.isalnum, fold(question))) or question
            if folded in line_asked:
                first = line_asked[folded]
                raise _error(file, place, f"{question!r} was already asked at line {first}", "Keep one of the two.")
            line_asked[folded] = file.line_of(place)


def _error(file: YamlFile, place: _Place, problem: str, hint: str) -> ConfigError:
    return ConfigError(f"{file.place(place)}: {problem}.", hint=hint, code="faq_invalid")


def faq_document(entries: Sequence[FaqEntry], source: str, title: str) -> tuple[DocumentText, list[Chunk]]:
    """The entries as one text of questions and answers, and a chunk for each answer, in the same order."""
    parts: list[str] = []
    chunks: list[Chunk] = []
    length = 0
    for entry in entries:
        question_label, answer_label = _LABELS[entry.language]
        before = f"{question_label}{entry.question}\n{answer_label}"
        start = length + len(before)
        chunks.append(
            Chunk(
                text=entry.answer,
                start=start,
                end=start + len(entry.answer),
                heading="",
                kind="faq",
                language=entry.language,
                sentences=tuple((start + first, start + last) for first, last in split_sentences(entry.answer)),
                question=entry.question,
            )
        )
        parts.append(f"{before}{entry.answer}\n\n")
        length += len(parts[-1])
    return DocumentText(source=source, title=title, text="".join(parts)), chunks
