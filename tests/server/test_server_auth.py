"""Who may call what: every route of the application, every kind of caller, every place a key can stand."""

import asyncio
import json
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from chatwright.errors import ConfigError
from chatwright.server.app import create_app
from chatwright.server.auth import KeyRing
from chatwright.server.server_settings import ServerSettings
from chatwright.server.visitor_tokens import VisitorTokens
from chatwright.store import open_store

# Every route must stand in this table: what it asks of a caller from elsewhere.
OPEN, VISIT, CHAT, OPERATE = "open", "visit", "chat", "operate"
ROUTES = {
    ("GET", "/health"): OPEN,
    ("GET", "/ready"): OPEN,
    ("GET", "/"): OPEN,
    ("GET", "/chat/{bot}"): OPEN,
    ("GET", "/metrics"): OPERATE,
    ("POST", "/v1/chat/completions"): CHAT,
    ("POST", "/v1/embeddings"): CHAT,
    ("GET", "/v1/models"): CHAT,
    ("GET", "/v1/models/{model:path}"): CHAT,
    ("GET", "/api/bots"): VISIT,
    ("POST", "/api/bots/{bot}/conversations"): VISIT,
    ("GET", "/api/bots/{bot}/conversations"): OPERATE,
    ("GET", "/api/bots/{bot}/conversations/{conversation}"): VISIT,
    ("POST", "/api/bots/{bot}/conversations/{conversation}/messages"): VISIT,
    ("POST", "/api/bots/{bot}/conversations/{conversation}/feedback"): VISIT,
    ("POST", "/api/bots/{bot}/conversations/{conversation}/silence"): VISIT,
    ("POST", "/api/bots/{bot}/conversations/{conversation}/person"): VISIT,
    ("GET", "/api/bots/{bot}/documents"): VISIT,
    ("GET", "/version"): OPEN,
    **{
        (method, f"{front}{path}"): needed
        for front in ("", "/bots/{bot}")
        for method, path, needed in (
            ("GET", "/webhooks/rest/", OPEN),
            ("GET", "/webhooks/callback/", OPEN),
            ("GET", "/webhooks/socketio/", OPEN),
            ("POST", "/webhooks/rest/webhook", CHAT),
            ("POST", "/webhooks/callback/webhook", CHAT),
            ("GET", "/conversations/{sender:path}/tracker", CHAT),
            ("GET", "/status", CHAT),
        )
    },
}
BODIES: dict[str, Any] = {
    "/v1/chat/completions": {"model": "support", "messages": [{"role": "user", "content": "Hi"}]},
    "/v1/embeddings": {"model": "tiny-embedder", "input": "a"},
}


@pytest.fixture
def make_app(ring: KeyRing, tmp_path: Path) -> Iterator[Any]:
    from chatwright.engines.scripted import ScriptedEngine
    from conftest import HashEmbedder, PlainBot

    store = asyncio.run(open_store(tmp_path / "conversations.sqlite3"))

    def make(**settings: Any) -> Any:
        engine = ScriptedEngine(["Hello"], model="tiny")
        bots = {"support": PlainBot(store=store, engine=engine)}
        chosen = ServerSettings(**{"host": "0.0.0.0", "key_requests_per_min": 10_000, **settings})
        return create_app(bots, {"tiny": engine}, HashEmbedder(), settings=chosen, keys=ring)

    yield make
    asyncio.run(store.close())


def endpoints(app: Any) -> set[tuple[str, str]]:
    return {
        (method, route.path)
        for route in iter_route_contexts(app.routes)
        if route.methods and route.path != "/openapi.json"
        for method in route.methods - {"HEAD"}
    }


def url_of(template: str) -> str:
    named = template.replace("{bot}", "support").replace("{conversation}", "0" * 32).replace("{model:path}", "tiny")
    named = named.replace("{sender:path}", "anna")
    return f"{named}?source=a.md&conversation=x" if named.endswith("/documents") else named


def test_the_table_is_the_application(make_app: Any) -> None:
    assert endpoints(make_app()) == set(ROUTES)


