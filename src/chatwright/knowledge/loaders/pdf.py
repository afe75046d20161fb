"""Reads .pdf: wrapped lines joined to paragraphs, tables as rows, running heads and page numbers dropped.

In: bytes. Out: DocumentText. Headings are taken where it is safe: larger letters than the text around, a short bold
line, or a numbered chapter. Pages that are pictures give nothing; a file of such pages is refused.
"""

import re
from collections import Counter
from collections.abc import Sequence

import pypdfium2
import pypdfium2.raw as pdfium

from chatwright.knowledge.loaders.draft import TextDraft, clean_line, unwrap
from chatwright.knowledge.loaders.limits import LoadLimits, Unreadable
from chatwright.knowledge.loaders.pdf_page import HYPHEN, Line, PageLayout, read_page
from chatwright.knowledge.loaders.pdf_tables import Block, Table, find_blocks
from chatwright.knowledge.loaders.plain import ITEM, is_heading
from chatwright.knowledge.loaders.tables import add_table, is_header
from chatwright.messages import DocumentText

_TAIL_BYTES = 4096  # the end mark must be in it
_MARGIN_SHARE = 0.12  # of the page's height: where running heads and page numbers stand
_NUMBER = re.compile(r"(?<![0-9])[0-9]{1,5}(?![0-9])")
_ENDS_SENTENCE = re.compile(r"[。！？；.!?;:：]\W*$")
_ENDS_FULLY = re.compile(r"[。！？.!?:：]\W*$")
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]")
_MAX_HEADING_CHARS = 80
_MAX_HEADING_LEVELS = 4
_UNTITLED = frozenset({"", "untitled", "(anonymous)", "(unspecified)"})


def load_pdf(content: bytes, source: str, limits: LoadLimits) -> DocumentText:
    """Raises Unreadable when it is encrypted, truncated, damaged, too long, or only pictures of pages."""
    document = _open(content)
    try:
        if len(document) > limits.max_pages:
            raise Unreadable(f"has {len(document):,} pages, at most {limits.max_pages:,} are read", "Split it.")
        layouts = [read_page(page) for page in document]
        title = document.get_metadata_value("Title")
    except pypdfium2.PdfiumError as error:
        raise Unreadable("is damaged", "Open it in its program and save it again.") from error
    finally:
        document.close()
    if not any(layout.lines for layout in layouts):
        raise Unreadable(
            "has no text: its pages are pictures, and reading pictures (OCR) is not there yet",
            "Save the text itself as a PDF or Word file.",
        )
    draft = TextDraft(limits.max_text_chars)
    _PdfWalk(draft, layouts).add()
    return draft.finish(source, () if title.strip().lower() in _UNTITLED else (title,))


def _open(content: bytes) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(content)
        num_pages = len(document)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise Unreadable("is encrypted", "Save it without a password.") from error
        raise Unreadable("is damaged or truncated", "Copy or download it again.") from error
    if b"%%EOF" not in content[-_TAIL_BYTES:] or num_pages == 0:
        document.close()
        raise Unreadable("is truncated: its end is missing", "Copy or download it again.")
    return document


