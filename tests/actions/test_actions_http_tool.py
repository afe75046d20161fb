import json
import socket
import ssl
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests.actions.conftest import ScriptedHttp, call, free_port, json_answer, run, scripted_http

from chatwright.actions.actions_settings import HttpToolSettings
from chatwright.actions.http_tool import HttpTool
from chatwright.actions.registry import ActionRegistry
from chatwright.actions.sending import open_client
from chatwright.errors import ActionError, ConfigError

SCHEMA = {
    "type": "object",
    "properties": {"order": {"type": "string"}, "note": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["order"],
}
OK = json_answer({"order": {"status": "已发货", "items": [{"name": "tea"}]}})


def settings(url: str, **fields: Any) -> HttpToolSettings:
    values: dict[str, Any] = {
        "name": "order_status", "url": url, "schema": SCHEMA, "allowed_hosts": ["127.0.0.1", "localhost"],
        "allow_private_addresses": True, "slots": {"status": "/order/status"},
    }  # fmt: skip
    return HttpToolSettings.model_validate(values | fields)


def ask(tool: HttpToolSettings, **arguments: Any) -> dict[str, Any]:
    async def act() -> dict[str, Any]:
        async with open_client() as client:
            registry = ActionRegistry([HttpTool(tool, client)])
            return dict((await registry.run(call(tool.name, arguments=arguments))).slots)

    return run(act())


def error_of(tool: HttpToolSettings, **arguments: Any) -> ActionError:
    with pytest.raises(ActionError) as caught:
        ask(tool, **arguments)
    return caught.value


@pytest.mark.parametrize(
    ("order", "path"),
    [
        ("A7", "/orders/A7?lang=zh"),
        ("../admin", "/orders/..%2Fadmin?lang=zh"),
        ("7?x=1&y#z", "/orders/7%3Fx%3D1%26y%23z?lang=zh"),
        ("订 单", "/orders/%E8%AE%A2%20%E5%8D%95?lang=zh"),
        ("%2e%2e", "/orders/%252e%252e?lang=zh"),
        ("a\r\nHost: evil", "/orders/a%0D%0AHost%3A%20evil?lang=zh"),
        ("@evil.com", "/orders/%40evil.com?lang=zh"),
    ],
)
def test_an_argument_is_one_escaped_piece_of_the_url(http: ScriptedHttp, order: str, path: str) -> None:
    http.say(OK)
    assert ask(settings(f"{http.url}/orders/{{order}}?lang=zh"), order=order) == {"status": "已发货"}
    assert http.seen[0].path == path
    assert http.seen[0].headers["host"] == f"127.0.0.1:{http.port}"


@pytest.mark.parametrize("order", ["", ".", ".."])
def test_an_argument_that_would_name_another_resource_is_rejected(http: ScriptedHttp, order: str) -> None:
    assert error_of(settings(f"{http.url}/orders/{{order}}"), order=order).code == "rejected"
    assert http.seen == []


def test_other_arguments_go_into_the_query_or_the_body(http: ScriptedHttp) -> None:
    http.say(OK)
    ask(settings(f"{http.url}/o/{{order}}"), order="7", note="a&b=c 茶", count="2")
    assert http.seen[0].path == "/o/7?note=a%26b%3Dc+%E8%8C%B6&count=2"
    ask(settings(f"{http.url}/o/{{order}}", method="POST"), order="7", note="茶", count="2")
    assert http.seen[1].path == "/o/7"
    assert json.loads(http.seen[1].body) == {"note": "茶", "count": 2}
    assert http.seen[1].headers["content-type"] == "application/json"
    assert http.seen[1].headers["idempotency-key"] == "call-1"


def test_slots_come_from_pointers_and_what_is_not_there_is_empty(http: ScriptedHttp) -> None:
    http.say(OK)
    tool = settings(http.url + "/x", slots={"first": "/order/items/0/name", "gone": "/order/price"}, status_slot="http")
    assert ask(tool, order="7") == {"first": "tea", "gone": None, "http": 200}


def test_an_error_may_be_an_answer(http: ScriptedHttp) -> None:
    http.say((404, {}, b"<html>none"))
    tool = settings(http.url + "/x", accepted_statuses=[404], status_slot="http")
    assert ask(tool, order="7") == {"status": None, "http": 404}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((404, {}, b"{}"), "failed"),
        ((401, {}, b"{}"), "failed"),
        ((500, {}, b"{}"), "failed"),
        ((503, {}, b"{}"), "unreachable"),
        ((200, {"Content-Type": "text/html"}, b"<html>"), "bad_reply"),
        ((200, {}, b"x" * (2**20 + 1)), "bad_reply"),
        ((200, {"Content-Encoding": "gzip"}, b"{}"), "bad_reply"),
        ((302, {"Location": "http://169.254.169.254/latest/meta-data"}, b""), "bad_reply"),
        ((302, {"Location": "http://evil.example/"}, b""), "bad_reply"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "bad_reply"),
        ((302, {"Location": "http://user:pw@127.0.0.1/"}, b""), "bad_reply"),
        ((302, {}, b""), "bad_reply"),
        ("cut", "unreachable"),
    ],
    ids=["404", "401", "500", "503", "html", "huge", "gzip", "metadata", "evil", "file", "userinfo", "nowhere", "cut"],
)  # fmt: skip
def test_every_other_answer_has_its_code(http: ScriptedHttp, answer: Any, code: str) -> None:
    http.say(answer)
    assert error_of(settings(http.url + "/x"), order="7").code == code


