"""Reads .xlsx: each sheet a heading, each row a line "Column: value; Column: value"."""

import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any

import openpyxl

from chatwright.knowledge.loaders.archive import check_archive
from chatwright.knowledge.loaders.draft import TextDraft
from chatwright.knowledge.loaders.limits import LoadLimits
from chatwright.knowledge.loaders.tables import add_table
from chatwright.messages import DocumentText

_CURRENCY = re.compile(r'\[\$([^\]-]+)[^\]]*\]|"([^"]{1,4})"|([¥￥$€£])')
_DECIMALS = re.compile(r"0\.(0+)")
MAX_EMPTY_ROWS = 1000


def load_xlsx(content: bytes, source: str, limits: LoadLimits) -> DocumentText:
    """Cells as a person sees them: formulas by their last value, dates, percentages and money by their format."""
    check_archive(content, "xl/workbook.xml", limits)
    draft = TextDraft(limits.max_text_chars)
    workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        for sheet in workbook.worksheets:
            if sheet.sheet_state == "visible":
                draft.heading(sheet.title, 1)
                _add_rows(draft, _sheet_rows(sheet))
    finally:
        workbook.close()
    return draft.finish(source, ())


def _add_rows(draft: TextDraft, rows: Iterable[list[str]]) -> None:
    """Lines of one cell are notes; the first line that looks like names begins a table."""
    table: list[list[str]] = []
    for cells in rows:
        filled = [cell for cell in cells if cell.strip()]
        if len(filled) == 1 and (not table or len(table[0]) > 1):
            add_table(draft, table)
            table = []
            draft.paragraph(filled[0])
        elif filled:
            table.append(cells)
    add_table(draft, table)


def _sheet_rows(sheet: Any) -> Iterator[list[str]]:
    num_empty = 0
    for row in sheet.iter_rows():
        cells = [cell_text(cell.value, str(getattr(cell, "number_format", "") or "")) for cell in row]
        num_empty = 0 if any(cells) else num_empty + 1
        if num_empty > MAX_EMPTY_ROWS:
            return
        yield cells


def cell_text(value: Any, number_format: str = "General") -> str:
    """A cell's value as its format shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, int | float):
        return _number_text(value, number_format.split(";")[0])
    return str(value)


def _number_text(value: float, number_format: str) -> str:
    decimals = _DECIMALS.search(number_format)
    if "%" in number_format:
        return f"{value * 100:.{len(decimals.group(1)) if decimals else 0}f}%"
    if decimals:
        shown = f"{value:,.{len(decimals.group(1))}f}"
    else:
        shown = (
            f"{round(value):,}" if number_format in ("0", "#,##0") or float(value).is_integer() else f"{value:,.10g}"
        )
    if "#,##0" not in number_format:
        shown = shown.replace(",", "")
    match = _CURRENCY.search(number_format)
    if not match:
        return shown
    symbol = next(group for group in match.groups() if group)
    zero = number_format.find("0")
    return shown + symbol if match.start() > zero >= 0 else symbol + shown
