"""Finds tables in a PDF page from where its pieces of text stand. Pure geometry; nothing here reads a file.

In: pieces with their boxes in points, y upwards. Out: visual rows, and of a run of rows that line up the table's cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from chatwright.language.detect import has_han

GAP_HEIGHTS = 0.9  # pieces nearer than this many line heights are one cell
ALIGN_POINTS = 6.0
CONTINUED_HEIGHTS = 2.2
MAX_CELL_WIDTH = 44  # of the median cell; longer "cells" are columns of running text
MIN_ROWS = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text on one line."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        return max(1.0, self.top - self.bottom)


def visual_rows(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces that stand at one height, from top to bottom, each row from left to right with near pieces joined."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: -(piece.top + piece.bottom)):
        middle = (piece.top + piece.bottom) / 2
        if rows and any(other.bottom <= middle <= other.top for other in rows[-1]):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [_joined(sorted(row, key=lambda piece: piece.left)) for row in rows]


def is_set_in_columns(rows: Sequence[Sequence[Piece]]) -> bool:
    """True for a page of running text in two or more columns: many wide rows of more than one cell."""
    widths = [_width(piece.text) for row in rows if len(row) > 1 for piece in row]
    num_multiple = sum(len(row) > 1 for row in rows)
    return num_multiple > 0.5 * len(rows) and median(widths) > MAX_CELL_WIDTH


def table_at(rows: Sequence[Sequence[Piece]]) -> tuple[list[list[str]], int]:
    """The table that begins with the first row, and how many rows it takes; ([], 0) when none does."""
    if not rows or len(rows[0]) < 2:
        return [], 0
    lefts = [piece.left for piece in rows[0]]
    cells = [[piece.text for piece in rows[0]]]
    previous = rows[0]
    length = 1
    for row in rows[1:]:
        columns = [_column(lefts, piece) for piece in row]
        if not row or None in columns or len(set(columns)) < len(row):
            break
        gap = min(piece.bottom for piece in previous) - max(piece.top for piece in row)
        is_continued = 0 not in columns and gap < CONTINUED_HEIGHTS * row[0].height - row[0].height
        if len(row) < 2 and not is_continued:
            break
        if is_continued:
            target = cells[-1]
        else:
            cells.append([""] * len(lefts))
            target = cells[-1]
        for column, piece in zip(columns, row, strict=True):
            if column is not None:
                target[column] = _add(target[column], piece.text)
        previous = row
        length += 1
    return (cells, length) if len(cells) >= MIN_ROWS else ([], 0)


def _column(lefts: Sequence[float], piece: Piece) -> int | None:
    """The column that the piece stands in: the last one that begins at or left of it."""
    found = [index for index, left in enumerate(lefts) if left <= piece.left + ALIGN_POINTS]
    if not found or piece.left - lefts[found[-1]] > ALIGN_POINTS * 6:
        return None
    return found[-1]


def _joined(row: Sequence[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in row:
        last = joined[-1] if joined else None
        if last and piece.left - last.right < GAP_HEIGHTS * last.height:
            is_apart = piece.left - last.right > 0.12 * last.height and not has_han(last.text[-1:] + piece.text[:1])
            text = last.text + (" " if is_apart else "") + piece.text
            joined[-1] = Piece(text, last.left, min(last.bottom, piece.bottom), piece.right, max(last.top, piece.top))
        else:
            joined.append(piece)
    return joined


def _add(text: str, more: str) -> str:
    if not text:
        return more
    return text + more if has_han(text[-1]) and has_han(more[0]) else f"{text} {more}"


def _width(text: str) -> int:
    return sum(2 if has_han(character) else 1 for character in text)
