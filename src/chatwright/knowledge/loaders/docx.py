"""Reads .docx: through mammoth to HTML, then as a page.

In: bytes. Out: DocumentText. Hidden runs and deleted text are left out; nothing outside the file is opened.
"""

import io
import re
import zipfile
from xml.parsers.expat import ExpatError

import mammoth
from lxml import etree

from chatwright.knowledge.loaders.archive import BROKEN, open_archive
from chatwright.knowledge.loaders.html import document_of_html
from chatwright.knowledge.loaders.limits import LoadLimits, Unreadable
from chatwright.messages import DocumentText

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STYLES = "\n".join(
    [
        "p[style-name='Title'] => h1:fresh",
        "p[style-name='标题'] => h1:fresh",
        "p[style-name='Subtitle'] => p:fresh",
        *(f"p[style-name='标题 {level}'] => h{level}:fresh" for level in range(1, 7)),
    ]
)


def load_docx(content: bytes, source: str, limits: LoadLimits) -> DocumentText:
    """Raises Unreadable when it is encrypted, damaged, a bomb, or declares entities."""
    archive = open_archive(content, ".docx", limits)
    try:
        page = mammoth.convert_to_html(
            _without_hidden_runs(archive), style_map=_STYLES, convert_image=mammoth.images.img_element(lambda _: {})
        ).value
        title = _core_title(archive)
    except (*BROKEN, etree.XMLSyntaxError, ExpatError, AttributeError, IndexError, TypeError) as error:
        raise Unreadable("is damaged", "Open it in its program and save it again.") from error
    return document_of_html(re.sub(r"<img\b[^>]*>", "", page), source, limits, (title,))


def _without_hidden_runs(archive: zipfile.ZipFile) -> io.BytesIO:
    """The same file without runs that Word does not show."""
    rewritten = io.BytesIO()
    with zipfile.ZipFile(rewritten, "w") as target:
        for entry in archive.infolist():
            part = archive.read(entry)
            if entry.filename == "word/document.xml" and b"vanish" in part:
                part = _drop_hidden(part)
            target.writestr(entry.filename, part)
    rewritten.seek(0)
    return rewritten


def _drop_hidden(part: bytes) -> bytes:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    tree = etree.fromstring(part, parser)
    for mark in list(tree.iter(f"{_WORD}vanish")):
        run = mark.getparent().getparent()
        is_on = mark.get(f"{_WORD}val", "true") not in ("0", "false", "off")
        if is_on and run is not None and run.tag == f"{_WORD}r":
            run.getparent().remove(run)
    return bytes(etree.tostring(tree))


def _core_title(archive: zipfile.ZipFile) -> str:
    if "docProps/core.xml" not in archive.namelist():
        return ""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    found = etree.fromstring(archive.read("docProps/core.xml"), parser).find("{http://purl.org/dc/elements/1.1/}title")
    title = (found.text or "").strip() if found is not None else ""
    return "" if title.lower() in ("word document", "document") else title
