"""Runs one model with OpenVINO GenAI's continuous batching. Lives in the engine's child process only.

In: messages, options, token ids. Out: pieces of text, token by token, for all running requests at once. Never reads
a socket, never waits; `step()` computes one batch and may take some hundred milliseconds.

What the library does not tell: alternatives to the chosen token (`top` holds the chosen one only, where it is certainly
the likeliest; `option_rules.check_alternatives` refuses to be asked for more) and what its prefix cache reused
(`PrefixBlocks` keeps the same books).
"""

import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import openvino_genai as genai

from chatwright.engines.option_rules import context_length_exceeded
from chatwright.engines.prefix_blocks import PrefixBlocks
from chatwright.engines.text_stream import StopFilter, TokenText
from chatwright.errors import EngineError, RequestError
from chatwright.messages import Delta, FinishReason, GenerateOptions, Message, TokenLogprob, Usage

# No token of the vocabularies in use stands for more characters than this, so a longer text cannot fit.
_MAX_CHARS_PER_TOKEN = 128
_BYTES_PER_GB = 1024**3
_MAX_SCORES = 4096
_MAX_FRESH_STARTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenVinoSettings:
    """How to run a model. num_ctx: tokens of prompt and reply. slots: requests computed at once.

    cache_size_gb: memory of the key-value cache, shared by all requests. num_batched_tokens: most tokens of one step,
    which bounds how long a cancellation or a new request waits.
    """

    num_ctx: int = 4096
    slots: int = 8
    cache_size_gb: int = 1
    num_batched_tokens: int = 256
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Running:
    """A request inside the pipeline."""

    id: int
    handle: Any
    prompt_ids: list[int]
    options: GenerateOptions
    cached_tokens: int
    text: TokenText
    stops: StopFilter
    ids: list[int] = field(default_factory=list)
    has_remembered_prompt: bool = False