@pytest.mark.parametrize(("method", "template"), ROUTES)
@pytest.mark.parametrize("who", ["nobody", "wrong key", "chat", "operate", "admin", "revoked"])
def test_every_route_lets_in_who_may_and_nobody_else(
    make_app: Any, ring: KeyRing, method: str, template: str, who: str
) -> None:
    needed = ROUTES[method, template]
    headers = {"x-request-id": "t"}
    if who == "wrong key":
        headers["authorization"] = "Bearer cw_wrong"
    elif who != "nobody":
        secret = ring.create("test", ("chat",) if who == "revoked" else (who,))
        headers["authorization"] = f"Bearer {secret}"
        if who == "revoked":
            ring.revoke(ring.list()[-1].id)
    with TestClient(make_app(), client=("203.0.113.9", 5000)) as http:
        answer = http.request(
            method,
            url_of(template),
            headers=headers,
            json=BODIES.get(template, {}) if method == "POST" else None,
            follow_redirects=False,
        )
    if needed == OPEN:
        expected = None
    elif who in ("wrong key", "revoked"):
        expected = 401
    elif who == "nobody":
        expected = None if needed == VISIT else 401
    else:
        expected = None if needed == VISIT or who in (needed, "admin") else 403
    if expected is None:
        assert answer.status_code not in (401, 403)
    else:
        assert answer.status_code == expected
        error = answer.json()["error"]
        assert set(error) == (
            {"message", "type", "param", "code"} if template.startswith("/v1") else {"message", "hint", "code"}
        )
    assert (answer.status_code == 401) == ("www-authenticate" in answer.headers)


@pytest.mark.parametrize("name", ["authorization", "api-key", "x-api-key"])
def test_a_key_is_judged_alike_in_every_header(make_app: Any, ring: KeyRing, name: str) -> None:
    secret = ring.create("test", ("chat",))
    prefix = "Bearer " if name == "authorization" else ""
    with TestClient(make_app(), client=("203.0.113.9", 5000)) as http:
        assert http.get("/v1/models", headers={name: prefix + secret}).status_code == 200
        for wrong in (secret[:-1], secret + "x", secret.upper(), "", "' OR 1=1 --", "cw_" + "é", f"{secret}\t{secret}"):
            answer = http.get("/v1/models", headers={name: (prefix + wrong).encode()})
            assert answer.status_code == 401, wrong


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer {good}", "api-key": "cw_wrong"},
        {"authorization": "Bearer cw_wrong", "x-api-key": "{good}"},
        {"authorization": "Basic {good}"},
        {"authorization": "{good}"},
        {"cookie": "api-key={good}"},
    ],
)
def test_odd_credentials_open_nothing(make_app: Any, ring: KeyRing, headers: dict[str, str]) -> None:
    secret = ring.create("test", ("chat",))
    sent = {name: value.replace("{good}", secret) for name, value in headers.items()}
    with TestClient(make_app(), client=("203.0.113.9", 5000)) as http:
        assert http.get("/v1/models", headers=sent).status_code == 401
        assert http.get(f"/v1/models?api-key={secret}&key={secret}").status_code == 401


LOCAL = {"host": "127.0.0.1:8000"}


@pytest.mark.parametrize(
    ("host", "client", "headers", "is_let_in"),
    [
        ("127.0.0.1", "127.0.0.1", LOCAL, True),
        ("localhost", "127.0.0.1", {"host": "localhost:8000"}, True),
        ("::1", "::1", {"host": "[::1]:8000"}, True),
        ("::1", "::1", {"host": "[::1]"}, True),
        ("127.0.0.1", "127.0.0.1", LOCAL | {"origin": "http://127.0.0.1:8000"}, True),
        ("0.0.0.0", "127.0.0.1", LOCAL, False),
        ("127.0.0.1", "203.0.113.9", LOCAL, False),
        ("127.0.0.1", "127.0.0.1", {"host": "evil.example"}, False),
        ("127.0.0.1", "127.0.0.1", {"host": "127.0.0.1.evil.example:8000"}, False),
        ("127.0.0.1", "127.0.0.1", {"host": "evil.example/?x=localhost"}, False),
        ("127.0.0.1", "127.0.0.1", LOCAL | {"origin": "https://evil.example"}, False),
        ("127.0.0.1", "127.0.0.1", LOCAL | {"origin": "null"}, False),
        ("127.0.0.1", "127.0.0.1", LOCAL | {"x-forwarded-for": "203.0.113.9"}, False),
        ("127.0.0.1", "127.0.0.1", LOCAL | {"forwarded": "for=127.0.0.1"}, False),
        ("127.0.0.1", "127.0.0.1", LOCAL | {"x-real-ip": "127.0.0.1"}, False),
    ],
)
def test_no_key_is_needed_only_on_this_machine(
    make_app: Any, host: str, client: str, headers: dict[str, str], is_let_in: bool
) -> None:
    with TestClient(make_app(host=host), client=(client, 5000)) as http:
        answer = http.get("/v1/models", headers=headers)
    assert answer.status_code == (200 if is_let_in else 401)


