"""Turns the bytes of a text file into text, and refuses what is not text.

In: bytes. Out: text. UTF-8, UTF-16 with its mark, and GB18030 when that gives plausible Chinese; never a guess that
leaves replacement characters in an answer.
"""

import codecs
import re

from chatwright.knowledge.loaders.limits import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MIN_COMMON_SHARE = 0.7  # of random pairs of high bytes about 0.3 fall into the common block of GB 2312


def decode_text(content: bytes) -> str:
    """Raises Unreadable naming the first byte that is not text."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decode_marked(content, encoding)
    if _BINARY.search(content[:65536]) or b"\0" in content:
        raise Unreadable("is binary, not text", "Give it the ending of what it is, or leave it out.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        chinese = _decode_chinese(content)
        if chinese is None:
            raise Unreadable(f"is not valid UTF-8 at byte {error.start:,}", "Save it as UTF-8.") from error
        return chinese


def _decode_marked(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"is not valid {encoding.removesuffix('-sig').upper()} at byte {error.start:,}", "Save it as UTF-8."
        ) from error


def _decode_chinese(content: bytes) -> str | None:
    """The text when GB18030 makes ordinary Chinese of it, None otherwise."""
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        return None
    foreign = [character for character in text[:20_000] if character > "\x7f"]
    common = sum(1 for character in foreign if _is_common(character))
    return text if foreign and common >= _MIN_COMMON_SHARE * len(foreign) else None


def _is_common(character: str) -> bool:
    try:
        return len(character.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False
