"""Finds the words of a phrase in a message, where they are meant: not denied, and not in a question about the thing.

In: phrases once, then messages. Out: the phrase whose words stand in the message, or None. English is compared by
stemmed words, Chinese by characters that begin or end where a word of the message does. "I will call my lawyer"
mentions a lawyer; "do you have a discount for lawyers?" and "I do not need a lawyer" do not. It does not know irony.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import rjieba

from chatwright.dialogue.extract.wording import is_denied, is_question
from chatwright.language.detect import has_han
from chatwright.language.fold import fold
from chatwright.language.words import stem

MAX_CHARS = 4000
_WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?|\d+(?:[.,]\d+)*")
_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿]")
_CLAUSE_END = re.compile(r"[.!?;…。！？；\n]+|(?<=\w)[,，]|\b(?:but|so|because)\b|但是?|所以|因为|不然|否则")
_OWN = re.compile(r"\b(?:i|i'm|i'll|i've|i'd|my|mine|me|we|our|us)\b|我|咱")
_DENIED = re.compile(
    r"(?:\b(?:no need (?:for|of|to)|without|never|not|won't|don't|didn't|isn't|wouldn't|cannot|can't|no)\s+"
    r"(?:(?!(?:i|we|you|or)\b)[\w']+\s+){0,4}"  # a new subject begins something that is not denied
    r"|(?:不会|不用|不必|不需要|没必要|没想|无需|没打算|不打算|不想|从不|没有?|不是|并非|别)[^我你就要，。！？,.!?]{0,6})$"
)


@dataclass(frozen=True, slots=True)
class _Words:
    """A text in words: where each begins and ends in the folded text, and its stem."""

    folded: str
    stems: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]


class PhraseFinder:
    """The phrases of one rule. Han phrases are looked for as they are, others word by word."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._han = [(phrase, fold(phrase).replace(" ", "")) for phrase in phrases if has_han(phrase)]
        self._worded = [(phrase, _words(fold(phrase)).stems) for phrase in phrases if not has_han(phrase)]

    def find(self, text: str) -> str | None:
        """The first phrase that is meant somewhere in the message."""
        said = _words(fold(text[:MAX_CHARS]).replace("’", "'"))
        places = ((phrase, start, end) for phrase, start, end in self._places(said))
        return next((phrase for phrase, start, end in places if _is_meant(said.folded, start, end)), None)

    def _places(self, said: _Words) -> Iterator[tuple[str, int, int]]:
        for phrase, stems in self._worded:
            for place in range(len(said.stems) - len(stems) + 1):
                if said.stems[place : place + len(stems)] == stems:
                    yield phrase, said.starts[place], said.ends[place + len(stems) - 1]
        for phrase, wanted in self._han:
            for match in re.finditer(re.escape(wanted), said.folded):
                if _fits(said, match.start(), match.end()):
                    yield phrase, match.start(), match.end()


def is_denying(text: str) -> bool:
    """True when the message says no to something: nearness in meaning does not tell "I will" from "I will not"."""
    return _NEGATION.search(fold(text).replace("’", "'")) is not None


_NEGATION = re.compile(
    r"\b(?:not|never|no|without|won't|don't|didn't|isn't|can't|cannot|wouldn't|doesn't)\b|不|没|别|无"
)


def asks_about(text: str) -> bool:
    """True for a question that does not speak of the visitor: "do you have …?", 有没有……."""
    folded = fold(text).replace("’", "'")
    return is_question(folded) and _OWN.search(folded) is None


def _fits(said: _Words, start: int, end: int) -> bool:
    """True where a word begins (律师 in 律师函), or at the end of one that holds it all (律师 in 女律师)."""
    if end - start == 1:
        return start in said.starts and end in said.ends
    return start in said.starts or any(
        begun < start and ended == end for begun, ended in zip(said.starts, said.ends, strict=True)
    )


def _is_meant(folded: str, start: int, end: int) -> bool:
    clause_start = max((mark.end() for mark in _CLAUSE_END.finditer(folded, 0, start)), default=0)
    after = _CLAUSE_END.search(folded, end)
    clause = folded[clause_start : after.end() if after else len(folded)]
    if asks_about(clause):
        return False
    return not (is_denied(folded, start, end) or _DENIED.search(folded[clause_start:start]))


def _words(folded: str) -> _Words:
    stems: list[str] = []
    starts: list[int] = []
    ends: list[int] = []

    def add(word: str, start: int) -> None:
        stems.append(stem(word.removesuffix("'s")))
        starts.append(start)
        ends.append(start + len(word))

    for match in _WORD.finditer(folded):
        if not _HAN.search(match[0]):
            add(match[0], match.start())
            continue
        place = match.start()
        for word in rjieba.cut(match[0]):
            add(word, place)
            place += len(word)
    return _Words(folded, tuple(stems), tuple(starts), tuple(ends))
