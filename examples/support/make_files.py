"""Writes the binary files of knowledge/ (PDF, DOCX, XLSX, PPTX). In: file_texts.py. Out: the same files every time.

Run from anywhere: python examples/support/make_files.py. All facts are invented.
"""

import re
import zipfile
from datetime import datetime
from pathlib import Path

from docx import Document
from docx.document import Document as DocxDocument
from file_texts import (
    COMPLAINTS_EN,
    COMPLAINTS_ZH,
    MEMBERSHIP_EN,
    PRICES,
    REPAIR_EN,
    REPAIR_ZH,
    WARRANTY_EN,
    WARRANTY_ZH,
    Block,
    Rows,
)
from openpyxl import Workbook
from openpyxl.styles import Font
from pptx import Presentation
from pptx.util import Inches
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

KNOWLEDGE = Path(__file__).parent / "knowledge"
MADE = datetime(2026, 9, 1)


def write_pdf(name: str, title: str, blocks: list[Block], font: str, bold: str) -> None:
    """A4 PDF; `font` and `bold` are reportlab font names, a CID font for Chinese."""
    wrap = "CJK" if font.startswith("STSong") else "LTR"
    body = ParagraphStyle("body", fontName=font, fontSize=10.5, leading=16, spaceAfter=6, wordWrap=wrap)
    head = ParagraphStyle("head", parent=body, fontName=bold, fontSize=14, leading=20, spaceBefore=8)
    story: list[Flowable] = []
    for block in blocks:
        story += _pdf_block(block, body, head)
    document = SimpleDocTemplate(str(KNOWLEDGE / name), pagesize=A4, title=title, author="Lumarron", invariant=1)
    document.build(story)


def _pdf_block(block: Block, body: ParagraphStyle, head: ParagraphStyle) -> list[Flowable]:
    if not isinstance(block, str):
        cells = [[Paragraph(cell, body) for cell in row] for row in block]
        grid = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.grey), ("VALIGN", (0, 0), (-1, -1), "TOP")])
        widths = [190.0] + [87.0] * (len(block[0]) - 1)  # points; the A4 frame is 451 wide
        return [Table(cells, colWidths=widths, repeatRows=1, style=grid), Spacer(1, 8)]
    if block.startswith("# "):
        return [Paragraph(block[2:], head)]
    return [Paragraph("• " + block[2:] if block.startswith("- ") else block, body)]


def write_docx(name: str, blocks: list[Block]) -> None:
    document = Document()
    document.core_properties.created = document.core_properties.modified = MADE
    for number, block in enumerate(blocks):
        if not isinstance(block, str):
            _docx_table(document, block)
        elif block.startswith("# "):
            document.add_heading(block[2:], level=1 if number == 0 else 2)
        else:
            style = "List Bullet" if block.startswith("- ") else None
            document.add_paragraph(block.removeprefix("- "), style=style)
    document.save(str(KNOWLEDGE / name))


def _docx_table(document: DocxDocument, rows: Rows) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for cells, row in zip(table.rows, rows, strict=True):
        for cell, text in zip(cells.cells, row, strict=True):
            cell.text = text


def write_xlsx(name: str, sheets: dict[str, Rows]) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([int(cell) if cell.isdigit() else cell for cell in row])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for column, width in zip("ABCDEF", (12, 34, 14, 12, 42, 30), strict=True):
            sheet.column_dimensions[column].width = width
    book.properties.created = book.properties.modified = MADE
    book.save(KNOWLEDGE / name)


def write_pptx(name: str, slides: list[tuple[str, list[str]]]) -> None:
    deck = Presentation()
    deck.slide_width = Inches(13.333)
    for title, lines in slides:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = "\n".join(lines)
    deck.core_properties.created = deck.core_properties.modified = MADE
    deck.save(str(KNOWLEDGE / name))


def fix_times(path: Path) -> None:
    """Rewrites an Office file so that its zip entries carry no clock time: two runs give the same bytes."""
    with zipfile.ZipFile(path) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            if name == "docProps/core.xml":  # openpyxl writes the time of saving here
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", MADE.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), content)
            archive.writestr(zipfile.ZipInfo(name, MADE.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)


def main() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    write_pdf("warranty.pdf", "Limited warranty", WARRANTY_EN, "Helvetica", "Helvetica-Bold")
    write_pdf("保修条款.pdf", "保修条款", WARRANTY_ZH, "STSong-Light", "STSong-Light")
    write_docx("维修流程.docx", REPAIR_ZH)
    write_docx("repair.docx", REPAIR_EN)
    write_docx("membership.docx", MEMBERSHIP_EN)
    write_xlsx("price-list.xlsx", PRICES)
    write_pptx("投诉处理.pptx", COMPLAINTS_ZH)
    write_pptx("complaints.pptx", COMPLAINTS_EN)
    for path in sorted(KNOWLEDGE.iterdir()):
        if path.suffix in {".docx", ".xlsx", ".pptx"}:
            fix_times(path)


if __name__ == "__main__":
    main()
