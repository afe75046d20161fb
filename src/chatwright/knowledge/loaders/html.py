"""Reads .html: what a reader of the page sees, without scripts, navigation and hidden parts.

In: bytes. Out: DocumentText. Nothing is fetched; text hidden by attribute or inline style is left out.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from chatwright.knowledge.loaders.decoding import decode_text
from chatwright.knowledge.loaders.draft import TextDraft, clean_line
from chatwright.knowledge.loaders.limits import LoadLimits, Unreadable
from chatwright.knowledge.loaders.tables import add_table, is_header
from chatwright.messages import DocumentText

_DROPPED = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "nav",
        "footer",
        "head",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "canvas",
        "audio",
        "video",
        "button",
        "select",
        "option",
        "input",
        "textarea",
        "form-control",
        "dialog",
        "link",
        "meta",
        "map",
        "area",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "form",
        "header",
        "hr",
        "html",
        "legend",
        "main",
        "p",
        "pre",
        "section",
        "summary",
    ]
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])"
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_MAX_DEPTH = 200


def load_html(content: bytes, source: str, limits: LoadLimits) -> DocumentText:
    """Raises Unreadable when it is not text or nested deeper than a page ever is."""
    return document_of_html(_decode_page(content), source, limits)


def document_of_html(page: str, source: str, limits: LoadLimits, titles: tuple[str, ...] = ()) -> DocumentText:
    """The document of a page's text. titles: what it is called, if the page itself does not say."""
    tree = LexborHTMLParser(page)
    draft = TextDraft(limits.max_text_chars)
    if tree.body is not None:
        _HtmlWalk(draft).add(tree.body)
    title = tree.css_first("head > title")
    own = title.text() if title is not None else ""
    first_heading = draft.headings[0][2] if draft.headings and draft.headings[0][1] == 1 else ""
    return draft.finish(source, (first_heading, own, *titles))


def html_text(fragment: str) -> str:
    """The visible words of a piece of HTML, a line for each block."""
    tree = LexborHTMLParser(fragment)
    draft = TextDraft(len(fragment) * 4 + 1000)
    if tree.body is not None:
        _HtmlWalk(draft).add(tree.body)
    return draft.text()


def _decode_page(content: bytes) -> str:
    found = _CHARSET.search(content[:4096])
    name = found[1].decode("ascii").lower() if found else ""
    if name in ("big5", "big5-hkscs"):
        try:
            return content.decode("big5hkscs")
        except UnicodeDecodeError as error:
            raise Unreadable(f"is not valid {name} at byte {error.start:,}", "Save it as UTF-8.") from error
    return decode_text(content)


