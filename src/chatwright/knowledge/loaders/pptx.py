"""Reads .pptx: each visible slide is a heading with its texts and tables, in reading order.

In: bytes. Out: DocumentText. Hidden slides and speaker's notes are left out: they are not meant for customers.
"""

import io
from collections.abc import Iterator
from typing import Any

import pptx
from lxml import etree
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.exc import PythonPptxError

from chatwright.knowledge.loaders.archive import BROKEN, open_archive
from chatwright.knowledge.loaders.draft import TextDraft
from chatwright.knowledge.loaders.limits import LoadLimits, Unreadable
from chatwright.knowledge.loaders.tables import add_table
from chatwright.messages import DocumentText

_BULLETED = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.VERTICAL_BODY)
_FURNITURE = (PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.HEADER)
_DAMAGE = (*BROKEN, PythonPptxError, etree.XMLSyntaxError, AttributeError, IndexError, TypeError)


def load_pptx(content: bytes, source: str, limits: LoadLimits) -> DocumentText:
    """Raises Unreadable when it is encrypted, damaged, a bomb, or declares entities."""
    open_archive(content, ".pptx", limits)
    draft = TextDraft(limits.max_text_chars)
    try:
        deck = pptx.Presentation(io.BytesIO(content))
        for slide in deck.slides:
            if slide._element.get("show") not in ("0", "false"):  # the library has no public name for it
                _add_slide(draft, slide)
        title = deck.core_properties.title or ""
    except _DAMAGE as error:
        raise Unreadable("is damaged", "Open it in its program and save it again.") from error
    first_heading = draft.headings[0][2] if draft.headings else ""
    return draft.finish(source, (first_heading, title))


def _add_slide(draft: TextDraft, slide: Any) -> None:
    title = slide.shapes.title
    if title is not None and title.has_text_frame:
        draft.heading(title.text_frame.text, 1 if not draft.headings else 2)
    for shape in sorted(_flat(slide.shapes), key=lambda shape: (shape.top or 0, shape.left or 0)):
        if title is None or shape.shape_id != title.shape_id:
            _add_shape(draft, shape)


def _flat(shapes: Any) -> Iterator[Any]:
    """The shapes with those inside groups."""
    for shape in shapes:
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
            yield from _flat(shape.shapes)
        else:
            yield shape


def _add_shape(draft: TextDraft, shape: Any) -> None:
    kind = shape.placeholder_format.type if shape.is_placeholder else None
    if kind in _FURNITURE:
        return
    if getattr(shape, "has_table", False):
        add_table(draft, [[cell.text for cell in row.cells] for row in shape.table.rows])
    elif shape.has_text_frame:
        paragraphs = [paragraph.text for paragraph in shape.text_frame.paragraphs if paragraph.text.strip()]
        is_list = kind in _BULLETED and len(paragraphs) > 1
        for text in paragraphs:
            if is_list:
                draft.item(text)
            else:
                draft.paragraph(text)
