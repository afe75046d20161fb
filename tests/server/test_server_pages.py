"""The chat page's frame: which page, which policy, which types."""

from pathlib import Path
from typing import Any

import pytest

from chatwright.server import pages


@pytest.fixture
def widget_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pages, "WIDGET_DIR", tmp_path)
    (tmp_path / "page.html").write_text(
        '<html lang="{{language}}"><title>{{title}}</title><body data-bot="{{bot}}" data-languages="{{languages}}">'
    )
    (tmp_path / "chat.js").write_text("export {};")
    (tmp_path / "chat.css").write_text("p {}")
    return tmp_path


def test_the_front_page_of_one_bot_is_its_chat_page(server: Any, widget_dir: Path) -> None:
    with server.client(follow_redirects=True) as http:
        answer = http.get("/", headers={"Accept-Language": "en"})
    assert answer.url.path == "/chat/support"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text == (
        '<html lang="en"><title>Shop &lt;help&gt;</title><body data-bot="support" data-languages="en zh">'
    )


@pytest.mark.parametrize(
    ("accepted", "language"), [("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-GB", "en"), ("fr, zh", "zh"), ("", "en")]
)
def test_the_page_speaks_the_browsers_language(server: Any, widget_dir: Path, accepted: str, language: str) -> None:
    with server.client() as http:
        assert f'lang="{language}"' in http.get("/chat/support", headers={"Accept-Language": accepted}).text


def test_a_page_lets_no_inline_script_run(server: Any, widget_dir: Path) -> None:
    with server.client() as http:
        headers = http.get("/chat/support").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_frames_are_allowed_by_name() -> None:
    policy = pages.page_policy(("https://shop.example",))
    assert policy.endswith("frame-ancestors 'self' https://shop.example")


@pytest.mark.parametrize(("name", "media_type"), [("chat.js", "text/javascript"), ("chat.css", "text/css")])
def test_static_files_have_their_types(serve: Any, widget_dir: Path, name: str, media_type: str) -> None:
    with serve() as running, running.client() as http:
        answer = http.get(f"/static/widget/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"
        again = http.get(f"/static/widget/{name}", headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


@pytest.mark.parametrize("path", ["../app.py", "%2e%2e/app.py", "..%2fapp.py", "%252e%252e/app.py", "chat.js%00", ""])
def test_nothing_outside_the_folder_is_served(serve: Any, widget_dir: Path, path: str) -> None:
    with serve() as running, running.client() as http:
        assert http.get(f"/static/widget/{path}").status_code == 404


@pytest.mark.parametrize("path", ["/chat/nobody", "/nothing", "/api/nothing", "/v1/nothing"])
def test_what_is_not_there_is_404_in_its_envelope(server: Any, path: str) -> None:
    with server.client() as http:
        answer = http.get(path)
    assert answer.status_code == 404
    assert set(answer.json()["error"]) == (
        {"message", "type", "param", "code"} if path.startswith("/v1") else {"message", "hint", "code"}
    )