def test_reading_is_tried_twice_and_writing_is_not(http: ScriptedHttp) -> None:
    http.say("cut", OK)
    assert ask(settings(http.url + "/x"), order="7") == {"status": "已发货"}
    for fields, tries in (({"method": "POST"}, 1), ({"method": "POST", "idempotent": True}, 2), ({"writes": True}, 1)):
        http.seen.clear()
        http.say("cut")
        assert error_of(settings(http.url + "/x", **fields), order="7").code == "unreachable"
        assert len(http.seen) == tries


def test_a_tool_that_is_down_or_hangs(http: ScriptedHttp) -> None:
    assert error_of(settings(f"http://127.0.0.1:{free_port()}/x"), order="7").code == "unreachable"
    release = threading.Event()
    http.say(lambda: release.wait(30) and OK)
    error = error_of(settings(http.url + "/x", timeout_s=0.2, method="POST"), order="7")
    release.set()
    assert error.code == "timeout"


def test_redirects_stay_among_allowed_hosts_and_lose_secrets_on_the_way(
    http: ScriptedHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "s3cret-value")
    headers = {"Authorization": "Bearer ${SHOP_TOKEN}"}
    with scripted_http() as other:
        http.say((302, {"Location": "/y"}, b""), (307, {"Location": f"http://localhost:{other.port}/z"}, b""))
        other.say(OK)
        assert ask(settings(http.url + "/x", headers=headers), order="7") == {"status": "已发货"}
        assert [(seen.path, "authorization" in seen.headers) for seen in [*http.seen, *other.seen]] == [
            ("/x?order=7", True), ("/y", True), ("/z", False),
        ]  # fmt: skip
        http.say((302, {"Location": "/x"}, b""))
        assert "more than" in error_of(settings(http.url + "/x"), order="7").message


def test_a_write_is_never_sent_to_another_place(http: ScriptedHttp) -> None:
    http.say((307, {"Location": "/y"}, b""))
    assert error_of(settings(http.url + "/x", method="POST"), order="7").code == "bad_reply"
    assert len(http.seen) == 1


def test_secrets_are_in_no_error_and_in_no_slot(http: ScriptedHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "s3cret-value")
    fields: dict[str, Any] = {"headers": {"Authorization": "Bearer ${SHOP_TOKEN}"}, "slots": {"echo": ""}}
    http.say(json_answer({"you": ["sent Bearer s3cret-value!"]}))
    assert ask(settings(http.url + "/x", **fields), order="7") == {"echo": {"you": ["sent Bearer •••!"]}}
    assert http.seen[0].headers["authorization"] == "Bearer s3cret-value"
    for answer in ("cut", (500, {}, b"s3cret-value"), (200, {}, b"s3cret-value")):
        http.say(answer)
        error: BaseException | None = error_of(settings(http.url + "/x", **fields), order="7")
        while error is not None:
            assert "s3cret-value" not in str(error)
            error = error.__cause__


def test_a_name_is_looked_up_once_and_called_at_the_address_that_was_looked_at(
    http: ScriptedHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that first gives a harmless address and then this machine's gains nothing."""
    lookups: list[str] = []
    real = socket.getaddrinfo

    def first_public_then_private(host: Any, *rest: Any, **more: Any) -> Any:
        lookups.append(str(host))
        return real("127.0.0.1" if host == "rebind.example" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", first_public_then_private)
    http.say(OK)
    tool = settings(f"http://rebind.example:{http.port}/x", allowed_hosts=["rebind.example"])
    assert ask(tool, order="7") == {"status": "已发货"}
    assert lookups.count("rebind.example") == 1
    assert http.seen[0].headers["host"] == f"rebind.example:{http.port}"
    guarded = settings(
        f"http://rebind.example:{http.port}/x", allowed_hosts=["rebind.example"], allow_private_addresses=False
    )
    assert error_of(guarded, order="7").code == "rejected"
    assert len(http.seen) == 1


def test_a_host_that_is_not_on_the_list_is_the_owners_error() -> None:
    with pytest.raises(ConfigError, match="allowed_hosts"):
        ask(settings("http://api.example.com/x", allowed_hosts=["example.com"]), order="7")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"url": "ftp://x/y"}, "http"),
        ({"url": "http://{order}.example.com/"}, "host without placeholders"),
        ({"url": "http://user:pw@h/"}, "password"),
        ({"url": "http://h/{who}"}, "who"),
        ({"url": "http://h/{note}"}, "required"),
        ({"url": "http://h/?key=${TOKEN}"}, "headers"),
        ({"slots": {"a": "order.status"}}, "pattern"),
        ({"schema": {"type": "array"}}, "object"),
        ({"method": "TRACE"}, "GET"),
        ({"timeout_s": 0}, "greater"),
        ({"allowed_hosts": []}, "at least 1"),
        ({"surprise": 1}, "surprise"),
        ({"name": "a b"}, "name"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_settings_that_make_no_sense_are_refused(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        settings(fields.get("url", "http://h/x"), **{key: value for key, value in fields.items() if key != "url"})


def test_the_certificate_is_checked_for_the_name_and_not_for_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example", "-keyout", key, "-out", certificate,
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda _host, port, *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))],
    )
    with scripted_http(context) as server:
        server.say(OK)
        good = settings(f"https://shop.example:{server.port}/x", allowed_hosts=["shop.example"])
        assert ask(good, order="7") == {"status": "已发货"}
        other = settings(f"https://evil.example:{server.port}/x", allowed_hosts=["evil.example"])
        assert error_of(other, order="7").code == "unreachable"
        assert len(server.seen) == 1
