"""The public fake of a language model: says what it is told to, and can be told to fail, to be busy and to wait.

In: replies, or a function from messages to a reply. Out: an Engine whose every call is on record. Loads nothing,
counts words as tokens (each Chinese character is one), and gives the same output for the same input always.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from chatwright.engines.option_rules import check_options, context_length_exceeded
from chatwright.engines.text_stream import StopFilter
from chatwright.errors import ChatwrightError, EngineError
from chatwright.messages import Delta, FinishReason, GenerateOptions, Message, TokenLogprob, Usage

# A Chinese, Japanese or Korean character, or a word, or another sign, with the white space before it.
_TOKEN = re.compile(r"\s*(?:[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[A-Za-z0-9_]+|[^\s\w]|\w)|\s+")
_TOKENS_PER_MESSAGE = 4  # role and separators, as chat templates add

Replies = Sequence[str] | Callable[[Sequence[Message]], str]


def split_tokens(text: str) -> list[str]:
    """The scripted engine's tokens of a text; joined they are the text."""
    return _TOKEN.findall(text)


@dataclass(slots=True)
class ScriptedCall:
    """One call as it happened. `text` grows while it is streamed; finish_reason is None until it ended."""

    messages: tuple[Message, ...]
    options: GenerateOptions
    text: str = ""
    finish_reason: FinishReason | None = None

    @property
    def was_cancelled(self) -> bool:
        return self.finish_reason == "cancelled"


class ScriptedEngine:
    """Answers call n with reply n (from the first again after the last), or with what the function returns.

    fail_with: raised by every call while set; `fail_after_tokens` of the reply come first.
    is_busy: calls raise EngineError 429 with `retry_after_s` 1 while true.
    gate: each call waits for this event before its first token. `token_delay_s`: wait before each token.
    """

    def __init__(
        self,
        replies: Replies,
        *,
        model: str = "scripted",
        num_ctx: int = 4096,
        gate: asyncio.Event | None = None,
        token_delay_s: float = 0.0,
    ) -> None:
        if not callable(replies) and (isinstance(replies, str) or not replies):
            raise ValueError(f"replies must be a sequence of at least one text, or a function, not {replies!r}")
        self.model = model
        self.num_ctx = num_ctx
        self.gate = gate
        self.token_delay_s = token_delay_s
        self.fail_with: ChatwrightError | None = None
        self.fail_after_tokens = 0
        self.is_busy = False
        self.is_closed = False
        self.calls: list[ScriptedCall] = []
        self._replies = replies

    @property
    def num_cancelled(self) -> int:
        return sum(call.was_cancelled for call in self.calls)

    async def generate(self, messages: Sequence[Message], options: GenerateOptions) -> AsyncIterator[Delta]:
        """Streams the scripted reply a token at a time; the last delta has finish_reason and usage."""
        check_options(options)
        self._refuse_when_busy()
        prompt_tokens = await self.count_tokens(messages)
        if prompt_tokens + options.max_new_tokens > self.num_ctx:
            raise context_length_exceeded(prompt_tokens, options.max_new_tokens, self.num_ctx)
        call = ScriptedCall(messages=tuple(messages), options=options)
        self.calls.append(call)
        try:
            async for delta in self._stream(call, prompt_tokens):
                yield delta
        finally:
            if call.finish_reason is None:
                call.finish_reason = "cancelled"

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        """Words and characters of all messages, and four for each message."""
        return sum(len(split_tokens(message.content)) + _TOKENS_PER_MESSAGE for message in messages)

    async def close(self) -> None:
        self.is_closed = True

    def _refuse_when_busy(self) -> None:
        if self.is_closed:
            raise EngineError(f"The engine of {self.model!r} is closed.", code="engine_closed")
        if self.is_busy:
            message = f"The model {self.model!r} is busy."
            raise EngineError(message, hint="Try again in 1 s.", code="queue_full", status=429, retry_after_s=1)

    def _reply(self, messages: Sequence[Message]) -> str:
        if callable(self._replies):
            return self._replies(messages)
        return self._replies[(len(self.calls) - 1) % len(self._replies)]

    async def _stream(self, call: ScriptedCall, prompt_tokens: int) -> AsyncIterator[Delta]:
        if self.gate is not None:
            await self.gate.wait()
        options, stops, num_tokens = call.options, StopFilter(call.options.stop), 0
        tokens = split_tokens(self._reply(call.messages))
        for token in tokens[: options.max_new_tokens]:
            await self._before_token(num_tokens)
            num_tokens += 1
            text = stops.feed(token)
            call.text += text
            if text or options.logprobs is not None:
                yield Delta(text=text, logprobs=_certain(token, options))
            if stops.has_stopped:
                break
        await self._before_token(num_tokens)
        rest = stops.flush()
        call.text += rest
        is_cut = num_tokens < len(tokens) and not stops.has_stopped
        call.finish_reason = "length" if is_cut else "stop"
        usage = Usage(prompt_tokens=prompt_tokens, completion_tokens=num_tokens)
        yield Delta(text=rest, finish_reason=call.finish_reason, usage=usage)

    async def _before_token(self, num_tokens: int) -> None:
        if self.token_delay_s:
            await asyncio.sleep(self.token_delay_s)
        if self.fail_with is not None and num_tokens >= self.fail_after_tokens:
            raise self.fail_with


def _certain(token: str, options: GenerateOptions) -> tuple[TokenLogprob, ...]:
    if options.logprobs is None:
        return ()
    top = ((token, 0.0),) if options.logprobs else ()
    return (TokenLogprob(token=token, logprob=0.0, token_bytes=token.encode(), top=top),)
