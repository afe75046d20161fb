"""Whatever is sent, the answer is an answer or an error in its envelope: never 5xx, never silence."""

from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatwright.server.openai_request import ChatRequest, EmbeddingsRequest

TEXT = st.text(max_size=20) | st.sampled_from(
    ["user", "support", "tiny", "tiny-embedder", "json_schema", "\x00", "\ufeff"]
)
NUMBER = (
    st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0, 1, -1])
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
HI: dict[str, Any] = {"model": "tiny", "messages": [{"role": "user", "content": "Hi"}], "input": "a"}
FIELDS = sorted({*ChatRequest.model_fields, *EmbeddingsRequest.model_fields, "logit_bias", "n_discard", "grammar"})
# A valid body with some fields replaced: most of it still makes sense, so that the deeper checks are reached.
BODY = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4).map(lambda change: HI | change)
PATHS = ["/v1/chat/completions", "/v1/embeddings", "/api/bots/support/conversations"]


@pytest.fixture(scope="module")
def http(server: Any) -> Any:
    with server.client() as made:
        yield made


def check(answer: httpx2.Response) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        keys = (
            {"message", "type", "param", "code"} if answer.url.path.startswith("/v1") else {"message", "hint", "code"}
        )
        assert set(answer.json()["error"]) == keys
        assert answer.json()["error"]["message"]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), body=BODY)
def test_any_field_may_be_anything(http: httpx2.Client, path: str, body: dict[str, Any]) -> None:
    check(http.post(path, json=body))


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(PATHS),
    body=st.binary(max_size=100) | JSON.map(lambda value: repr(value).encode("utf-8", "surrogatepass")),
)
def test_any_bytes_may_come(http: httpx2.Client, path: str, body: bytes) -> None:
    check(http.post(path, content=body, headers={"content-type": "application/json"}))


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.binary(max_size=60).filter(lambda value: not set(value) & {*range(0x20), 0x7F}).map(bytes.strip),
    name=st.sampled_from(["authorization", "api-key", "x-conversation-token", "idempotency-key", "cookie", "accept",
                          "accept-language", "origin", "x-request-id", "content-type"]),
    path=st.sampled_from([*PATHS, "/api/bots/support/conversations/x/messages"]),
)  # fmt: skip
def test_any_header_may_be_anything(http: httpx2.Client, name: str, value: bytes, path: str) -> None:
    check(http.post(path, json={"text": "Hi"} if path.startswith("/api") else HI, headers={name: value}))


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(TEXT.map(lambda text: text.replace("\x00", "%00")), min_size=1, max_size=3),
    query=st.dictionaries(st.sampled_from(["source", "conversation", "waiting", "limit", "q"]), TEXT, max_size=3),
    stem=st.sampled_from(
        ["/api/bots/", "/api/bots/support/conversations/", "/api/bots/support/documents/", "/v1/models/", "/chat/", "/"]
    ),
)
def test_any_address_may_be_asked_for(http: httpx2.Client, stem: str, parts: list[str], query: dict[str, str]) -> None:
    from urllib.parse import quote

    path = stem + "/".join(quote(part.encode("utf-8", "surrogatepass")) for part in parts)
    check(http.get(path, params=query))
