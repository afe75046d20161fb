"""Writes the rows of a table so that each can be quoted alone: "Column: value; Column: value".

In: a grid of cells as text. Out: lines. Chinese tables get full-width punctuation. Without a header row the cells are
joined by " | ".
"""

import re
from collections.abc import Sequence

from chatwright.knowledge.loaders.draft import TextDraft, clean_line
from chatwright.language.detect import detect_language

Grid = Sequence[Sequence[str]]

_NUMBER = re.compile(r"[\s¥$€£+\-−~–()]*\d[\d,.:/\-–~%\s]*(?:[A-Za-z%°元件个天月年日]{0,5})?")
_MAX_NAME_CHARS = 60


def add_table(draft: TextDraft, grid: Grid, *, header: Sequence[str] | None = None) -> None:
    """Adds each row of `grid` as a line. header: the columns' names; None: the first row if it looks like names."""
    rows = [[clean_line(cell) for cell in row] for row in grid]
    rows = [row for row in rows if any(row)]
    if header is None:
        header = rows.pop(0) if is_header(rows) else ()
    names = [clean_line(name) for name in header]
    is_chinese = detect_language(" ".join((*names, *(cell for row in rows[:20] for cell in row)))) == "zh"
    if names and not rows:
        draft.row(" | ".join(name for name in names if name))
    for row in rows:
        draft.row(write_row(row, names, is_chinese=is_chinese))


def is_header(rows: Grid) -> bool:
    """True when the first row can only be names: at least two, all different, short, none of them a number."""
    if len(rows) < 2 or len(rows[0]) < 2:
        return False
    width = max(len(row) for row in rows)
    names = [name for name in rows[0] if name]
    has_gaps = len(names) < max(2, width - 1)  # one corner may be empty
    return (
        not has_gaps
        and len(set(names)) == len(names)
        and all(len(name) <= _MAX_NAME_CHARS and not _NUMBER.fullmatch(name) for name in names)
    )


def write_row(cells: Sequence[str], names: Sequence[str], *, is_chinese: bool) -> str:
    """One row as a line; empty cells are left out."""
    if not names:
        return " | ".join(cell for cell in cells if cell)
    colon, stop = ("：", "；") if is_chinese else (": ", "; ")
    pairs = zip((*names, *[""] * len(cells)), cells, strict=False)
    return stop.join(f"{name}{colon}{cell}" if name else cell for name, cell in pairs if cell)
