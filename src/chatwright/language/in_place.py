"""Folds text one character for one character, so that a place in the folded text is the same place in the original.

In: text. Out: text of the same length: half width, lower case, simplified characters, plain quotes, every white or
invisible character a space. `fold.fold` compares better and moves places; this one is for reading values with offsets.
"""

from functools import lru_cache

from chatwright.language.fold import fold

_PLAIN = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "～": "~"}


def fold_in_place(text: str) -> str:
    """`text` folded, of the same length."""
    return "".join(map(_fold_character, text))


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    if plain := _PLAIN.get(character):
        return plain
    folded = fold(character)
    if not folded.strip():
        return " "
    return folded if len(folded) == 1 else character
