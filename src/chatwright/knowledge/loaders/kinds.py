"""Which kinds of files are read, and how a file shows that it is what its name says.

In: a suffix and bytes. Out: the loader's answer. Each loader is imported when its kind is first met: a process that
reads only Markdown never loads a PDF library.
"""

from importlib import import_module
from typing import Protocol, cast

from chatwright.knowledge.loaders.limits import LoadLimits, Unreadable
from chatwright.messages import DocumentText

_LOADERS = {
    ".md": ("markdown", "load_markdown"),
    ".txt": ("plain", "load_plain"),
    ".html": ("html", "load_html"),
    ".htm": ("html", "load_html"),
    ".csv": ("csv_table", "load_csv"),
    ".pdf": ("pdf", "load_pdf"),
    ".docx": ("docx", "load_docx"),
    ".xlsx": ("xlsx", "load_xlsx"),
    ".pptx": ("pptx", "load_pptx"),
}
SUPPORTED_SUFFIXES = frozenset(_LOADERS)
_OFFICE = frozenset({".docx", ".xlsx", ".pptx"})
_MAGICS = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip archive or an Office document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or encrypted Office document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"{\\rtf", "a rich text document"),
)


class _Load(Protocol):
    def __call__(self, content: bytes, source: str, limits: LoadLimits) -> DocumentText: ...


def load_content(content: bytes, suffix: str, source: str, limits: LoadLimits) -> DocumentText:
    """Raises Unreadable when the bytes are not what `suffix` says, or the loader cannot read them."""
    check_kind(content, suffix)
    module_name, function_name = _LOADERS[suffix]
    module = import_module(f"chatwright.knowledge.loaders.{module_name}")
    return cast(_Load, getattr(module, function_name))(content, source, limits)


def check_kind(content: bytes, suffix: str) -> None:
    """Looks at the first bytes only; what is inside an archive is the archive's matter."""
    if not content.strip():
        raise Unreadable("is empty", "Write something into it, or remove it.")
    found = next((name for magic, name in _MAGICS if content.startswith(magic)), "")
    if suffix == ".pdf":
        is_right = b"%PDF-" in content[:1024]
    elif suffix in _OFFICE:
        is_right = content.startswith(b"PK\x03\x04")
        if found.startswith("an old"):
            raise Unreadable("is encrypted, or in the format before 2007", f"Save it as {suffix} without a password.")
    else:
        is_right = not found
    if not is_right:
        what = f"{found} by its content" if found else "of another kind by its content"
        raise Unreadable(f"is {what}, not {suffix}", "Give it the ending of what it is.")
