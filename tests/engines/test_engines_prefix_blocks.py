"""The books of the prefix cache."""

import pytest

from chatwright.engines.prefix_blocks import BLOCK_TOKENS, PrefixBlocks

LONG = list(range(3 * BLOCK_TOKENS + 5))


@pytest.mark.parametrize(
    ("known", "prompt", "cached"),
    [
        ([], LONG, 0),
        ([LONG], LONG, len(LONG) - 1),
        ([LONG], [*LONG, 7, 8], len(LONG)),
        ([LONG], [*LONG[:70], 999, *LONG[71:]], 64),
        ([LONG], [999, *LONG[1:]], 0),
        ([[1, 2, 3]], [1, 2, 3, 4], 3),
        ([[1, 2, 3]], [1, 2, 4], 0),
        ([LONG], LONG[:BLOCK_TOKENS], BLOCK_TOKENS - 1),
    ],
)
def test_whole_blocks_and_a_last_partial_one_are_found(known, prompt, cached):
    blocks = PrefixBlocks(100)
    for ids in known:
        blocks.remember(ids)
    assert blocks.cached_tokens(prompt) == cached


def test_the_least_recently_used_is_forgotten():
    blocks = PrefixBlocks(2)
    for first in (1, 2, 3):
        blocks.remember([first] * BLOCK_TOKENS)
    assert [blocks.cached_tokens([first] * BLOCK_TOKENS + [0]) for first in (1, 2, 3)] == [
        0,
        BLOCK_TOKENS,
        BLOCK_TOKENS,
    ]
