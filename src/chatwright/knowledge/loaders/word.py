"""Reads .docx: mammoth turns its structure into HTML, which is read like a page.

In: bytes. Out: DocumentText. Pictures, comments, headers and footers are left out.
"""

import io

import mammoth

from chatwright.knowledge.loaders.archive import check_archive
from chatwright.knowledge.loaders.html import document_of_html
from chatwright.knowledge.loaders.limits import LoadLimits
from chatwright.messages import DocumentText

_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"


def load_docx(content: bytes, source: str, limits: LoadLimits) -> DocumentText:
    """Headings by style, lists and tables."""
    check_archive(content, "word/document.xml", limits)
    no_image = mammoth.images.img_element(lambda image: {"src": ""})
    converted = mammoth.convert_to_html(io.BytesIO(content), style_map=_STYLES, convert_image=no_image)
    return document_of_html(str(converted.value), source, limits)
