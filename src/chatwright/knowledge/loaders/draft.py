"""Puts the blocks of a document together into one text, and keeps where its headings and table rows stand.

In: headings, paragraphs, list items, table rows, in reading order. Out: DocumentText. What is invisible stays out,
so that what a reader cannot see cannot be quoted or obeyed. Blocks are separated by an empty line; the items of a list
and the rows of a table are lines that follow each other, and a list stands right below its lead-in.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from chatwright.knowledge.loaders.limits import Unreadable
from chatwright.language.fold import strip_invisible
from chatwright.messages import DocumentText

BlockKind = Literal["heading", "paragraph", "item", "row"]

_SPACES = re.compile(r"[^\S\n]+")
_CJK = re.compile(r"[\u2e80-\u303f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff60]")
_HYPHEN_ENDS = re.compile(r"[A-Za-z][-\u2010\ufffe\x02]")
_KEEPS_HYPHEN = re.compile(
    r"\b(?:self|non|all|well|one|two|three|four|high|low|long|short|full|half|first|second|third|built|on|off|up|in|out)$",
    re.IGNORECASE,
)
_NO_LETTERS = re.compile(r"[\W_]*")


class TextDraft:
    """A document's text as it grows. Raises Unreadable when it exceeds `max_chars`."""

    def __init__(self, max_chars: int) -> None:
        self._max_chars = max_chars
        self._parts: list[str] = []
        self._length = 0
        self._last_kind: BlockKind | None = None
        self.headings: list[tuple[int, int, str]] = []
        self.rows: list[tuple[int, int]] = []

    def heading(self, text: str, level: int) -> None:
        """One line; level from 1."""
        line = clean_line(text)
        if line:
            self.headings.append((self._add("heading", line)[0], level, line))

    def paragraph(self, text: str) -> None:
        """Line breaks in `text` stay."""
        block = clean_lines(text)
        if block:
            self._add("paragraph", block)

    def item(self, text: str, marker: str = "-") -> None:
        """One line of a list, beginning with its marker: "-" or "1."."""
        line = clean_line(text)
        if line:
            self._add("item", f"{marker} {line}")

    def row(self, text: str) -> None:
        """One line of a table."""
        line = clean_line(text)
        if line:
            self.rows.append(self._add("row", line))

    def text(self) -> str:
        """What has been added so far."""
        return "".join(self._parts)

    def finish(self, source: str, titles: Sequence[str]) -> DocumentText:
        """The document, its title the first of: `titles` that is not empty, its first heading, its file name.

        Raises Unreadable when there is no text.
        """
        text = self.text()
        if not text or _NO_LETTERS.fullmatch(text):
            raise Unreadable("has no text", "Leave it out, or write into it what customers should know.")
        first_heading = self.headings[0][2] if self.headings else ""
        candidates = (*map(clean_line, titles), first_heading, title_of_name(source), source)
        title = next(title for title in candidates if title)
        return DocumentText(
            source=source, title=title[:200], text=text, headings=tuple(self.headings), rows=tuple(self.rows)
        )

    def _add(self, kind: BlockKind, text: str) -> tuple[int, int]:
        gap = self._gap_before(kind)
        start = self._length + len(gap)
        self._length = start + len(text)
        if self._length > self._max_chars:
            raise Unreadable(
                f"holds more than {self._max_chars:,} characters of text", "Split it into several smaller files."
            )
        self._parts += (gap, text)
        self._last_kind = kind
        return start, self._length

    def _gap_before(self, kind: BlockKind) -> str:
        if self._last_kind is None:
            return ""
        is_close = kind == self._last_kind and kind in ("item", "row")
        is_list_below_text = kind == "item" and self._last_kind == "paragraph"
        is_below_heading = self._last_kind == "heading" and kind != "heading"
        return "\n" if is_close or is_list_below_text or is_below_heading else "\n\n"


def clean_line(text: str) -> str:
    """`text` on one line, without characters that a reader cannot see."""
    return " ".join(strip_invisible(_keep_breaks(text)).split())


def clean_lines(text: str) -> str:
    """`text` with single spaces and without empty lines or invisible characters."""
    lines = (_SPACES.sub(" ", line).strip() for line in strip_invisible(_keep_breaks(text)).split("\n"))
    return "\n".join(line for line in lines if line)


def _keep_breaks(text: str) -> str:
    return re.sub(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n", text)


def join_wrapped(before: str, after: str) -> str:
    """Two lines of one paragraph as one: a space between Latin words, none beside a Chinese character."""
    return before + gap_between(before, after) + after


def gap_between(before: str, after: str) -> str:
    """What stands between two lines of one paragraph when they become one."""
    return "" if _CJK.match(before[-1:]) or _CJK.match(after) else " "


def unwrap(lines: Sequence[str]) -> str:
    """The lines of one paragraph as one line, hyphenated words mended."""
    pieces: list[str] = []
    for before, after in pairwise(lines):
        mended = mend_hyphen(before, after)
        pieces.append(before + gap_between(before, after) if mended is None else mended)
    return "".join((*pieces, *lines[-1:]))


def mend_hyphen(before: str, after: str) -> str | None:
    """`before` as it is when `after` goes on with its last word; None when it does not end in a hyphenated word.

    "infor-" and "mation" give "infor"; "self-" and "service" keep the hyphen.
    """
    if not _HYPHEN_ENDS.fullmatch(before[-2:]) or not after[:1].isalpha():
        return None
    word = before[:-1]
    return word + "-" if _KEEPS_HYPHEN.search(word[-20:]) or not after[0].islower() else word


def title_of_name(source: str) -> str:
    """The file's name as words: "policies/return-policy.md" is "return policy"."""
    stem = source.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return clean_line(re.sub(r"[-_]+", " ", stem))
