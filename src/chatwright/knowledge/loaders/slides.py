"""Reads .pptx: each slide's title is a heading; text boxes and tables follow. Speaker notes are left out."""

import io
from collections.abc import Iterator
from typing import Any

from pptx import Presentation

from chatwright.knowledge.loaders.archive import check_archive
from chatwright.knowledge.loaders.draft import TextDraft
from chatwright.knowledge.loaders.limits import LoadLimits
from chatwright.knowledge.loaders.tables import add_table
from chatwright.messages import DocumentText


def load_pptx(content: bytes, source: str, limits: LoadLimits) -> DocumentText:
    """Slides in order, shapes from top to bottom."""
    check_archive(content, "ppt/presentation.xml", limits)
    draft = TextDraft(limits.max_text_chars)
    for slide in Presentation(io.BytesIO(content)).slides:
        title = slide.shapes.title
        if title is not None:
            draft.heading(title.text_frame.text, 1)
        for shape in sorted(_flat(slide.shapes), key=lambda shape: (shape.top or 0, shape.left or 0)):
            if title is not None and shape.shape_id == title.shape_id:
                continue
            _add_shape(draft, shape)
    return draft.finish(source, ())


def _flat(shapes: Any) -> Iterator[Any]:
    """Every shape, those inside groups too."""
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _flat(shape.shapes)
        else:
            yield shape


def _add_shape(draft: TextDraft, shape: Any) -> None:
    if getattr(shape, "has_table", False):
        add_table(draft, [[cell.text_frame.text for cell in row.cells] for row in shape.table.rows])
    elif shape.has_text_frame:
        texts = [paragraph.text for paragraph in shape.text_frame.paragraphs if paragraph.text.strip()]
        for text in texts:
            if len(texts) > 1:
                draft.item(text)
            else:
                draft.paragraph(text)
