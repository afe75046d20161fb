"""Finds the tables of a PDF page: by the rulings they are drawn with, otherwise by words that stand in columns.

In: a page's lines and rulings. Out: tables as grids of text, and the lines that belong to none, in reading order.
A table without rulings is only taken where it is safe: at least two lines with the same columns far apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chatwright.knowledge.loaders.draft import unwrap
from chatwright.knowledge.loaders.pdf_page import Line, PageLayout, Ruling, Word
from chatwright.knowledge.loaders.plain import ITEM

_SAME_EDGE = 3.5  # points
_COLUMN_GAP = 0.75  # of the letters' height; a space is about 0.25, in justified text seldom above 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells, all rows of the same length. bottom and top: where it stands on the page."""

    grid: tuple[tuple[str, ...], ...]
    bottom: float
    top: float


Block = Line | Table


def find_blocks(layout: PageLayout) -> list[Block]:
    """The page's lines with those of each table replaced by the table."""
    blocks: list[Block] = list(layout.lines)
    for columns, edges in _frames(layout.rulings):
        blocks = _with_ruled_table(blocks, columns, edges)
    return _with_aligned_tables(blocks)


def _frames(rulings: Sequence[Ruling]) -> list[tuple[list[float], list[float]]]:
    """(x of the column borders, y of the row borders) of each drawn grid with two columns and two rows or more."""
    frames: list[tuple[list[float], list[float]]] = []
    for group in _touching(rulings):
        columns = _distinct(ruling.left for ruling in group if not ruling.is_level)
        edges = _distinct(ruling.bottom for ruling in group if ruling.is_level)
        if len(edges) >= 3 and len(columns) < 3:
            columns = []  # drawn with level lines only: its columns are found by the words
        if len(edges) >= 3:
            frames.append((columns, edges))
    return frames


def _touching(rulings: Sequence[Ruling]) -> list[list[Ruling]]:
    """Rulings that meet, as groups; level lines of the same left and right end belong together as well."""
    groups: list[tuple[list[float], list[Ruling]]] = []  # ([left, bottom, right, top], members)
    for ruling in sorted(rulings, key=lambda ruling: (-ruling.top, ruling.left)):
        box = [ruling.left, ruling.bottom, ruling.right, ruling.top]
        members = [ruling]
        apart: list[tuple[list[float], list[Ruling]]] = []
        for other_box, others in groups:
            if _meet(box, other_box) or _is_next_rule(ruling, others):
                box = [*map(min, box[:2], other_box[:2]), *map(max, box[2:], other_box[2:])]
                members = others + members
            else:
                apart.append((other_box, others))
        groups = [*apart, (box, members)]
    return [members for _, members in groups]


def _meet(one: Sequence[float], other: Sequence[float]) -> bool:
    return (
        one[0] - _SAME_EDGE <= other[2]
        and other[0] - _SAME_EDGE <= one[2]
        and one[1] - _SAME_EDGE <= other[3]
        and other[1] - _SAME_EDGE <= one[3]
    )


def _is_next_rule(ruling: Ruling, others: Sequence[Ruling]) -> bool:
    last = others[-1]
    return (
        ruling.is_level
        and last.is_level
        and abs(last.left - ruling.left) < _SAME_EDGE
        and abs(last.right - ruling.right) < _SAME_EDGE
        and last.bottom - ruling.bottom < 60
    )