class _HtmlWalk:
    """Adds a page's elements to a draft. Text gathers in `_line` until a block begins or ends."""

    def __init__(self, draft: TextDraft) -> None:
        self._draft = draft
        self._line: list[str] = []
        self._marker: str | None = None
        self._depth = 0

    def add(self, node: LexborNode) -> None:
        self._children(node)
        self._flush()

    def _children(self, node: LexborNode) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise Unreadable(f"nests its elements more than {_MAX_DEPTH} deep", "Simplify the page.")
        child = node.child
        while child is not None:
            self._visit(child)
            child = child.next
        self._depth -= 1

    def _visit(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag == "-text":
            self._line.append(node.text_content or "")
        elif tag.startswith(("-", "!", "_")) or tag in _DROPPED or _is_hidden(node):
            return
        elif tag in _HEADINGS:
            self._flush()
            self._draft.heading(visible_text(node), _HEADINGS[tag])
        elif tag == "table":
            self._flush()
            self._table(node)
        elif tag in ("ul", "ol", "menu"):
            self._list(node, is_numbered=tag == "ol")
        elif tag == "pre":
            self._flush()
            self._draft.paragraph(node.text())
        elif tag == "br":
            self._line.append("\v")
        else:
            self._inside(node, is_block=tag in _BLOCKS)

    def _inside(self, node: LexborNode, *, is_block: bool) -> None:
        if is_block:
            self._flush()
        self._children(node)
        if is_block:
            self._flush()

    def _list(self, node: LexborNode, *, is_numbered: bool) -> None:
        self._flush()
        start = (node.attributes.get("start") or "1") if is_numbered else "1"
        number = int(start) if start.isdecimal() and len(start) < 9 else 1
        for item in _elements(node):
            if item.tag != "li":
                self._visit(item)
                continue
            if _is_hidden(item):
                continue
            self._marker = f"{number}." if is_numbered else "-"
            number += 1
            self._inside(item, is_block=True)
            self._marker = None

    def _flush(self) -> None:
        """Ends the line: an item if one is open, a paragraph otherwise."""
        text = re.sub(r"[^\S\v]+", " ", "".join(self._line)).replace("\v", "\n")
        self._line.clear()
        if not text.strip():
            return
        if self._marker is None:
            self._draft.paragraph(text)
        else:
            self._draft.item(text, self._marker)
            self._marker = "-"  # a second paragraph of an item is an item below it

    def _table(self, node: LexborNode) -> None:
        caption = node.css_first("caption")
        if caption is not None:
            self._draft.paragraph(visible_text(caption))
        rows = [row for row in _table_rows(node) if not _is_hidden(row)]
        if not _is_data_table(node, rows):
            for row in rows:
                for cell in _cells(row):
                    self._inside(cell, is_block=True)
            return
        grid = _unspan(rows)
        has_names = bool(rows) and all(cell.tag == "th" for cell in _cells(rows[0])) and len(_cells(rows[0])) > 1
        if has_names:
            add_table(self._draft, grid[1:], header=grid[0])
        elif all(len(_cells(row)) == 2 and _cells(row)[0].tag == "th" for row in rows):
            for name, value in grid:
                add_table(self._draft, [[value]], header=[name])
        else:
            add_table(self._draft, grid, header=None if is_header(grid) else ())


def visible_text(node: LexborNode) -> str:
    """The words inside an element on one line, hidden parts left out."""
    pieces: list[str] = []
    _gather(node, pieces, 0)
    return clean_line("".join(pieces))


def _gather(node: LexborNode, pieces: list[str], depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise Unreadable(f"nests its elements more than {_MAX_DEPTH} deep", "Simplify the page.")
    child = node.child
    while child is not None:
        tag = child.tag or ""
        if tag == "-text":
            pieces.append(child.text_content or "")
        elif not (tag.startswith(("-", "!", "_")) or tag in _DROPPED or _is_hidden(child)):
            is_apart = tag in _BLOCKS or tag in ("br", "li", "td", "th", "tr")
            pieces.append(" " if is_apart else "")
            _gather(child, pieces, depth + 1)
            pieces.append(" " if is_apart else "")
        child = child.next


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or _HIDDEN_STYLE.search((attributes.get("style") or "").lower()) is not None
    )


def _elements(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        if child.tag and child.tag[0] not in "-!_":
            yield child
        child = child.next


def _table_rows(node: LexborNode) -> list[LexborNode]:
    """The rows of this table, not of tables inside it."""
    rows: list[LexborNode] = []
    for part in _elements(node):
        if part.tag == "tr":
            rows.append(part)
        elif part.tag in ("thead", "tbody", "tfoot") and not _is_hidden(part):
            rows.extend(row for row in _elements(part) if row.tag == "tr")
    return rows


def _cells(row: LexborNode) -> list[LexborNode]:
    return [cell for cell in _elements(row) if cell.tag in ("td", "th") and not _is_hidden(cell)]


def _is_data_table(node: LexborNode, rows: list[LexborNode]) -> bool:
    """False for a table that only lays out a page: one column, or tables inside it."""
    return len(node.css("table")) <= 1 and any(len(_cells(row)) > 1 for row in rows)


def _unspan(rows: list[LexborNode]) -> list[list[str]]:
    """The cells as a grid: a cell that spans rows or columns stands in each of them."""
    grid: list[list[str]] = []
    below: dict[int, tuple[str, int]] = {}  # column: (text, rows it still spans)
    for row in rows:
        line: list[str] = []
        cells = iter(_cells(row))
        cell = next(cells, None)
        while cell is not None or len(line) in below:
            column = len(line)
            if column in below:
                text, left = below.pop(column)
                if left > 1:
                    below[column] = (text, left - 1)
                line.append(text)
                continue
            assert cell is not None
            text = visible_text(cell)
            num_rows = _span(cell, "rowspan")
            for _ in range(_span(cell, "colspan")):
                if num_rows > 1:
                    below[len(line)] = (text, num_rows - 1)
                line.append(text)
            cell = next(cells, None)
        grid.append(line)
    return grid


def _span(cell: LexborNode, name: str) -> int:
    value = cell.attributes.get(name) or "1"
    return min(int(value), 100) if value.isdecimal() and len(value) < 5 and int(value) > 0 else 1
