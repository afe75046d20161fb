"""Takes a PDF page apart: lines made of words with their places, and the rulings that tables are drawn with.

In: a page. Out: PageLayout. Places are in points, y grows upwards, as in the file. Text that is off the page or too
small to be seen is left out. Nothing here knows what a paragraph is.
"""

import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pypdfium2.raw as pdfium

HYPHEN = "\ufffe"  # what PDFium makes of a hyphen at the end of a line
_WORD = re.compile(rf"[^\s{HYPHEN}]+{HYPHEN}?")
_MIN_HEIGHT = 2.5  # points; smaller text is not for reading
_MAX_RULING_THICKNESS = 3.0
_MIN_RULING_LENGTH = 8.0
_MAX_RULINGS = 3_000  # a page with more is a drawing
_BOLD = re.compile(r"bold|black|heavy|semibold|simhei|黑", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A run of characters without white space, and the box that it stands in."""

    text: str
    left: float
    right: float
    bottom: float
    top: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """Words that stand beside each other, from left to right. is_bold: its first character is."""

    words: tuple[Word, ...]
    is_bold: bool

    @cached_property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @cached_property
    def left(self) -> float:
        return min(word.left for word in self.words)

    @cached_property
    def right(self) -> float:
        return max(word.right for word in self.words)

    @cached_property
    def bottom(self) -> float:
        return min(word.bottom for word in self.words)

    @cached_property
    def top(self) -> float:
        return max(word.top for word in self.words)

    @cached_property
    def height(self) -> float:
        """Of its first word: the size of its letters, whatever else stands in the line."""
        return self.words[0].top - self.words[0].bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A drawn straight line; is_level: from left to right, otherwise upright."""

    left: float
    right: float
    bottom: float
    top: float
    is_level: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLayout:
    """A page's lines in the order of the file, and its rulings."""

    lines: tuple[Line, ...]
    rulings: tuple[Ruling, ...]
    bottom: float
    top: float


def read_page(page: Any) -> PageLayout:
    """The layout of one page; closes what it opens."""
    left, bottom, right, top = page.get_cropbox()
    text_page = page.get_textpage()
    try:
        lines = tuple(_lines(text_page, left, bottom, right, top))
    finally:
        text_page.close()
    return PageLayout(lines=lines, rulings=tuple(_rulings(page)), bottom=bottom, top=top)


def _lines(text_page: Any, left: float, bottom: float, right: float, top: float) -> Iterator[Line]:
    """The lines of words inside the box of the page."""
    text = _characters(text_page)
    box = pdfium.FS_RECTF()
    place = 0
    for source_line in text.splitlines(keepends=True):
        words: list[Word] = []
        first = place
        for match in _WORD.finditer(source_line):
            word = _word(text_page, box, match[0], place + match.start(), place + match.end())
            is_on_page = word.right > left and word.left < right and word.top > bottom and word.bottom < top
            if not is_on_page or word.top - word.bottom < _MIN_HEIGHT:
                continue
            if words and not _is_beside(words[-1], word):
                yield Line(words=tuple(words), is_bold=_is_bold(text_page, first))
                words = []
            if not words:
                first = place + match.start()
            words.append(word)
        if words:
            yield Line(words=tuple(words), is_bold=_is_bold(text_page, first))
        place += len(source_line)


def _characters(text_page: Any) -> str:
    """The page's text with one character for each that PDFium counts."""
    text: str = text_page.get_text_range()
    count = text_page.count_chars()
    if len(text) == count:
        return text
    codes = (pdfium.FPDFText_GetUnicode(text_page.raw, number) for number in range(count))
    return "".join(chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " " for code in codes).replace(
        "\x02", HYPHEN
    )


def _word(text_page: Any, box: Any, text: str, start: int, end: int) -> Word:
    pdfium.FPDFText_GetLooseCharBox(text_page.raw, start, ctypes.byref(box))
    left, bottom, top = box.left, box.bottom, box.top
    last = end - 1 if not text.endswith(HYPHEN) or end - start == 1 else end - 2
    pdfium.FPDFText_GetLooseCharBox(text_page.raw, last, ctypes.byref(box))
    return Word(text=text, left=left, right=max(box.right, left), bottom=bottom, top=top)


def _is_beside(before: Word, after: Word) -> bool:
    """False when PDFium went on in another line: after a hyphen, or to a cell that stands higher or lower."""
    overlap = min(before.top, after.top) - max(before.bottom, after.bottom)
    lower = min(before.top - before.bottom, after.top - after.bottom)
    return overlap > 0.3 * lower and after.left >= before.left and not before.text.endswith(HYPHEN)


def _is_bold(text_page: Any, place: int) -> bool:
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    length = pdfium.FPDFText_GetFontInfo(text_page.raw, place, name, 128, ctypes.byref(flags))
    return 0 < length <= 128 and _BOLD.search(name.value.decode("utf-8", "replace")) is not None


def _rulings(page: Any) -> Iterator[Ruling]:
    for number, shape in enumerate(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH])):
        if number >= _MAX_RULINGS:
            return
        left, bottom, right, top = shape.get_bounds()
        yield from _rulings_of_box(left, bottom, right, top)


def _rulings_of_box(left: float, bottom: float, right: float, top: float) -> Sequence[Ruling]:
    """The line itself when it is thin; the four sides of a filled or framed cell."""
    width, height = right - left, top - bottom
    if height <= _MAX_RULING_THICKNESS:
        is_long = width >= _MIN_RULING_LENGTH
        return [Ruling(left=left, right=right, bottom=bottom, top=top, is_level=True)] if is_long else []
    if width <= _MAX_RULING_THICKNESS:
        is_long = height >= _MIN_RULING_LENGTH
        return [Ruling(left=left, right=right, bottom=bottom, top=top, is_level=False)] if is_long else []
    return [
        *(Ruling(left=left, right=right, bottom=edge, top=edge, is_level=True) for edge in (bottom, top)),
        *(Ruling(left=edge, right=edge, bottom=bottom, top=top, is_level=False) for edge in (left, right)),
    ]
