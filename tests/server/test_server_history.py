"""What is left of a conversation when a model's window is too small for it."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatwright.engines.scripted import ScriptedEngine
from chatwright.errors import RequestError
from chatwright.messages import Message
from chatwright.server.history import fit_to_context

TURN = st.tuples(st.integers(0, 60), st.integers(0, 60))


class Impatient(ScriptedEngine):
    """Refuses to count what is obviously too much, as the engine in its own process does."""

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        num_tokens = await super().count_tokens(messages)
        if num_tokens > self.num_ctx * 2:
            raise RequestError("Too long.", code="context_length_exceeded")
        return num_tokens


def conversation(turns: list[tuple[int, int]], last_words: int, num_rules: int) -> list[Message]:
    messages = [Message(role="system", content="rule " * 3)] * num_rules
    for asked, answered in turns:
        messages.append(Message(role="user", content="a " * asked))
        messages.append(Message(role="assistant", content="b " * answered))
    return [*messages, Message(role="user", content="last " * last_words)]


@settings(deadline=None)  # the machine may be busy
@given(
    st.lists(TURN, max_size=8),
    st.integers(0, 120),
    st.integers(0, 2),
    st.integers(1, 120),
    st.booleans(),
    st.sampled_from([ScriptedEngine, Impatient]),
)
def test_what_is_kept_is_the_longest_tail_that_fits(
    turns: list[tuple[int, int]],
    last_words: int,
    num_rules: int,
    max_new_tokens: int,
    may_shorten: bool,
    kind: type[ScriptedEngine],
) -> None:
    engine = kind(["x"], num_ctx=128)
    messages = conversation(turns, last_words, num_rules)
    fewest = min(16, max_new_tokens) if may_shorten else max_new_tokens

    def tokens(some: Sequence[Message]) -> int:
        return asyncio.run(ScriptedEngine.count_tokens(engine, some))

    # The slow, obvious way: drop whole turns from the front until it fits.
    rules, rest = messages[:num_rules], messages[num_rules:]
    tails = [[*rules, *rest[2 * index :]] for index in range(len(turns) + 1)]
    expected = next((tail for tail in tails if tokens(tail) + fewest <= 128), None)
    fitted = fit_to_context(engine, messages, max_new_tokens=max_new_tokens, may_shorten=may_shorten)
    if expected is None:
        with pytest.raises(RequestError) as caught:
            asyncio.run(fitted)
        assert caught.value.code == "context_length_exceeded"
        return
    kept, room = asyncio.run(fitted)
    assert kept == expected
    assert fewest <= room <= max_new_tokens
    assert tokens(kept) + room <= 128
