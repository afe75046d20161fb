"""Reads .xlsx: each visible sheet is a heading, each table row a line that names its columns.

In: bytes. Out: DocumentText. Formulas count by the value that was saved with them. Hidden sheets, rows and columns are
left out: they are not meant for customers. A merged cell stands in every row that it spans.
"""

import io
import warnings
from collections.abc import Iterator
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from chatwright.knowledge.loaders.archive import BROKEN, open_archive
from chatwright.knowledge.loaders.draft import TextDraft, clean_line, title_of_name
from chatwright.knowledge.loaders.limits import LoadLimits, Unreadable
from chatwright.knowledge.loaders.number_format import write_value
from chatwright.knowledge.loaders.tables import add_table, is_header
from chatwright.messages import DocumentText

_DEFAULT_NAMES = ("sheet", "工作表")


def load_xlsx(content: bytes, source: str, limits: LoadLimits) -> DocumentText:
    """Raises Unreadable when it is encrypted, damaged, a bomb, or declares entities."""
    open_archive(content, ".xlsx", limits)
    draft = TextDraft(limits.max_text_chars)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not know
        try:
            workbook = openpyxl.load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
        except (*BROKEN, InvalidFileException, AttributeError, IndexError, TypeError, SyntaxError) as error:
            raise Unreadable("is damaged", "Open it in its program and save it again.") from error
    for sheet in workbook.worksheets:
        if sheet.sheet_state == "visible":
            _add_sheet(draft, sheet)
    return draft.finish(source, (workbook.properties.title or "", title_of_name(source)))


def _add_sheet(draft: TextDraft, sheet: Any) -> None:
    grid = _visible_grid(sheet)
    if not any(any(row) for row in grid):
        return
    is_named = not clean_line(sheet.title).lower().startswith(_DEFAULT_NAMES)
    if is_named:
        draft.heading(sheet.title, 1)
    header: list[str] = []
    for block in _blocks(grid):
        header = _add_block(draft, block, header)


def _visible_grid(sheet: Any) -> list[list[str]]:
    hidden_columns = {
        column
        for dimension in sheet.column_dimensions.values()
        if dimension.hidden
        for column in range(dimension.min or 0, (dimension.max or 0) + 1)
    }
    spread = _spread_of_merged(sheet)
    grid: list[list[str]] = []
    for row in sheet.iter_rows():
        if row and sheet.row_dimensions[row[0].row].hidden:
            continue
        cells = [spread.get((cell.row, cell.column), cell) for cell in row if cell.column not in hidden_columns]
        grid.append([clean_line(write_value(cell.value, cell.number_format)) for cell in cells])
    return grid


def _spread_of_merged(sheet: Any) -> dict[tuple[int, int], Any]:
    """For each cell below the first of a merged range, that first one; a range across columns stays one cell."""
    spread: dict[tuple[int, int], Any] = {}
    for merged in sheet.merged_cells.ranges:
        first = sheet.cell(merged.min_row, merged.min_col)
        for row in range(merged.min_row + 1, min(merged.max_row, sheet.max_row) + 1):
            spread[(row, merged.min_col)] = first
    return spread


def _blocks(grid: list[list[str]]) -> Iterator[list[list[str]]]:
    """Runs of rows between empty ones."""
    block: list[list[str]] = []
    for row in grid:
        if any(row):
            block.append(row)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _add_block(draft: TextDraft, block: list[list[str]], header: list[str]) -> list[str]:
    """Adds title lines, table and remarks; the header to go on with after a gap."""
    while block and _num_filled(block[0]) == 1:
        draft.paragraph(next(cell for cell in block.pop(0) if cell))
    remarks: list[str] = []
    while block and _num_filled(block[-1]) == 1:
        remarks.append(next(cell for cell in block.pop() if cell))
    block = _trim_columns(block)
    if block and is_header(block):
        header, block = block[0], block[1:]
    elif block and len(header) != len(block[0]):
        header = []
    if block:
        add_table(draft, block, header=header)
    for remark in reversed(remarks):
        draft.paragraph(remark)
    return header


def _num_filled(row: list[str]) -> int:
    return sum(1 for cell in row if cell)


def _trim_columns(block: list[list[str]]) -> list[list[str]]:
    used = [column for column in range(len(block[0]) if block else 0) if any(row[column] for row in block)]
    return [[row[column] for column in used] for row in block]
