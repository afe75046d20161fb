"""The official client against a real server: what it sends is understood, what it gets it can read."""

import base64
import struct
from typing import Any

import openai
import pytest


def client_of(running: Any, **options: Any) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{running.url}/v1", api_key="none", max_retries=0, timeout=20, **options)


@pytest.fixture(scope="module")
def client(server: Any) -> Any:
    with client_of(server) as made:
        yield made


ASK = [{"role": "user", "content": "May I return it?"}]


@pytest.mark.parametrize("model", ["support", "tiny"])
def test_an_answer_is_a_chat_completion(client: Any, model: str) -> None:
    answer = client.chat.completions.create(model=model, messages=ASK)
    assert answer.object == "chat.completion"
    assert answer.model == model
    assert answer.choices[0].message.content == "Goods may be returned within 30 days."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


def test_a_bots_answer_carries_its_citations_and_its_conversation(client: Any) -> None:
    answer = client.chat.completions.create(model="support", messages=ASK)
    extension = answer.model_extra["chatwright"]
    assert extension["outcome"] == "answered"
    assert extension["turn"] == 1
    assert extension["citations"][0]["quote"] == "Goods"
    again = client.chat.completions.create(
        model="support", messages=ASK, metadata={"conversation": extension["conversation"]}
    )
    assert again.model_extra["chatwright"]["conversation"] == extension["conversation"]
    assert again.model_extra["chatwright"]["turn"] == 2


def test_a_bare_models_answer_has_no_extension(client: Any) -> None:
    assert "chatwright" not in client.chat.completions.create(model="tiny", messages=ASK).model_extra


def test_a_conversation_of_another_user_is_unknown(client: Any) -> None:
    first = client.chat.completions.create(model="support", messages=ASK, user="ann")
    conversation = first.model_extra["chatwright"]["conversation"]
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(
            model="support", messages=ASK, user="bob", metadata={"conversation": conversation}
        )


def test_earlier_messages_are_the_bots_history_without_system_messages(server: Any, client: Any) -> None:
    client.chat.completions.create(
        model="support",
        messages=[
            {"role": "system", "content": "You are a pirate."},
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Hello"},
            {"role": "user", "content": [{"type": "text", "text": "May I "}, {"type": "text", "text": "return it?"}]},
        ],
    )
    assert [(message.role, message.content) for message in server.bot.histories[-1]] == [
        ("user", "Hi"),
        ("assistant", "Hello"),
    ]


@pytest.mark.parametrize("model", ["support", "tiny"])
def test_a_stream_has_one_shape_from_first_to_last(client: Any, model: str) -> None:
    with client.chat.completions.create(
        model=model, messages=ASK, stream=True, stream_options={"include_usage": True, "include_obfuscation": False}
    ) as stream:
        chunks = list(stream)
    assert len({(chunk.id, chunk.created, chunk.model, chunk.object) for chunk in chunks}) == 1
    *content, usage = chunks
    assert content[0].choices[0].delta.role == "assistant"
    assert all(chunk.choices[0].finish_reason is None for chunk in content[:-1])
    assert content[-1].choices[0].finish_reason == "stop"
    assert content[-1].choices[0].delta.content is None
    assert all(chunk.usage is None for chunk in content)
    assert usage.choices == []
    assert usage.usage.completion_tokens > 0
    assert "".join(chunk.choices[0].delta.content or "" for chunk in content) == "Goods may be returned within 30 days."
    assert ("chatwright" in content[-1].model_extra) == (model == "support")


def test_the_raw_stream_is_events_that_end_with_done(server: Any) -> None:
    body = {"model": "tiny", "messages": ASK, "stream": True}
    with server.client() as http:
        answer = http.post("/v1/chat/completions", json=body)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-accel-buffering"] == "no"
    *events, end = answer.text.split("\n\n")
    assert end == ""
    assert events[-1] == "data: [DONE]"
    assert all(event.startswith("data: {") and '"usage"' not in event for event in events[:-1])


def test_log_probabilities_have_their_shape(client: Any) -> None:
    answer = client.chat.completions.create(model="tiny", messages=ASK, logprobs=True, top_logprobs=1)
    tokens = answer.choices[0].logprobs.content
    assert "".join(token.token for token in tokens) == answer.choices[0].message.content
    assert all(bytes(token.bytes).decode() == token.token for token in tokens)
    assert all(len(token.top_logprobs) == 1 and token.top_logprobs[0].logprob <= 0 for token in tokens)


