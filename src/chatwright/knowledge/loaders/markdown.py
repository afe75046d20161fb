"""Reads .md: CommonMark with tables, markup removed.

In: bytes. Out: DocumentText. A front matter block gives the title; raw HTML goes through the HTML loader's eyes; an
absolute link keeps its address behind its words, since customers need it.
"""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from chatwright.knowledge.loaders.decoding import decode_text
from chatwright.knowledge.loaders.draft import TextDraft, join_wrapped
from chatwright.knowledge.loaders.html import html_text
from chatwright.knowledge.loaders.limits import LoadLimits
from chatwright.knowledge.loaders.tables import add_table
from chatwright.messages import DocumentText

_FRONT_MATTER = re.compile(r"\A---[^\S\n]*\n(?P<fields>.*?)\n(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[^\S\n]*(?P<quote>['\"]?)(?P<title>.+?)(?P=quote)[^\S\n]*$", re.MULTILINE)
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)


def load_markdown(content: bytes, source: str, limits: LoadLimits) -> DocumentText:
    """Raises Unreadable when it is not text."""
    text = decode_text(content).replace("\r\n", "\n")
    front = _FRONT_MATTER.match(text)
    found = _FRONT_TITLE.search(front["fields"]) if front else None
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text[front.end() if front else 0 :])
    draft = TextDraft(limits.max_text_chars)
    _MarkdownWalk(draft).add(tokens)
    return draft.finish(source, (found["title"],) if found else ())


class _MarkdownWalk:
    """Adds block tokens to a draft; remembers in which list and table it is."""

    def __init__(self, draft: TextDraft) -> None:
        self._draft = draft
        self._numbers: list[int | None] = []  # of each list it is in: the next number, None for bullets
        self._marker: str | None = None  # of the item whose first paragraph is still to come
        self._grid: list[list[str]] = []

    def add(self, tokens: Sequence[Token]) -> None:
        for place, token in enumerate(tokens):
            if token.type == "inline":
                self._add_inline(tokens[place - 1], token)
            elif token.type in ("fence", "code_block"):
                self._draft.paragraph(token.content)
            elif token.type == "html_block":
                self._draft.paragraph(html_text(token.content))
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                self._numbers.append(int(token.attrGet("start") or 1) if token.type[0] == "o" else None)
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                self._numbers.pop()
            elif token.type == "list_item_open":
                self._marker = self._next_marker()
            elif token.type == "tr_open":
                self._grid.append([])
            elif token.type == "table_close":
                add_table(self._draft, self._grid[1:], header=self._grid[0])
                self._grid = []

    def _next_marker(self) -> str:
        number = self._numbers[-1]
        if number is None:
            return "-"
        self._numbers[-1] = number + 1
        return f"{number}."

    def _add_inline(self, opening: Token, token: Token) -> None:
        text = _inline_text(token.children or (), shows_addresses=opening.type != "heading_open")
        if opening.type == "heading_open":
            self._draft.heading(text, int(opening.tag[1:]))
        elif opening.type in ("th_open", "td_open"):
            self._grid[-1].append(text)
        elif self._numbers:
            for line in text.split("\n") if self._marker is None else (text,):
                self._draft.item(line, self._marker or "-")
            self._marker = None
        else:
            self._draft.paragraph(text)


def _inline_text(tokens: Sequence[Token], *, shows_addresses: bool) -> str:
    """The words of a line; a soft break joins, a hard break stays."""
    text, addresses = "", [""]
    is_joining = False
    for token in tokens:
        piece = ""
        if token.type in ("text", "code_inline"):
            piece = token.content
        elif token.type == "html_inline":
            piece = "\n" if _BREAK_TAG.fullmatch(token.content) else ""
        elif token.type == "hardbreak":
            piece = "\n"
        elif token.type == "softbreak":
            is_joining = True
        elif token.type == "link_open":
            addresses.append(str(token.attrGet("href") or ""))
        elif token.type == "link_close":
            address = addresses.pop()
            piece = _address_to_show(address, text) if shows_addresses else ""
        if piece:
            text = join_wrapped(text, piece) if is_joining else text + piece
            is_joining = False
    return text


def _address_to_show(address: str, text: str) -> str:
    is_absolute = address.startswith(("http://", "https://"))
    return f" ({address})" if is_absolute and not text.endswith(address) else ""
