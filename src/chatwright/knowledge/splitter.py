"""Splits a document into passages of a few sentences, with exact offsets.

In: DocumentText. Out: chunks in order; `document.text[chunk.start:chunk.end] == chunk.text`. Never reads files.

A passage never crosses a heading: what stands under it belongs to it, however short. Within a section a passage takes
whole blocks while they fit, then whole sentences; a list or table stays with the line that leads it in, and text and
table rows do not mix otherwise. A heading with nothing under it is a passage itself, so that nothing is lost.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from chatwright.language.detect import detect_language
from chatwright.language.sentences import split_sentences
from chatwright.messages import DocumentText, Language

DEFAULT_MAX_CHARS = 800  # Latin characters, 100 to 200 tokens
_HAN_WEIGHT = 16 / 7  # 350 Chinese characters are as many tokens as 800 Latin ones
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]")
_LEADS_IN = re.compile(r"[:：]\W*$")
_SAFE_CUTS = (re.compile(r"[;；]\s*|\n"), re.compile(r"[，,、：:]\s*"), re.compile(r"\s+"))
_MAX_HEADING_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A passage to be indexed. Offsets are absolute in the document's text; sentences are (start, end) each, rows of a
    table count as one. heading: the headings above it, outermost first, joined by " > "."""

    text: str
    start: int
    end: int
    heading: str
    kind: Literal["text", "table", "faq"]
    language: Language
    sentences: tuple[tuple[int, int], ...]
    question: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Atom:
    """What is not cut any more: a sentence or a row."""

    start: int
    end: int
    weight: float
    is_row: bool
    starts_block: bool
    leads_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """What stands under one heading. path: the headings above it and itself."""

    start: int
    end: int
    path: tuple[str, ...]


def split_document(document: DocumentText, *, max_chars: int = DEFAULT_MAX_CHARS) -> list[Chunk]:
    """The passages of a document. max_chars: Latin characters a passage, ≥ 50; a Chinese one counts as 2.3 of them.

    Raises ValueError for a smaller `max_chars`.
    """
    if max_chars < 50:
        raise ValueError(f"max_chars is {max_chars}; it must be at least 50")
    default = detect_language(document.text)
    return [
        _chunk(document, section, atoms, default)
        for section in _sections(document)
        for atoms in _packed(_atoms(document, section, max_chars), max_chars)
    ]


def _chunk(document: DocumentText, section: _Section, atoms: Sequence[_Atom], default: Language) -> Chunk:
    start, end = atoms[0].start, atoms[-1].end
    text = document.text[start:end]
    return Chunk(
        text=text,
        start=start,
        end=end,
        heading=" > ".join(section.path)[:_MAX_HEADING_CHARS],
        kind="table" if any(atom.is_row for atom in atoms) else "text",
        language=detect_language(text, default),
        sentences=tuple((atom.start, atom.end) for atom in atoms),
    )


def _sections(document: DocumentText) -> Iterator[_Section]:
    """The text before the first heading and under each one; of a heading with nothing under it, its own line."""
    text, headings = document.text, document.headings
    path: list[tuple[int, str]] = []
    first = headings[0][0] if headings else len(text)
    yield _Section(start=0, end=first, path=())
    for number, (start, level, title) in enumerate(headings):
        end = headings[number + 1][0] if number + 1 < len(headings) else len(text)
        body = start + len(title)
        path = [(above, name) for above, name in path if above < level]
        has_children = number + 1 < len(headings) and headings[number + 1][1] > level
        if text[body:end].strip():
            yield _Section(start=body, end=end, path=(*(name for _, name in path), title))
        elif not has_children:
            yield _Section(start=start, end=body, path=tuple(name for _, name in path))
        path.append((level, title))


def _atoms(document: DocumentText, section: _Section, max_chars: int) -> list[_Atom]:
    rows = document.rows[bisect_left(document.rows, (section.start,)) : bisect_left(document.rows, (section.end,))]
    atoms: list[_Atom] = []
    place = section.start
    for start, end in rows:
        atoms += _text_atoms(document.text, place, start, max_chars)
        is_first = not atoms or not atoms[-1].is_row
        atoms += _cut_atoms(document.text, start, end, max_chars, is_row=True, starts_block=is_first)
        place = end
    return atoms + _text_atoms(document.text, place, section.end, max_chars)


