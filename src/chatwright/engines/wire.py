"""Messages, options and deltas as JSON values of a frame, and back. Pure."""

import base64
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from chatwright.errors import ChatwrightError, EngineError, RequestError
from chatwright.messages import Delta, GenerateOptions, Message, TokenLogprob, Usage


def messages_to_json(messages: Sequence[Message]) -> list[dict[str, str]]:
    """What a chat template needs of each message: its role and its text."""
    return [{"role": message.role, "content": _text_of(message)} for message in messages]


def messages_from_json(turns: Sequence[dict[str, Any]]) -> list[Message]:
    return [Message(role=turn["role"], content=turn["content"]) for turn in turns]


def options_to_json(options: GenerateOptions) -> dict[str, Any]:
    return asdict(options)


def options_from_json(fields: dict[str, Any]) -> GenerateOptions:
    return GenerateOptions(**{**fields, "stop": tuple(fields["stop"])})


def delta_to_json(delta: Delta) -> dict[str, Any]:
    """Text, log-probabilities, finish_reason and usage of a generation's delta."""
    return {
        "text": delta.text,
        "logprobs": [
            [entry.token, entry.logprob, base64.b64encode(entry.token_bytes).decode(), entry.top]
            for entry in delta.logprobs
        ],
        "finish_reason": delta.finish_reason,
        "usage": None if delta.usage is None else asdict(delta.usage),
    }


def delta_from_json(fields: dict[str, Any]) -> Delta:
    return Delta(
        text=fields["text"],
        logprobs=tuple(
            TokenLogprob(
                token=token,
                logprob=logprob,
                token_bytes=base64.b64decode(spelled),
                top=tuple((other, value) for other, value in top),
            )
            for token, logprob, spelled, top in fields["logprobs"]
        ),
        finish_reason=fields["finish_reason"],
        usage=None if fields["usage"] is None else Usage(**fields["usage"]),
    )


def error_to_json(error: RequestError | EngineError) -> dict[str, Any]:
    return {
        "kind": "request" if isinstance(error, RequestError) else "engine",
        "message": error.message,
        "hint": error.hint,
        "code": error.code,
        "param": getattr(error, "param", None),
    }


def error_from_json(fields: dict[str, Any]) -> ChatwrightError:
    if fields["kind"] == "request":
        return RequestError(fields["message"], hint=fields["hint"], code=fields["code"], param=fields["param"])
    return EngineError(fields["message"], hint=fields["hint"], code=fields["code"])


def _text_of(message: Message) -> str:
    return message.content or "\n".join(part.text for part in message.parts if part.type == "text")
