"""Counts how many tokens of a prompt the engine's prefix cache already holds.

OpenVINO GenAI keeps its key-value cache in blocks of 32 tokens, each known by the hash of everything up to its end,
and forgets the least recently used; it does not say what it reused. This keeps the same books beside it.
In: token ids. Out: a count. Never sees text.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence

BLOCK_TOKENS = 32


class PrefixBlocks:
    """The prefixes that `num_blocks` blocks of cache can still hold."""

    def __init__(self, num_blocks: int) -> None:
        self._num_blocks = num_blocks
        self._ends: OrderedDict[int, None] = OrderedDict()

    def cached_tokens(self, ids: Sequence[int]) -> int:
        """Tokens at the start of `ids` that are cached; less than all, because the last one is always computed."""
        cached = 0
        for end, key in _block_ends(ids):
            if key in self._ends:
                cached = end
            elif end % BLOCK_TOKENS == 0:
                break
        return min(cached, len(ids) - 1)

    def remember(self, ids: Sequence[int]) -> None:
        """Says that the keys and values of `ids` have been computed."""
        whole = len(ids) // BLOCK_TOKENS * BLOCK_TOKENS
        for end, key in _block_ends(ids):
            if end % BLOCK_TOKENS == 0 or (end > whole and end == len(ids)):
                self._ends[key] = None
                self._ends.move_to_end(key)
        while len(self._ends) > self._num_blocks:
            self._ends.popitem(last=False)


def _block_ends(ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Every position at which a block may end, full or partly filled, with the key of all tokens before it."""
    before = 0
    for start in range(0, len(ids), BLOCK_TOKENS):
        block = tuple(ids[start : start + BLOCK_TOKENS])
        for length in range(1, len(block)):
            yield start + length, hash((before, block[:length]))
        before = hash((before, block))
        yield start + len(block), before