def test_options_reach_the_engine(server: Any, client: Any) -> None:
    schema = {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}
    client.chat.completions.create(
        model="tiny",
        messages=ASK,
        temperature=0.7,
        top_p=0.9,
        seed=7,
        stop=["30", "days"],
        max_completion_tokens=9,
        presence_penalty=0.5,
        frequency_penalty=-0.5,
        response_format={"type": "json_schema", "json_schema": {"name": "days", "schema": schema, "strict": True}},
    )
    options = server.engine.calls[-1].options
    assert (options.temperature, options.top_p, options.seed) == (0.7, 0.9, 7)
    assert (options.stop, options.max_new_tokens) == (("30", "days"), 9)
    assert (options.presence_penalty, options.frequency_penalty) == (0.5, -0.5)
    assert '"required":["days"]' in options.json_schema


def test_json_object_is_a_schema_of_objects(server: Any, client: Any) -> None:
    client.chat.completions.create(model="tiny", messages=ASK, response_format={"type": "json_object"})
    assert server.engine.calls[-1].options.json_schema == '{"type":"object"}'


def test_a_stop_string_ends_the_answer(client: Any) -> None:
    answer = client.chat.completions.create(model="tiny", messages=ASK, stop=" within")
    assert answer.choices[0].message.content == "Goods may be returned"


def test_max_tokens_cuts_with_length(client: Any) -> None:
    answer = client.chat.completions.create(model="tiny", messages=ASK, max_tokens=2)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 2


WRONG = [
    ({"n": 2}, "n", 400),
    ({"temperature": 3}, "temperature", 400),
    ({"temperature": "hot"}, "temperature", 400),
    ({"top_p": 0}, "top_p", 400),
    ({"seed": 2**63}, "seed", 400),
    ({"stop": ["a", "b", "c", "d", "e"]}, "stop", 400),
    ({"stop": ""}, "stop", 400),
    ({"max_tokens": 0}, "max_tokens", 400),
    ({"presence_penalty": 2.5}, "presence_penalty", 400),
    ({"top_logprobs": 3}, "top_logprobs", 400),
    ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", 400),
    ({"stream_options": {"include_usage": True}}, "stream_options", 400),
    ({"logit_bias": {"1": 5}}, "logit_bias", 400),
    ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools", 400),
    ({"tool_choice": "required"}, "tool_choice", 400),
    ({"modalities": ["audio"]}, "modalities", 400),
    ({"chat_template": "{{ x }}"}, "chat_template", 400),
    ({"chat_template_kwargs": {"a": 1}}, "chat_template_kwargs", 400),
    ({"n_discard": -1}, "n_discard", 400),
    ({"grammar": "root ::= x"}, "grammar", 400),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema.schema", 400),
    ({"response_format": {"type": "xml"}}, "response_format.type", 400),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "no"}}}},
        "response_format",
        400,
    ),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"schema": {"$ref": "http://127.0.0.1:9/x"}}}},
        "response_format",
        400,
    ),
    ({"messages": []}, "messages", 400),
    ({"messages": [{"role": "pirate", "content": "x"}]}, "messages.0.role", 400),
    ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "1"}]}, "messages.0.role", 400),
    ({"messages": [{"role": "user", "content": ""}]}, "messages.0.content", 400),
    ({"messages": [{"role": "user", "content": "a\x00b"}]}, "messages.0.content", 400),
    ({"messages": [{"role": "user", "content": "a" * 32_001}]}, "messages.0.content", 400),
    ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages.0.content.0", 400),
    ({"messages": [{"role": "user", "content": "a"}] * 201}, "messages", 400),
    ({"model": "nobody"}, "model", 404),
    ({"model": ""}, "model", 400),
    ({"model": "support", "logprobs": True}, "logprobs", 400),
    ({"model": "support", "response_format": {"type": "json_object"}}, "response_format", 400),
    ({"model": "support", "messages": [{"role": "assistant", "content": "x"}]}, "messages", 400),
]


@pytest.mark.parametrize(("change", "param", "status"), WRONG)
def test_what_cannot_be_done_is_refused_by_name(server: Any, change: dict[str, Any], param: str, status: int) -> None:
    with server.client() as http:
        answer = http.post("/v1/chat/completions", json={"model": "tiny", "messages": ASK, **change})
    assert answer.status_code == status
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["param"].startswith(param)
    assert error["type"] == "invalid_request_error"
    assert "\n" not in error["message"]


@pytest.mark.parametrize("model", ["support", "tiny"])
@pytest.mark.parametrize(
    "change",
    [
        {"store": True, "service_tier": "auto", "nonsense": {"a": 1}},
        {"tools": [], "tool_choice": "none", "parallel_tool_calls": False, "logit_bias": {}},
        {"temperature": None, "stop": None, "seed": None, "n": 1, "response_format": {"type": "text"}},
        {"modalities": ["text"], "user": "ann", "metadata": {"shop": "7"}},
    ],
)
def test_unknown_and_empty_fields_are_ignored(server: Any, model: str, change: dict[str, Any]) -> None:
    with server.client() as http:
        answer = http.post("/v1/chat/completions", json={"model": model, "messages": ASK, **change})
    assert answer.status_code == 200, answer.text


