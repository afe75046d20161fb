"""Makes a conversation fit a bare model's window: the oldest turns go, system messages and the last turn never."""

from collections.abc import Sequence

from chatwright.errors import RequestError
from chatwright.messages import Message
from chatwright.protocols import Engine

_FEWEST_NEW_TOKENS = 16


async def fit_to_context(
    engine: Engine, messages: Sequence[Message], *, max_new_tokens: int, may_shorten: bool
) -> tuple[list[Message], int]:
    """The messages that fit beside `max_new_tokens`, and how many new tokens there is room for.

    may_shorten: the caller named no length, so the reply may be given less room before anything is refused.
    Raises RequestError 400 context_length_exceeded, with counts, when the last message alone does not fit.
    """
    fewest = min(_FEWEST_NEW_TOKENS, max_new_tokens) if may_shorten else max_new_tokens
    rules = [message for message in messages if message.role == "system"]
    turns = [message for message in messages if message.role != "system"]
    starts = [index for index, turn in enumerate(turns) if turn.role == "user"] or [0]

    async def tokens_from(start: int) -> int:
        return await engine.count_tokens([*rules, *turns[start:]])

    num_tokens = await engine.count_tokens(messages)
    if num_tokens + fewest <= engine.num_ctx:
        return list(messages), min(max_new_tokens, engine.num_ctx - num_tokens)
    low, high = 0, len(starts) - 1  # the first start from which everything fits; fewer turns are fewer tokens
    while low < high:
        middle = (low + high) // 2
        if await tokens_from(starts[middle]) + fewest <= engine.num_ctx:
            high = middle
        else:
            low = middle + 1
    num_tokens = await tokens_from(starts[low])
    if num_tokens + fewest > engine.num_ctx:
        raise RequestError(
            f"This model's context is {engine.num_ctx} tokens; the last message takes {num_tokens} "
            f"and the reply may take {fewest}.",
            hint="Shorten the message, or lower max_tokens.",
            code="context_length_exceeded",
            param="messages",
        )
    return [*rules, *turns[starts[low] :]], min(max_new_tokens, engine.num_ctx - num_tokens)
