"""Words answers as OpenAI's chat completion objects, whole and in chunks. Pure: deltas in, JSON values out."""

import math
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatwright.bot.record import fields_of
from chatwright.messages import Delta, FinishReason, Reply, TokenLogprob, Usage
from chatwright.server.stream import DONE, closing, event

_VERY_UNLIKELY = -9999.0  # stands for minus infinity, which JSON does not have


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What all chunks of one answer share. created: seconds since 1970."""

    model: str
    has_logprobs: bool = False
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    async def chunks(self, deltas: AsyncIterator[Delta], *, include_usage: bool) -> AsyncIterator[bytes]:
        """The answer as server-sent events, `[DONE]` last."""
        yield_usage: dict[str, Any] = {"usage": None} if include_usage else {}
        ending = Delta()
        is_first = True
        async with closing(deltas) as source:
            async for delta in source:
                if delta.text or delta.logprobs or is_first:
                    yield event(self._chunk(self._choice(delta, is_first=is_first)) | yield_usage)
                    is_first = False
                if delta.finish_reason is not None:
                    ending = delta
        last = {"index": 0, "delta": {}, "finish_reason": _finish(ending.finish_reason), "logprobs": None}
        yield event(self._chunk(last) | yield_usage | _extension(ending.reply))
        if include_usage:
            yield event(self._chunk(None) | {"usage": usage_json(_usage(ending))})
        yield DONE

    async def whole(self, deltas: AsyncIterator[Delta]) -> dict[str, Any]:
        """The answer as one object."""
        texts: list[str] = []
        logprobs: list[TokenLogprob] = []
        ending = Delta()
        async with closing(deltas) as source:
            async for delta in source:
                texts.append(delta.text)
                logprobs += delta.logprobs
                if delta.finish_reason is not None:
                    ending = delta
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": "".join(texts), "refusal": None},
            "finish_reason": _finish(ending.finish_reason),
            "logprobs": logprobs_json(logprobs) if self.has_logprobs else None,
        }
        return {
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [choice],
            "usage": usage_json(_usage(ending)),
        } | _extension(ending.reply)

    def _chunk(self, choice: dict[str, Any] | None) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": [] if choice is None else [choice],
        }

    def _choice(self, delta: Delta, *, is_first: bool) -> dict[str, Any]:
        content = {"role": "assistant", "content": delta.text} if is_first else {"content": delta.text}
        logprobs = logprobs_json(delta.logprobs) if self.has_logprobs else None
        return {"index": 0, "delta": content, "finish_reason": None, "logprobs": logprobs}


def usage_json(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def logprobs_json(tokens: Sequence[TokenLogprob]) -> dict[str, Any]:
    return {
        "content": [
            {
                "token": token.token,
                "logprob": _finite(token.logprob),
                "bytes": list(token.token_bytes or token.token.encode("utf-8", "surrogatepass")),
                "top_logprobs": [
                    {
                        "token": other,
                        "logprob": _finite(logprob),
                        "bytes": list(other.encode("utf-8", "surrogatepass")),
                    }
                    for other, logprob in token.top
                ],
            }
            for token in tokens
        ],
        "refusal": None,
    }


def _finite(logprob: float) -> float:
    return logprob if math.isfinite(logprob) else _VERY_UNLIKELY


def _finish(reason: FinishReason | None) -> str:
    # OpenAI has no word for "cut by the server"; `length` is how its clients know an answer is not whole.
    return "length" if reason in (None, "cancelled") else str(reason)


def _usage(ending: Delta) -> Usage:
    return ending.usage or (ending.reply.usage if ending.reply else Usage())


def _extension(reply: Reply | None) -> dict[str, Any]:
    """Our own key, beside OpenAI's: what a bot's answer rests on."""
    if reply is None:
        return {}
    return {
        "chatwright": {
            "citations": [fields_of(citation) for citation in reply.citations],
            "outcome": reply.outcome,
            "conversation": reply.conversation,
            "turn": reply.turn,
        }
    }