def test_on_this_machine_any_key_does_until_there_are_keys(make_app: Any, ring: KeyRing) -> None:
    with TestClient(make_app(host="127.0.0.1"), client=("127.0.0.1", 5000), headers=LOCAL) as http:
        sent = {"authorization": "Bearer none"}
        assert http.get("/v1/models", headers=sent).status_code == 200
        ring.create("test", ("chat",))
        assert http.get("/v1/models", headers=sent).status_code == 401
        assert http.get("/v1/models").status_code == 200


def test_visitors_may_be_asked_for_a_key(make_app: Any) -> None:
    with TestClient(make_app(visitors_need_key=True), client=("203.0.113.9", 5000)) as http:
        assert http.get("/api/bots").status_code == 401


@pytest.mark.parametrize(
    "path", ["//v1/models", "/v1//models", "/V1/models", "/v1/models/", "/v1/models;x", "/%76%31/models"]
)
def test_odd_spellings_of_a_path_are_no_way_in(make_app: Any, path: str) -> None:
    with TestClient(make_app(), client=("203.0.113.9", 5000)) as http:
        assert http.get(f"http://testserver{path}", follow_redirects=False).status_code in (401, 404, 307)
        assert http.post("/v1/models", headers={"x-http-method-override": "GET"}).status_code == 405


class TestKeyRing:
    def test_a_secret_is_kept_only_as_its_digest_in_a_private_file(self, ring: KeyRing) -> None:
        secret = ring.create("shop", ("chat", "operate"))
        (key,) = ring.list()
        assert secret.startswith("cw_")
        assert len(secret) >= 3 + 43
        assert secret not in ring.path.read_text()
        assert stat.S_IMODE(ring.path.stat().st_mode) == 0o600
        assert ring.verify(secret) == key

    def test_another_process_sees_new_and_revoked_keys(self, ring: KeyRing) -> None:
        other = KeyRing(ring.path)
        assert other.list() == ()
        secret = ring.create("shop", ("chat",))
        (key,) = other.list()
        assert other.verify(secret) == key
        ring.revoke(key.id)
        assert other.verify(secret) is None

    @pytest.mark.parametrize(("lifetime_s", "is_valid"), [(-1.0, False), (60.0, True), (None, True)])
    def test_keys_expire(self, ring: KeyRing, lifetime_s: float | None, is_valid: bool) -> None:
        secret = ring.create("shop", ("chat",), lifetime_s=lifetime_s)
        assert (ring.verify(secret) is not None) == is_valid

    @pytest.mark.parametrize("scopes", [(), ("root",), ("chat", "root")])
    def test_unknown_scopes_are_refused(self, ring: KeyRing, scopes: tuple[str, ...]) -> None:
        with pytest.raises(ConfigError, match="chat, operate, admin"):
            ring.create("shop", scopes)

    def test_an_unknown_id_cannot_be_revoked(self, ring: KeyRing) -> None:
        ring.create("shop", ("chat",))
        with pytest.raises(ConfigError, match="'nobody'"):
            ring.revoke("nobody")

    @pytest.mark.parametrize(
        "content", [b"{", b"[1]", b'[{"id": "a"}]', b"\xff", b'[{"id":"a","name":"","scopes":["x"]}]']
    )
    def test_a_damaged_file_is_named(self, ring: KeyRing, content: bytes) -> None:
        ring.path.write_bytes(content)
        with pytest.raises(ConfigError):
            ring.list()

    def test_two_writers_lose_no_key(self, ring: KeyRing) -> None:
        makers = [threading.Thread(target=lambda: KeyRing(ring.path).create("k", ("chat",))) for _ in range(8)]
        for maker in makers:
            maker.start()
        for maker in makers:
            maker.join()
        assert len(ring.list()) == 8
        assert len(json.loads(ring.path.read_bytes())) == 8


def test_visitor_tokens_survive_a_restart_and_belong_to_one_conversation(tmp_path: Path) -> None:
    first, second = VisitorTokens.in_folder(tmp_path), VisitorTokens.in_folder(tmp_path)
    token = first.token("support", "c1")  # type: ignore[arg-type]
    assert second.matches(token, "support", "c1")  # type: ignore[arg-type]
    assert not second.matches(token, "support", "c2")  # type: ignore[arg-type]
    assert not second.matches(token, "sales", "c1")  # type: ignore[arg-type]
    assert not VisitorTokens.in_folder(None).matches(token, "support", "c1")  # type: ignore[arg-type]
    assert stat.S_IMODE((tmp_path / "visitor.secret").stat().st_mode) == 0o600
