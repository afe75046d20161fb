"""Folds text so that the same words compare equal: width, case, traditional characters, invisible characters.

Folding is for comparing and searching; what is shown and cited is always the original.
"""

import re
import unicodedata
from functools import cache, lru_cache

import opencc

# Zero-width, bidirectional controls, soft hyphen, variation selectors and the tag block: they are never shown, and
# they are how instructions are hidden in text (OWASP LLM01:2026).
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")  # lone surrogates are no text either

MAX_REMEMBERED_CHARS = 2000  # a passage is shorter; keeps what is remembered below some 100 MB whatever visitors send


def strip_invisible(text: str) -> str:
    """`text` without characters that a reader cannot see; newlines and tabs stay."""
    return _CONTROL.sub("", _INVISIBLE.sub("", text))


def fold(text: str) -> str:
    """`text` in compatibility form (NFKC: full width becomes half width), lower case, simplified characters."""
    return _remembered_fold(text) if len(text) <= MAX_REMEMBERED_CHARS else fold_script(text).lower()


@lru_cache(maxsize=4096)  # a turn compares the same text several times over
def _remembered_fold(text: str) -> str:
    return fold_script(text).lower()


def fold_script(text: str) -> str:
    """`fold` without the lower case: for models that tell names by their capitals."""
    folded: str = _to_simplified().convert(unicodedata.normalize("NFKC", strip_invisible(text)))
    return folded


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
