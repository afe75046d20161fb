"""Makes a conversation fit a bare model's window, by the policy of `dialogue/prompt.py`."""

from collections.abc import Sequence

from chatwright.dialogue.prompt import fit_history
from chatwright.errors import RequestError
from chatwright.messages import Message
from chatwright.protocols import Engine

_FEWEST_NEW_TOKENS = 16


async def fit_to_context(
    engine: Engine, messages: Sequence[Message], *, max_new_tokens: int, may_shorten: bool
) -> tuple[list[Message], int]:
    """The messages that fit beside `max_new_tokens`, and how many new tokens there is room for.

    may_shorten: the caller named no length, so the reply may be given less room before anything is left out.
    Raises RequestError 400 context_length_exceeded when the last turn alone does not fit.
    """
    fewest = min(_FEWEST_NEW_TOKENS, max_new_tokens) if may_shorten else max_new_tokens
    num_tokens = 0  # of what was counted last: what is kept

    async def count(some: Sequence[Message]) -> int:
        nonlocal num_tokens
        try:
            num_tokens = await engine.count_tokens(some)
        except RequestError as err:
            if err.code != "context_length_exceeded":
                raise
            num_tokens = engine.num_ctx + 1  # the engine sees without counting that it is too much
        return num_tokens

    kept = await fit_history(messages, count, engine.num_ctx, fewest)
    return kept, min(max_new_tokens, engine.num_ctx - num_tokens)