def _text_atoms(text: str, start: int, end: int, max_chars: int) -> list[_Atom]:
    atoms: list[_Atom] = []
    place = start
    for first, last in split_sentences(text[start:end]):
        starts_block = "\n" in text[place : start + first] or not atoms
        place = start + last
        atoms += _cut_atoms(text, start + first, place, max_chars, is_row=False, starts_block=starts_block)
    return atoms


def _cut_atoms(text: str, start: int, end: int, max_chars: int, *, is_row: bool, starts_block: bool) -> Iterator[_Atom]:
    """The stretch as one atom; in several when it is longer than a passage may be."""
    for first, last in _cut(text, start, end, max_chars):
        yield _Atom(
            start=first,
            end=last,
            weight=_weight(text[first:last]) + 1,  # and the space behind it
            is_row=is_row,
            starts_block=starts_block and first == start,
            leads_in=not is_row and _LEADS_IN.search(text, first, last) is not None,
        )


def _cut(text: str, start: int, end: int, max_chars: int) -> Iterator[tuple[int, int]]:
    """Pieces no heavier than `max_chars`, cut behind a semicolon, else a comma, else a space, else anywhere."""
    while _weight(text[start : min(end, start + max_chars + 1)]) > max_chars:
        longest = _fitting(text, start, end, max_chars)
        cut = _safe_cut(text, start, longest)
        yield start, _trim_end(text, start, cut)
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        yield start, end


def _fitting(text: str, start: int, end: int, max_chars: int) -> int:
    weight = 0.0
    for place in range(start, end):
        weight += _HAN_WEIGHT if _WIDE.match(text[place]) else 1
        if weight > max_chars:
            return place
    return end


def _safe_cut(text: str, start: int, longest: int) -> int:
    for pattern in _SAFE_CUTS:
        cuts = [match.end() for match in pattern.finditer(text, start, longest)]
        if cuts and cuts[-1] - start > (longest - start) / 2:
            return cuts[-1]
    return longest


def _trim_end(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _weight(text: str) -> float:
    return len(text) + (_HAN_WEIGHT - 1) * len(_WIDE.findall(text))


def _packed(atoms: Sequence[_Atom], max_chars: int) -> Iterator[Sequence[_Atom]]:
    """Consecutive atoms that make a passage each."""
    start = 0
    while start < len(atoms):
        end = _passage_end(atoms, start, max_chars)
        yield atoms[start:end]
        start = end


def _passage_end(atoms: Sequence[_Atom], start: int, max_chars: int) -> int:
    """Where the passage that begins at `start` ends: as much as fits, to a block's end if one is in its second half."""
    end, weight = start + 1, atoms[start].weight
    while end < len(atoms) and weight + atoms[end].weight <= max_chars and not _is_apart(atoms, end):
        weight += atoms[end].weight
        end += 1
    if end == len(atoms) or _is_apart(atoms, end):
        return _without_lead_in(atoms, start, end)
    half = weight / 2
    for place in range(end, start, -1):
        if weight < half:
            break
        if atoms[place].starts_block:
            return _without_lead_in(atoms, start, place)
        weight -= atoms[place - 1].weight
    return _without_lead_in(atoms, start, end)


def _is_apart(atoms: Sequence[_Atom], place: int) -> bool:
    """True where text meets table rows, unless the text leads the rows in."""
    before, after = atoms[place - 1], atoms[place]
    return before.is_row != after.is_row and not before.leads_in


def _without_lead_in(atoms: Sequence[_Atom], start: int, end: int) -> int:
    """`end`, or before the last atom when that leads in what comes next."""
    is_left_alone = end < len(atoms) and atoms[end - 1].leads_in and end - start > 1
    return end - 1 if is_left_alone else end