def test_an_unknown_model_lists_the_choices(client: Any) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="suport", messages=ASK)
    assert caught.value.code == "model_not_found"
    assert "support" in caught.value.message
    assert "tiny" in caught.value.message


def test_models_are_bots_engines_and_the_embedder(client: Any) -> None:
    assert [model.id for model in client.models.list()] == ["support", "tiny", "tiny-embedder"]
    assert client.models.retrieve("tiny").object == "model"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("some/other")


def test_embeddings_are_the_same_as_numbers_and_as_base64(server: Any, client: Any) -> None:
    numbers = client.embeddings.create(model="tiny-embedder", input=["a", "退货"], encoding_format="float")
    packed = client.embeddings.create(model="tiny-embedder", input=["a", "退货"])
    assert [row.index for row in numbers.data] == [0, 1]
    assert [row.embedding for row in numbers.data] == [pytest.approx(row.embedding) for row in packed.data]
    with server.client() as http:
        raw = http.post("/v1/embeddings", json={"model": "tiny-embedder", "input": "a", "encoding_format": "base64"})
    values = struct.unpack("<8f", base64.b64decode(raw.json()["data"][0]["embedding"]))
    assert values == pytest.approx(numbers.data[0].embedding)
    assert raw.json()["usage"] == {"prompt_tokens": 1, "total_tokens": 1}


@pytest.mark.parametrize(
    ("change", "param", "status"),
    [
        ({"input": [1, 2, 3]}, "input", 400),
        ({"input": [[1, 2]]}, "input", 400),
        ({"input": []}, "input", 400),
        ({"input": ""}, "input.0", 400),
        ({"input": ["a"] * 2049}, "input", 400),
        ({"dimensions": 7}, "dimensions", 400),
        ({"encoding_format": "int8"}, "encoding_format", 400),
        ({"model": "support"}, "model", 404),
    ],
)
def test_embeddings_that_cannot_be_made_are_refused(
    server: Any, change: dict[str, Any], param: str, status: int
) -> None:
    with server.client() as http:
        answer = http.post("/v1/embeddings", json={"model": "tiny-embedder", "input": "a", **change})
    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param)


def test_native_dimensions_may_be_named(client: Any) -> None:
    assert len(client.embeddings.create(model="tiny-embedder", input="a", dimensions=8).data[0].embedding) == 8


def test_a_busy_engine_is_429_and_the_client_comes_back(serve: Any) -> None:
    with serve() as running, client_of(running) as client:
        running.engine.is_busy = True
        with pytest.raises(openai.RateLimitError) as caught:
            client.chat.completions.create(model="tiny", messages=ASK)
        assert caught.value.response.headers["retry-after"] == "1"
        assert caught.value.type == "rate_limit_error"
        with pytest.raises(openai.RateLimitError):
            list(client.chat.completions.create(model="tiny", messages=ASK, stream=True))
        # The client waits the second that Retry-After names; the engine is free again before that.
        running.loop.call_soon_threadsafe(
            running.loop.call_later, 0.2, lambda: setattr(running.engine, "is_busy", False)
        )
        patient = client.with_options(max_retries=2)
        assert patient.chat.completions.create(model="tiny", messages=ASK).choices[0].message.content


def test_an_error_after_the_first_text_is_an_event(serve: Any) -> None:
    from chatwright.errors import EngineError

    with serve() as running, client_of(running) as client:
        running.engine.fail_with = EngineError("The engine has stopped.", code="engine_crashed")
        running.engine.fail_after_tokens = 2
        texts = []
        with pytest.raises(openai.APIError, match="The engine has stopped"):
            texts += client.chat.completions.create(model="tiny", messages=ASK, stream=True)
        with pytest.raises(openai.InternalServerError) as caught:
            client.chat.completions.create(model="tiny", messages=ASK)
        assert caught.value.status_code == 503
        assert caught.value.code == "engine_crashed"


def test_the_oldest_turns_go_when_the_window_is_full(server: Any, client: Any) -> None:
    old = [{"role": role, "content": "word " * 50} for role in ("user", "assistant") * 5]
    messages = [{"role": "system", "content": "Be short."}, *old, *ASK]
    client.chat.completions.create(model="tiny", messages=messages, max_tokens=20)
    sent = server.engine.calls[-1].messages
    assert (sent[0].role, sent[-1].content) == ("system", "May I return it?")
    assert 3 <= len(sent) < len(messages)
    assert sent[1].role == "user"


def test_the_current_turn_is_never_cut(client: Any) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="tiny", messages=[{"role": "user", "content": "word " * 300}])
    assert caught.value.code == "context_length_exceeded"
    assert "256" in caught.value.message
    assert "305" in caught.value.message