class _PdfWalk:
    """Adds the pages' blocks to a draft. `_paragraph` gathers the lines of one paragraph, across pages."""

    def __init__(self, draft: TextDraft, layouts: Sequence[PageLayout]) -> None:
        self._draft = draft
        self._layouts = layouts
        self._body_height = _most_common_height(layouts)
        self._levels = _heading_levels(layouts, self._body_height)
        self._has_bold_body = _is_mostly_bold(layouts)
        self._paragraph: list[Line] = []
        self._edges: dict[int, float] = {}
        self._last_table: Table | None = None
        self._header: tuple[str, ...] = ()

    def add(self) -> None:
        furniture = _furniture(self._layouts, self._body_height)
        for number, layout in enumerate(self._layouts):
            lines = tuple(
                line
                for line in layout.lines
                if not _is_in_margin(line, layout) or furniture.isdisjoint(_patterns(line, number, self._body_height))
            )
            kept = PageLayout(lines=lines, rulings=layout.rulings, bottom=layout.bottom, top=layout.top)
            blocks = find_blocks(kept)
            self._edges = _right_edges(blocks)
            for block in blocks:
                if isinstance(block, Table):
                    self._add_table(block)
                else:
                    self._add_line(block)
        self._flush()

    def _add_table(self, table: Table) -> None:
        """Adds its rows; a table that goes on from the page before keeps its names."""
        self._flush()
        rows: Sequence[Sequence[str]] = table.grid
        goes_on = self._last_table is not None and len(self._last_table.grid[0]) == len(rows[0]) and self._header
        if goes_on and tuple(rows[0]) == self._header:
            rows = rows[1:]
        elif is_header(rows) and not goes_on:
            self._header, rows = tuple(rows[0]), rows[1:]
        elif not goes_on:
            self._header = ()
        add_table(self._draft, rows, header=self._header)
        self._last_table = table

    def _add_line(self, line: Line) -> None:
        self._last_table = None
        if self._paragraph and self._goes_on(self._paragraph[-1], line):
            self._paragraph.append(line)
            return
        self._flush()
        self._paragraph = [line]

    def _goes_on(self, before: Line, line: Line) -> bool:
        """True when `line` is there only because `before` was full."""
        height = before.height
        if abs(line.height - height) > 0.12 * height or ITEM.match(line.text) or before.is_bold != line.is_bold:
            return before.words[-1].text.endswith(HYPHEN)
        if before.words[-1].text.endswith(HYPHEN):
            return True
        if line.top > before.top:  # the next column or page
            return not _ENDS_FULLY.search(before.text) and self._is_full(before, line)
        is_item = ITEM.match(self._paragraph[0].text) is not None
        is_indented = line.left > before.left + 1.2 * height and not is_item
        is_far = before.bottom - line.top > 0.9 * height
        return not is_indented and not is_far and self._is_full(before, line)

    def _is_full(self, before: Line, after: Line) -> bool:
        """True when the first word of `after` had no room in `before`."""
        first = after.words[0]
        width = before.height if _CJK.match(first.text) else first.right - first.left + 0.25 * before.height
        if _CJK.search(first.text):
            width = min(width, 2 * before.height)
        return before.right + width > self._edges.get(_column_of(before), before.right) - 0.1 * before.height

    def _flush(self) -> None:
        lines, self._paragraph = self._paragraph, []
        if not lines:
            return
        text = _joined(lines)
        level = self._level_of(lines, text)
        item = ITEM.match(text)
        if level:
            self._draft.heading(text, level)
        elif item:
            self._draft.item(item["text"], f"{item['number']}." if item["number"] else "-")
        else:
            self._draft.paragraph(text)

    def _level_of(self, lines: Sequence[Line], text: str) -> int:
        """The level of a heading, 0 for other text."""
        if len(text) > _MAX_HEADING_CHARS or len(lines) > 2 or not any(letter.isalpha() for letter in text):
            return 0
        by_size = self._levels.get(round(lines[0].height), 0)
        if by_size and not re.search(r"[。；;，,]\W*$", text):
            return by_size
        is_short = len(lines) == 1 and not _ENDS_SENTENCE.search(text)
        is_bold = all(line.is_bold for line in lines) and not self._has_bold_body
        next_level = min(max(self._levels.values(), default=0) + 1, _MAX_HEADING_LEVELS)
        is_chapter = is_heading(text) and not text.isupper()
        return next_level if is_short and (is_bold or is_chapter) else 0


def _joined(lines: Sequence[Line]) -> str:
    return unwrap([line.text for line in lines]).replace(HYPHEN, "-")


def _most_common_height(layouts: Sequence[PageLayout]) -> int:
    """Of the letters of running text, in whole points."""
    heights: Counter[int] = Counter()
    for layout in layouts:
        for line in layout.lines:
            heights[round(line.height)] += len(line.text)
    return heights.most_common(1)[0][0]


def _is_mostly_bold(layouts: Sequence[PageLayout]) -> bool:
    bold = [line.is_bold for layout in layouts for line in layout.lines]
    return sum(bold) * 3 > len(bold)


def _heading_levels(layouts: Sequence[PageLayout], body_height: int) -> dict[int, int]:
    """The level of each height that is clearly larger than the text's, largest first."""
    larger = {round(line.height) for layout in layouts for line in layout.lines if line.height >= 1.15 * body_height}
    return {height: min(level, _MAX_HEADING_LEVELS) for level, height in enumerate(sorted(larger, reverse=True), 1)}


def _column_of(line: Line) -> int:
    """Lines of one column begin at about the same place."""
    return round(line.left / 40)


def _right_edges(blocks: Sequence[Block]) -> dict[int, float]:
    """How far to the right the lines of each column go."""
    edges: dict[int, float] = {}
    for block in blocks:
        if isinstance(block, Line):
            for column in (_column_of(block) - 1, _column_of(block), _column_of(block) + 1):
                edges[column] = max(edges.get(column, 0.0), block.right)
    return edges


def _furniture(layouts: Sequence[PageLayout], body_height: int) -> frozenset[str]:
    """What stands in the margins of most pages, as the patterns of `_patterns`."""
    seen: Counter[str] = Counter()
    for number, layout in enumerate(layouts):
        margin = [line for line in layout.lines if _is_in_margin(line, layout)]
        seen.update({pattern for line in margin for pattern in _patterns(line, number, body_height)})
    least = max(2, 0.4 * len(layouts))
    return frozenset(pattern for pattern, count in seen.items() if count >= least)


def _patterns(line: Line, page_number: int, body_height: int) -> list[str]:
    """The line's text, and for each number in it the text with that number counted from the page's: "page 3 of 9" and
    "page 4 of 9" on the next page have one pattern in common, "fact 3: 21 yuan" and "fact 4: 28 yuan" none."""
    text = clean_line(line.text).lower()
    patterns = [text]
    if line.height <= 1.1 * body_height:  # larger ones are headings that count: "Day 1", "Day 2"
        for match in _NUMBER.finditer(text):
            offset = int(match[0]) - page_number
            patterns.append(f"{text[: match.start()]}<{offset}>{text[match.end() :]}")
    return patterns


def _is_in_margin(line: Line, layout: PageLayout) -> bool:
    margin = _MARGIN_SHARE * (layout.top - layout.bottom)
    return line.bottom > layout.top - margin or line.top < layout.bottom + margin
