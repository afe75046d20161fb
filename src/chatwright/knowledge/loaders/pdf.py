"""Reads .pdf: page texts in order, wrapped lines joined, running heads and page numbers dropped.

In: bytes. Out: DocumentText.
"""


import pypdfium2

from chatwright.knowledge.loaders.draft import TextDraft
from chatwright.knowledge.loaders.limits import LoadLimits
from chatwright.messages import DocumentText


def load_pdf(content: bytes, source: str, limits: LoadLimits) -> DocumentText:
    document = pypdfium2.PdfDocument(content)
    draft = TextDraft(limits.max_text_chars)
    for page in document:
        for line in page.get_textpage().get_text_range().splitlines():
            draft.paragraph(line)
    return draft.finish(source, ())