class OpenVinoModel:
    """A loaded model and the requests it is working on."""

    def __init__(self, model_dir: Path, settings: OpenVinoSettings) -> None:
        self.settings = settings
        self._model_dir = model_dir
        self._running: dict[int, _Running] = {}
        self._token_bytes: dict[int, bytes] | None = None
        self._scores: OrderedDict[tuple[int, tuple[int, ...]], float] = OrderedDict()
        self._load()

    def _load(self) -> None:
        scheduler = genai.SchedulerConfig()
        scheduler.enable_prefix_caching = True
        scheduler.dynamic_split_fuse = True
        scheduler.cache_size = self.settings.cache_size_gb
        scheduler.max_num_batched_tokens = self.settings.num_batched_tokens
        scheduler.max_num_seqs = self.settings.slots
        properties = dict(self.settings.properties)
        self._pipeline = genai.ContinuousBatchingPipeline(self._model_dir, scheduler, "CPU", properties)
        self._tokenizer = self._pipeline.get_tokenizer()
        self._eos_ids = set(self._pipeline.get_config().stop_token_ids)
        self._prefixes = PrefixBlocks(self._num_blocks())

    def reload(self) -> None:
        """Starts anew after `step` has raised: the library cannot go on. Requests that were running are lost."""
        self._running.clear()
        del self._pipeline, self._tokenizer
        self._load()

    def warm_up(self) -> None:
        """Computes one token, so that the first request finds memory and kernels ready."""
        self._echo(self.encode("Hello, 你好"), is_scored=False)

    @property
    def has_work(self) -> bool:
        return bool(self._running)

    def render(self, messages: Sequence[Message]) -> str:
        """The prompt by the model's own chat template. Raises RequestError when the template refuses the messages."""
        turns = [{"role": message.role, "content": message.content} for message in messages]
        size = sum(len(message.content) for message in messages)
        if size > self.settings.num_ctx * _MAX_CHARS_PER_TOKEN:
            raise context_length_exceeded(size // _MAX_CHARS_PER_TOKEN, 1, self.settings.num_ctx)
        try:
            return str(self._tokenizer.apply_chat_template(turns, add_generation_prompt=True))
        except RuntimeError as err:
            message = "The model's chat template does not accept these messages."
            raise RequestError(message, hint="Check their roles and order.", code="invalid_messages") from err

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).input_ids.data[0].tolist()
        return ids

    def submit(self, request_id: int, messages: Sequence[Message], options: GenerateOptions) -> None:
        """Adds a request to the batch. Raises RequestError when it does not fit the context."""
        ids = self.encode(self.render(messages))
        if len(ids) + options.max_new_tokens > self.settings.num_ctx:
            raise context_length_exceeded(len(ids), options.max_new_tokens, self.settings.num_ctx)
        handle = self._pipeline.add_request(request_id, _tensor(ids), generation_config(options))
        self._running[request_id] = _Running(
            id=request_id,
            handle=handle,
            prompt_ids=ids,
            options=options,
            cached_tokens=self._prefixes.cached_tokens(ids),
            text=TokenText(self._decode),
            stops=StopFilter(options.stop),
        )

    def cancel(self, request_id: int) -> bool:
        """Takes a request out of the batch; False when it had already ended."""
        running = self._running.pop(request_id, None)
        if running is None:
            return False
        self._drop(running)
        return True

    def step(self) -> list[tuple[int, Delta | EngineError]]:
        """Computes one batch; what each request got from it. The last of a request has a finish_reason or is an error.

        Raises RuntimeError when the pipeline is broken; it cannot be used again then.
        """
        self._pipeline.step()
        results: list[tuple[int, Delta | EngineError]] = []
        for running in list(self._running.values()):
            results += [(running.id, result) for result in self._collect(running)]
        return results

    def score(self, prompt: str, continuation: str) -> float:
        """Mean natural-log probability per token of `continuation` after `prompt`; only while nothing else runs."""
        prompt_ids, scored_ids = self.encode(prompt), self.encode(continuation)
        if not prompt_ids or not scored_ids:
            message = "Scoring needs a prompt and a continuation that are not empty."
            raise RequestError(message, code="invalid_option", param="continuation")
        ids = prompt_ids + scored_ids
        if len(ids) >= self.settings.num_ctx:
            raise context_length_exceeded(len(ids), 1, self.settings.num_ctx)
        key = (len(prompt_ids), tuple(ids))
        if key not in self._scores:
            self._scores[key] = float(np.mean(self._logprobs_after(prompt_ids, scored_ids)))
            if len(self._scores) > _MAX_SCORES:
                self._scores.popitem(last=False)
        return self._scores[key]

    def _logprobs_after(self, prompt_ids: list[int], scored_ids: list[int]) -> list[float]:
        """The library gives no logits of cached tokens, nor of the first one after them. So all but the last token of
        the prompt goes into the cache first; if more than that was cached, a line break before it makes it new."""
        if len(prompt_ids) > 1:
            self._echo(prompt_ids[:-1], is_scored=False)
        for num_breaks in range(_MAX_FRESH_STARTS):
            logprobs = self._echo(self.encode("\n") * num_breaks + prompt_ids + scored_ids, is_scored=True)
            if len(logprobs) >= len(scored_ids):
                return logprobs[-len(scored_ids) :]
        raise EngineError("The engine gave no log-probabilities for this text.", code="score_failed")

    def _echo(self, ids: list[int], *, is_scored: bool) -> list[float]:
        """Log-probabilities of the last tokens of `ids`: of those that were not cached, but for the first of them."""
        settings = genai.GenerationConfig(max_new_tokens=1, echo=is_scored, logprobs=int(is_scored))
        handle = self._pipeline.add_request(0, _tensor(ids), settings)
        while self._pipeline.has_non_finished_requests():
            self._pipeline.step()
        self._prefixes.remember(ids)
        logprobs = [value for output in handle.read().values() for value in output.generated_log_probs]
        return logprobs[:-1]  # without the one new token

    def _drop(self, running: _Running) -> None:
        running.handle.cancel()
        if self._pipeline.has_non_finished_requests():
            self._pipeline.step()  # a cancelled request's blocks are freed in the next step

    def _collect(self, running: _Running) -> list[Delta | EngineError]:
        results: list[Delta | EngineError] = []
        while running.handle.can_read():
            for output in running.handle.read().values():
                results += self._take(running, output)
                if running.id not in self._running:
                    return results
        if running.handle.get_status() == genai.GenerationStatus.IGNORED:
            del self._running[running.id]
            message = "The engine's key-value cache is too small for this request."
            results.append(EngineError(message, hint="Raise cache_size_gb or shorten the prompt.", code="cache_full"))
        return results

    def _take(self, running: _Running, output: Any) -> list[Delta]:
        self._remember_prompt(running)
        pieces: list[str] = []
        logprobs: list[TokenLogprob] = []
        for token_id, logprob in zip(output.generated_ids, output.generated_log_probs, strict=True):
            running.ids.append(token_id)
            pieces.append(running.stops.feed(running.text.feed(token_id)))
            if running.stops.has_stopped:
                break
            if running.options.logprobs is not None and token_id not in self._eos_ids:
                logprobs.append(self._token_logprob(token_id, logprob, running.options))
        reason = _finish_reason(running, output)
        if reason is not None:
            pieces += [running.stops.feed(running.text.flush()), running.stops.flush()]
        text = "".join(pieces)
        if reason is not None:
            return [self._finish(running, text, tuple(logprobs), reason)]
        return [Delta(text=text, logprobs=tuple(logprobs))] if text or logprobs else []

    def _finish(self, running: _Running, text: str, logprobs: tuple[TokenLogprob, ...], reason: FinishReason) -> Delta:
        self._prefixes.remember(running.prompt_ids + running.ids[:-1])
        del self._running[running.id]
        if running.stops.has_stopped:
            self._drop(running)
        usage = Usage(
            prompt_tokens=len(running.prompt_ids),
            completion_tokens=len(running.ids),
            cached_tokens=running.cached_tokens,
        )
        return Delta(text=text, logprobs=logprobs, finish_reason=reason, usage=usage)

    def _remember_prompt(self, running: _Running) -> None:
        if not running.has_remembered_prompt:
            self._prefixes.remember(running.prompt_ids)
            running.has_remembered_prompt = True

    def _decode(self, ids: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(ids))) if ids else ""

    def _token_logprob(self, token_id: int, logprob: float, options: GenerateOptions) -> TokenLogprob:
        token_bytes = self._bytes_of(token_id)
        token = token_bytes.decode("utf-8", "replace")
        is_likeliest = options.temperature == 0 and options.json_schema is None and options.regex is None
        is_likeliest = is_likeliest and options.presence_penalty == 0 and options.frequency_penalty == 0
        top = ((token, logprob),) if options.logprobs and is_likeliest else ()
        return TokenLogprob(token=token, logprob=logprob, token_bytes=token_bytes, top=top)

    def _bytes_of(self, token_id: int) -> bytes:
        text = str(self._tokenizer.decode([token_id], skip_special_tokens=False))
        if text and "\ufffd" not in text:
            return text.encode()
        if self._token_bytes is None:
            self._token_bytes = {number: spelled for spelled, number in self._tokenizer.get_vocab().items()}
        return self._token_bytes.get(token_id, b"")

    def _num_blocks(self) -> int:
        block_bytes = 233_422  # measured for the default model; the count only bounds our books, not the cache
        return self.settings.cache_size_gb * _BYTES_PER_GB // block_bytes


def generation_config(options: GenerateOptions) -> Any:
    """The library's configuration for `options`, but for stop strings, which `StopFilter` watches for."""
    settings = genai.GenerationConfig(max_new_tokens=options.max_new_tokens)
    settings.logprobs = 0 if options.logprobs is None else 1
    settings.presence_penalty = options.presence_penalty
    settings.frequency_penalty = options.frequency_penalty
    if options.temperature > 0:
        settings.do_sample = True
        settings.temperature = options.temperature
        settings.top_p = options.top_p
        settings.rng_seed = secrets.randbits(63) if options.seed is None else options.seed % 2**64
    if options.json_schema is not None or options.regex is not None:
        constraint = genai.StructuredOutputConfig()
        constraint.json_schema = options.json_schema
        constraint.regex = options.regex
        settings.structured_output_config = constraint
    return settings


def _finish_reason(running: _Running, output: Any) -> FinishReason | None:
    if running.stops.has_stopped or output.finish_reason == genai.GenerationFinishReason.STOP:
        return "stop"
    return "length" if output.finish_reason == genai.GenerationFinishReason.LENGTH else None


def _tensor(ids: Sequence[int]) -> Any:
    return ov.Tensor(np.array([ids], dtype=np.int64))  # (1, tokens)
