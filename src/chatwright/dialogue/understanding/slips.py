"""Mends slips of the keyboard in the words that matter: "i wnat to retrun it" reads "i want to return it".

In: the words that flows are described by, once; then messages. Out: the message as it was probably meant. A Latin word
is taken for another only when two neighbours in it are swapped, or one letter is missing, doubled or wrong, and both
begin alike; ordinary short words, names and codes stay as they are. Never used for a value, only to find what is meant.
"""

import re
from collections.abc import Iterable

from chatwright.language.fold import fold

_WORD = re.compile(r"(?<![\w@.-])[A-Za-z]{4,20}(?![\w@-])")
_FEWEST_CHARS = 6  # of a word of which a letter is missing or wrong; a swap is seen in shorter ones too
_MAX_CHARS = 600
# What visitors write around the words of a flow, and what must not be taken for one of its words.
_ORDINARY = frozenset(
    """want need would like have this that with about please could should where when what which because from form order
    older other phone parcel where's there their they then than thing think three back been before after
    again""".split()  # noqa: SIM905 - a word list reads best as words
)


class Slips:
    """The words of a bot folder's flows. texts: their names, descriptions and examples."""

    def __init__(self, texts: Iterable[str]) -> None:
        words = {match[0] for text in texts for match in _WORD.finditer(fold(text))}
        self._known = frozenset(words | _ORDINARY)
        self._places: dict[str, list[str]] = {}
        for word in sorted(self._known):
            self._places.setdefault(word[0], []).append(word)

    def mend(self, text: str) -> str:
        """The message with its slips mended; the same text when there are none."""
        if len(text) > _MAX_CHARS:
            return text
        return _WORD.sub(lambda match: self._meant(match[0]), text)

    def _meant(self, word: str) -> str:
        folded = word.lower()
        if folded in self._known or folded.rstrip("s") in self._known:
            return word
        near = [known for known in self._places.get(folded[0], ()) if _is_slip(folded, known)]
        return near[0] if len(near) == 1 else word


def _is_slip(word: str, known: str) -> bool:
    """True when one slip makes `known` of `word`."""
    if abs(len(word) - len(known)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(word, known, strict=False)) if a != b), min(len(word), len(known)))
    if word[start + 1 : start + 2] + word[start : start + 1] == known[start : start + 2]:
        return word[start + 2 :] == known[start + 2 :] and len(word) == len(known)
    if min(len(word), len(known)) < _FEWEST_CHARS:
        return False
    rests = (
        (word[start + 1 :], known[start + 1 :]),
        (word[start:], known[start + 1 :]),
        (word[start + 1 :], known[start:]),
    )
    return any(a == b for a, b in rests) and not known.startswith(word) and not word.startswith(known)