def _distinct(values: Iterable[float]) -> list[float]:
    """Sorted, without those that are next to another."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > _SAME_EDGE:
            kept.append(value)
    return kept


def _with_ruled_table(blocks: Sequence[Block], columns: list[float], edges: list[float]) -> list[Block]:
    inside = [block for block in blocks if isinstance(block, Line) and _is_within(block, columns, edges)]
    if not columns:
        columns = _columns_of_words(inside)
    if not inside or len(columns) < 3:
        return list(blocks)
    cells: list[list[list[Word]]] = [[[] for _ in columns[1:]] for _ in edges[1:]]
    for word in (word for line in inside for word in line.words):
        row = _band(edges, (word.bottom + word.top) / 2)
        cells[row][_band(columns, (word.left + word.right) / 2)].append(word)
    grid = tuple(tuple(_cell_text(words) for words in row) for row in reversed(cells))
    grid = tuple(row for row in grid if any(row))
    if len(grid) < 2 or max(sum(1 for cell in row if cell) for row in grid) < 2:
        return list(blocks)
    return _replaced(blocks, inside, Table(grid=grid, bottom=edges[0], top=edges[-1]))


def _replaced(blocks: Sequence[Block], inside: Sequence[Line], table: Table) -> list[Block]:
    """`blocks` with `table` in the place of the first of its lines."""
    members = {id(line) for line in inside}
    place = next(number for number, block in enumerate(blocks) if id(block) in members)
    kept_before = [block for block in blocks[:place] if id(block) not in members]
    return [*kept_before, table, *(block for block in blocks[place:] if id(block) not in members)]


def _is_within(line: Line, columns: Sequence[float], edges: Sequence[float]) -> bool:
    middle = (line.bottom + line.top) / 2
    is_between = edges[0] - _SAME_EDGE < middle < edges[-1] + _SAME_EDGE
    return is_between and (
        not columns or columns[0] - _SAME_EDGE < (line.left + line.right) / 2 < columns[-1] + _SAME_EDGE
    )


def _band(borders: Sequence[float], value: float) -> int:
    """The number of the band between two borders that `value` is in."""
    for number, border in enumerate(borders[1:]):
        if value < border:
            return number
    return len(borders) - 2


def _cell_text(words: Sequence[Word]) -> str:
    """The words of one cell, line by line."""
    lines: list[str] = []
    for before, word in zip((None, *words), words, strict=False):
        if before is None or word.top < before.bottom + 0.3 * (before.top - before.bottom):
            lines.append(word.text)
        else:
            lines[-1] = f"{lines[-1]} {word.text}"
    return unwrap(lines)


def _columns_of_words(lines: Sequence[Line]) -> list[float]:
    """Borders in the middle of the gaps that no cell of any line crosses."""
    spans = sorted((cell[0].left, cell[-1].right) for line in lines for cell in split_cells(line))
    merged: list[list[float]] = []
    for left, right in spans:
        if merged and left < merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], right)
        else:
            merged.append([left, right])
    if not merged:
        return []
    middles = [(before[1] + after[0]) / 2 for before, after in pairwise(merged)]
    return [merged[0][0] - 1, *middles, merged[-1][1] + 1]


def split_cells(line: Line) -> list[list[Word]]:
    """The words of a line in groups with wide gaps between them; a list's marker is not a group."""
    cells: list[list[Word]] = [[line.words[0]]]
    for before, after in pairwise(line.words):
        if after.left - before.right > _COLUMN_GAP * line.height:
            cells.append([])
        cells[-1].append(after)
    if len(cells) > 1 and len(cells[0]) == 1 and ITEM.match(cells[0][0].text + " x"):
        cells[0:2] = [cells[0] + cells[1]]
    return cells


def _with_aligned_tables(blocks: Sequence[Block]) -> list[Block]:
    """`blocks` with runs of lines that have the same two or more columns replaced by tables."""
    result: list[Block] = []
    run: list[Line] = []
    for block in [*blocks, None]:
        is_row = isinstance(block, Line) and len(split_cells(block)) > 1
        if isinstance(block, Line) and is_row and (not run or _is_below(run[-1], block)):
            run.append(block)
            continue
        result += _table_of_run(run)
        run = [block] if isinstance(block, Line) and is_row else []
        if block is not None and not is_row:
            result.append(block)
    return result


def _is_below(upper: Line, lower: Line) -> bool:
    return 0 < upper.top - lower.top < 3 * upper.height


def _table_of_run(run: Sequence[Line]) -> list[Block]:
    """One table when the lines agree about the columns, the lines themselves otherwise."""
    columns = _columns_of_words(run)
    widest = max((len(split_cells(line)) for line in run), default=0)
    if len(run) < 2 or len(columns) - 1 != widest:
        return list(run)
    grid = tuple(_row_of_line(line, columns) for line in run)
    return [Table(grid=grid, bottom=run[-1].bottom, top=run[0].top)]


def _row_of_line(line: Line, columns: Sequence[float]) -> tuple[str, ...]:
    cells = [""] * (len(columns) - 1)
    for words in split_cells(line):
        cells[_band(columns, (words[0].left + words[-1].right) / 2)] = " ".join(word.text for word in words)
    return tuple(cells)
