"""What every engine refuses before it starts: options out of range, named by field. Pure; knows no model."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import orjson

from chatwright.errors import RequestError
from chatwright.messages import GenerateOptions

MAX_LOGPROBS = 20
MAX_STOPS = 16
MAX_STOP_CHARS = 1000
MAX_GRAMMAR_CHARS = 64_000
_SEED_LIMIT = 2**63


def check_options(options: GenerateOptions) -> None:
    """Raises RequestError(code="invalid_option", param=...) for the first option that is out of its range."""
    for param, message in _faults(options):
        raise RequestError(message, hint="Correct the request.", code="invalid_option", param=param)
    _check_grammar(options)


def check_alternatives(options: GenerateOptions) -> None:
    """For engines that tell the chosen token's probability only. Raises RequestError 400 for alternatives to it.

    One is still possible where the chosen token is certainly the likeliest: greedy, unconstrained, without penalties.
    """
    is_greedy = options.temperature == 0 and options.presence_penalty == 0 and options.frequency_penalty == 0
    most = int(is_greedy and options.json_schema is None and options.regex is None)
    if (options.logprobs or 0) > most:
        raise RequestError(
            f"top_logprobs is {options.logprobs}; this engine tells the log-probability of the chosen token only.",
            hint="Use top_logprobs 0; or 1 with temperature 0, without penalties and response_format.",
            code="unsupported_value",
            param="top_logprobs",
        )


def _faults(options: GenerateOptions) -> Iterator[tuple[str, str]]:
    if options.max_new_tokens < 1:
        yield "max_tokens", f"max_new_tokens is {options.max_new_tokens}; it must be at least 1."
    if not 0 <= options.temperature <= 2:
        yield "temperature", f"temperature is {options.temperature}; it must lie in [0, 2]."
    if not 0 < options.top_p <= 1:
        yield "top_p", f"top_p is {options.top_p}; it must lie in (0, 1]."
    for param in ("presence_penalty", "frequency_penalty"):
        if not -2 <= getattr(options, param) <= 2:
            yield param, f"{param} is {getattr(options, param)}; it must lie in [-2, 2]."
    if options.logprobs is not None and not 0 <= options.logprobs <= MAX_LOGPROBS:
        yield "top_logprobs", f"logprobs is {options.logprobs}; it must lie in [0, {MAX_LOGPROBS}]."
    if options.seed is not None and not -_SEED_LIMIT <= options.seed < _SEED_LIMIT:
        yield "seed", f"seed is {options.seed}; it must be a 64-bit integer."
    if len(options.stop) > MAX_STOPS:
        yield "stop", f"{len(options.stop)} stop strings; at most {MAX_STOPS} are allowed."
    if any(len(stop) > MAX_STOP_CHARS for stop in options.stop):
        yield "stop", f"A stop string is longer than {MAX_STOP_CHARS} characters."
    if options.json_schema is not None and options.regex is not None:
        yield "response_format", "json_schema and regex are both set; at most one may be."
    if options.timeout_s <= 0:
        yield "timeout", f"timeout_s is {options.timeout_s}; it must be above 0."


def _check_grammar(options: GenerateOptions) -> None:
    source = options.json_schema if options.json_schema is not None else options.regex
    if source is None:
        return
    if len(source) > MAX_GRAMMAR_CHARS:
        raise _bad_grammar(f"it has {len(source)} characters, more than {MAX_GRAMMAR_CHARS}")
    try:
        if options.json_schema is None:
            re.compile(source)
        else:
            _check_schema(source)
    except (ValueError, re.error, RecursionError, OverflowError) as err:
        raise _bad_grammar(str(err)) from err


def _check_schema(source: str) -> None:
    schema = orjson.loads(source)
    if not isinstance(schema, dict):
        raise _bad_grammar("it must be a JSON object")
    jsonschema_rs.validator_for(schema, retriever=_refuse_remote)


def _refuse_remote(uri: str) -> Any:
    raise ValueError(f"it refers to {uri!r}, outside itself")


def _bad_grammar(reason: str) -> RequestError:
    return RequestError(
        f"The output constraint cannot be used: {reason}.",
        hint="Correct the JSON schema or the regular expression.",
        code="invalid_constraint",
        param="response_format",
    )


def context_length_exceeded(prompt_tokens: int, max_new_tokens: int, num_ctx: int) -> RequestError:
    """The error for a prompt and reply that do not fit together, with the counts a caller needs to shorten them."""
    return RequestError(
        f"The prompt has {prompt_tokens} tokens and {max_new_tokens} were asked for, "
        f"together more than the {num_ctx} of this model's context.",
        hint="Shorten the messages or ask for fewer tokens.",
        code="context_length_exceeded",
        param="messages",
    )
