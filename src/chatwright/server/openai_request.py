"""Reads the bodies of OpenAI's chat completions and embeddings.

In: a JSON object. Out: checked values, or RequestError 400 that names the field. Unknown keys are ignored, as OpenAI's
clients expect; keys that would change the answer and cannot be honoured are refused, never dropped in silence.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

import jsonschema_rs
import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from chatwright.errors import RequestError
from chatwright.messages import GenerateOptions, Message, Role
from chatwright.server.envelope import first_fault
from chatwright.server.limits import check_text
from chatwright.server.server_settings import ServerSettings

DEFAULT_MAX_NEW_TOKENS = 512
_MAX_SCHEMA_BYTES = 65_536
_MAX_INPUTS = 2048

# Fields that would change the answer. Empty values mean the default and are let through.
_UNSUPPORTED = (
    "logit_bias", "functions", "audio", "web_search_options", "prediction", "chat_template", "chat_template_kwargs",
    "n_discard", "grammar", "guided_json", "guided_regex", "guided_grammar",
)  # fmt: skip

B = TypeVar("B", bound=BaseModel)
StopText = Annotated[str, Field(min_length=1, max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class StreamOptions(_Body):
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class ChatMessage(_Body):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[dict[str, Any]] | None = None
    tool_calls: list[Any] | None = None


class JsonSchemaFormat(_Body):
    name: str = "answer"
    schema_: dict[str, Any] = Field(default_factory=dict, alias="schema")
    strict: bool | None = None


class ResponseFormat(_Body):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchemaFormat | None = None


class ChatRequest(_Body):
    """POST /v1/chat/completions."""

    model: str = Field(min_length=1, max_length=200)
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    n: int | None = None
    stop: StopText | Annotated[list[StopText], Field(max_length=4)] | None = None
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    logprobs: bool | None = None
    top_logprobs: int | None = Field(None, ge=0, le=20)
    tools: list[Any] | None = None
    tool_choice: Any = None
    modalities: list[str] | None = None
    response_format: ResponseFormat | None = None
    user: str | None = Field(None, max_length=200)
    metadata: dict[str, str] | None = None

    @model_validator(mode="after")
    def _possible_together(self) -> "ChatRequest":
        if self.top_logprobs is not None and not self.logprobs:
            raise _fault("top_logprobs needs logprobs to be true.", "top_logprobs")
        if self.stream_options is not None and not self.stream:
            raise _fault("stream_options needs stream to be true.", "stream_options")
        return self


class EmbeddingsRequest(_Body):
    """POST /v1/embeddings."""

    model: str = Field(min_length=1, max_length=200)
    input: str | list[Any]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: int | None = None


def _fault(message: str, param: str, *, code: str = "invalid_value") -> RequestError:
    return RequestError(message, param=param, code=code)


def _validated(kind: type[B], body: Mapping[str, Any]) -> B:
    try:
        return kind.model_validate(body)
    except ValidationError as err:
        raise first_fault(err.errors(include_input=False, include_url=False)) from err


def read_chat_request(body: Mapping[str, Any]) -> ChatRequest:
    """Raises RequestError 400 naming the first field that is wrong or cannot be honoured."""
    request = _validated(ChatRequest, body)
    for name in _UNSUPPORTED:
        if body.get(name):
            raise _fault(f"{name} is not supported.", name, code="unsupported_parameter")
    if request.n not in (None, 1):
        raise _fault("n must be 1: one answer to a request.", "n", code="unsupported_value")
    if request.tools:
        raise _fault("tools are not supported yet.", "tools", code="unsupported_parameter")
    if request.tool_choice not in (None, "none", "auto"):
        raise _fault("tool_choice needs tools, which are not supported yet.", "tool_choice", code="unsupported_value")
    if request.modalities not in (None, ["text"]):
        raise _fault("modalities can only be ['text'].", "modalities", code="unsupported_value")
    return request


def read_messages(request: ChatRequest, settings: ServerSettings) -> list[Message]:
    """The conversation as text messages. Raises RequestError 400 on tool messages, other media, or too much text."""
    if len(request.messages) > settings.max_messages:
        raise _fault(
            f"{len(request.messages)} messages; the limit is {settings.max_messages}.",
            "messages",
            code="too_many_messages",
        )
    return [_message(message, index, settings) for index, message in enumerate(request.messages)]


def _message(message: ChatMessage, index: int, settings: ServerSettings) -> Message:
    where = f"messages.{index}"
    if message.role in ("tool", "function") or message.tool_calls:
        raise _fault("Tool messages are not supported yet.", f"{where}.role", code="unsupported_value")
    text = _text_of(message.content, f"{where}.content")
    if message.role == "user" or text.strip():
        check_text(text, settings, param=f"{where}.content")
    role: Role = (
        "system" if message.role in ("system", "developer") else "user" if message.role == "user" else "assistant"
    )
    return Message(role=role, content=text)


def _text_of(content: str | Sequence[Mapping[str, Any]] | None, where: str) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    texts = []
    for number, part in enumerate(content):
        text = part.get("text", part.get("refusal"))
        if part.get("type") not in ("text", "refusal") or not isinstance(text, str):
            kind = str(part.get("type"))[:40]
            raise _fault(
                f"Content parts can only be text, not {kind!r}.", f"{where}.{number}", code="unsupported_value"
            )
        texts.append(text)
    return "\n".join(texts)


def generate_options(request: ChatRequest) -> GenerateOptions:
    """What the engine is told. Raises RequestError 400 on a JSON schema that is not one."""
    stop = (request.stop,) if isinstance(request.stop, str) else tuple(request.stop or ())
    return GenerateOptions(
        max_new_tokens=request.max_completion_tokens or request.max_tokens or DEFAULT_MAX_NEW_TOKENS,
        # OpenAI's own default is 1; greedy is kept for those who say nothing, so that answers repeat.
        temperature=request.temperature or 0.0,
        top_p=request.top_p or 1.0,
        seed=request.seed,
        stop=stop,
        presence_penalty=request.presence_penalty or 0.0,
        frequency_penalty=request.frequency_penalty or 0.0,
        logprobs=(request.top_logprobs or 0) if request.logprobs else None,
        json_schema=_schema_text(request.response_format),
    )


def _schema_text(wanted: ResponseFormat | None) -> str | None:
    if wanted is None or wanted.type == "text":
        return None
    if wanted.type == "json_object":
        return '{"type":"object"}'
    if wanted.json_schema is None or not wanted.json_schema.schema_:
        raise _fault("response_format.json_schema.schema is missing.", "response_format.json_schema.schema")
    schema = wanted.json_schema.schema_
    text = orjson.dumps(schema)
    if len(text) > _MAX_SCHEMA_BYTES:
        raise _fault(f"The JSON schema is larger than {_MAX_SCHEMA_BYTES:,} bytes.", "response_format")
    _refuse_foreign_references(schema)
    try:
        jsonschema_rs.meta.validate(schema)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as err:
        raise _fault("response_format.json_schema.schema is not a valid JSON schema.", "response_format") from err
    return text.decode()


def _refuse_foreign_references(schema: object) -> None:
    # A reference elsewhere would make the server open an address that the caller chose.
    level = [schema]
    while level:
        for item in level:
            if isinstance(item, dict):
                for name in ("$ref", "$dynamicRef", "$schema"):
                    target = item.get(name)
                    if isinstance(target, str) and name != "$schema" and not target.startswith("#"):
                        raise _fault(f"{name} must stay inside the schema (start with '#').", "response_format")
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]


def read_embeddings_request(body: Mapping[str, Any], settings: ServerSettings) -> tuple[EmbeddingsRequest, list[str]]:
    """The request and its texts. Raises RequestError 400, also for token arrays: the tokens of another model."""
    request = _validated(EmbeddingsRequest, body)
    texts = [request.input] if isinstance(request.input, str) else request.input
    if not texts or len(texts) > _MAX_INPUTS:
        raise _fault(f"input must be 1 to {_MAX_INPUTS} texts.", "input")
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise _fault("input must be text; arrays of tokens are not supported.", "input", code="unsupported_value")
        check_text(text, settings, param=f"input.{index}")
    return request, texts
