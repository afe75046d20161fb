"""Our action server: rasa-sdk-shaped requests against it, and the SDK's own Action classes in it."""

import json
import os
import sys
import sysconfig
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.actions.conftest import SDK_ACTIONS, call, free_port, process, run, served

from chatwright.actions.action_server import ActionServer
from chatwright.actions.actions_settings import ActionServerSettings
from chatwright.actions.rasa_wire import call_body
from chatwright.actions.registry import ActionRegistry
from chatwright.actions.sending import open_client
from chatwright.actions.serving import MAX_BODY_BYTES, create_action_app
from chatwright.errors import ActionError, ConfigError
from chatwright.messages import ActionResult, Button, Utterance

CODE = """
from chatwright.actions import action
from chatwright.errors import ActionError
from chatwright.messages import ActionCall, ActionResult, Button, Utterance


@action
def order_status(order_id: str, call: ActionCall) -> ActionResult:
    return ActionResult(
        slots={"order_status": f"{order_id} {call.language}", "call_id": call.call_id},
        utterances=(Utterance(text="已发货", buttons=(Button(title="退货", payload="/return"),)), Utterance(response="utter_x")),
        events=({"event": "followup", "name": "action_listen"},),
    )


@action
def declines() -> None:
    raise ActionError("现在不行", code="rejected")


@action
def fails() -> None:
    raise RuntimeError("fire")
"""
DOMAIN = {"slots": {}}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("bot")
    (folder / "actions.py").write_text(CODE, encoding="utf-8")
    path = list(sys.path)
    with served(create_action_app(folder)) as address:
        yield address
    sys.path[:] = path


@pytest.fixture(scope="module")
def web() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False) as client:
        yield client


def body(name: str = "order_status", **more: Any) -> dict[str, Any]:
    asked = call(name, text="我的订单", slots={"order_id": "7"})
    return call_body(asked, DOMAIN, None) | more


def test_health_and_the_list_of_actions(url: str, web: httpx2.Client) -> None:
    assert web.get(f"{url}/health").json() == {"status": "ok"}
    assert web.get(f"{url}/actions").json() == [{"name": n} for n in ("declines", "fails", "order_status")]


def test_a_reply_has_every_field_of_the_sdks(url: str, web: httpx2.Client) -> None:
    reply = web.post(f"{url}/webhook", json=body(), headers={"Idempotency-Key": "once"})
    assert reply.status_code == 200
    empty = {"elements": [], "custom": {}, "image": None, "attachment": None}
    assert reply.json() == {
        "events": [
            {"timestamp": None, "event": "followup", "name": "action_listen"},
            {"event": "slot", "timestamp": None, "name": "order_status", "value": "7 zh"},
            {"event": "slot", "timestamp": None, "name": "call_id", "value": "once"},
        ],
        "responses": [
            empty
            | {
                "text": "已发货",
                "buttons": [{"title": "退货", "payload": "/return"}],
                "template": None,
                "response": None,
            },
            empty | {"text": None, "buttons": [], "template": "utter_x", "response": "utter_x"},
        ],
    }


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        (body("declines"), 400, {"error": "现在不行", "action_name": "declines"}),
        (body("order_statu"), 404, {"action_name": "order_statu"}),
        (body() | {"domain": None}, 449, {"action_name": "order_status"}),
        (body() | {"domain": None, "domain_digest": "unknown"}, 449, {"action_name": "order_status"}),
        (body() | {"next_action": None}, 200, None),
        ({}, 200, None),
        (body() | {"tracker": None}, 400, {}),
        (body() | {"tracker": {"slots": {}}}, 400, {"action_name": "order_status"}),
        ([], 400, {"error": "Invalid body request"}),
        (None, 400, {"error": "Invalid body request"}),
    ],
    ids=["declined", "unknown", "no-domain", "digest", "no-name", "empty", "no-tracker", "no-slot", "list", "null"],
)
def test_statuses_are_the_sdks(url: str, web: httpx2.Client, sent: Any, status: int, told: Any) -> None:
    reply = web.post(f"{url}/webhook", json=sent)
    assert reply.status_code == status
    said = reply.json()
    assert said is None if told is None else said == said | told
    if status != 200:
        assert said["error"]


def test_a_function_that_raises_is_a_500_with_the_request(url: str, web: httpx2.Client) -> None:
    reply = web.post(f"{url}/webhook", json=body("fails"))
    assert reply.status_code == 500
    assert set(reply.json()) == {"error", "request_body"}
    assert reply.json()["request_body"] == body("fails")
    assert "fire" not in reply.json()["error"]


def test_the_domain_is_kept_by_its_digest(url: str, web: httpx2.Client) -> None:
    without = {key: value for key, value in body().items() if key != "domain"}
    steps = [
        (without | {"domain_digest": "d1"}, 449),
        (body(domain_digest="d1"), 200),
        (without | {"domain_digest": "d1"}, 200),
        (without | {"domain_digest": "d2"}, 449),
        (without | {"domain_digest": "d1"}, 200),
    ]
    assert [web.post(f"{url}/webhook", json=sent).status_code for sent, _ in steps] == [status for _, status in steps]


@pytest.mark.parametrize(
    ("content", "encoding", "status"),
    [
        (zlib.compress(json.dumps(body()).encode()), "deflate", 200),
        (json.dumps(body()).encode(), "deflate", 400),
        (zlib.compress(json.dumps(body()).encode())[:-9], "deflate", 400),
        (zlib.compress(b" " * (MAX_BODY_BYTES + 1)), "deflate", 413),
        (b" " * (MAX_BODY_BYTES + 1), "identity", 413),
        (b"x", "br", 415),
        (b"{", "identity", 400),
        (b"\xff", "identity", 400),
        (b"", "identity", 400),
        (b"[" * 100_000, "identity", 400),
    ],
    ids=["deflate", "not-deflated", "cut", "bomb", "huge", "brotli", "broken", "binary", "empty", "deep"],
)
def test_bodies_of_every_kind(url: str, web: httpx2.Client, content: bytes, encoding: str, status: int) -> None:
    reply = web.post(f"{url}/webhook", content=content, headers={"Content-Encoding": encoding})
    assert reply.status_code == status
    assert web.get(f"{url}/health").status_code == 200


def test_web_pages_are_refused(url: str, web: httpx2.Client) -> None:
    assert web.post(f"{url}/webhook", json=body(), headers={"Origin": "http://evil.example"}).status_code == 403


def test_our_client_and_our_server_understand_each_other(url: str) -> None:
    async def act() -> tuple[ActionResult, str]:
        async with open_client() as client:
            settings = ActionServerSettings(url=url, domain="digest")
            registry = ActionRegistry(fallback=ActionServer(settings, client, DOMAIN).action)
            result = await registry.run(call("order_status", text="到哪了", slots={"order_id": "7"}))
            with pytest.raises(ActionError) as caught:
                await registry.run(call("declines"))
            return result, caught.value.code

    result, code = run(act())
    assert result == ActionResult(
        slots={"order_status": "7 zh", "call_id": "call-1"},
        utterances=(
            Utterance(text="已发货", buttons=(Button(title="退货", payload="/return"),)), Utterance(response="utter_x"),
        ),
        events=({"event": "followup", "name": "action_listen", "timestamp": None},),
    )  # fmt: skip
    assert code == "rejected"


def test_a_folder_without_actions_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="no actions"):
        create_action_app(folder)


START = """
import sys
sys.path += sys.argv[3:]
import uvicorn
from pathlib import Path
from chatwright.actions.serving import create_action_app
uvicorn.run(create_action_app(Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), log_level="error")
"""


@pytest.fixture(scope="module")
def both_servers(
    rasa_sdk_python: str, rasa_sdk_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The SDK's own server and ours, over the same Rasa project and in the same Python."""
    port, log = free_port(), tmp_path_factory.mktemp("ours") / "log"
    url = f"http://127.0.0.1:{port}"
    # What chatwright needs and the SDK's environment lacks is taken from ours, after its own.
    ours = [str(Path(__file__).parents[2] / "src"), sysconfig.get_path("purelib")]
    arguments = [rasa_sdk_python, "-c", START, str(SDK_ACTIONS), str(port), *ours]
    with process(
        arguments, f"{url}/health", log, env=os.environ | {"PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1"}
    ):
        yield rasa_sdk_server, url


@pytest.mark.parametrize(
    "sent",
    [
        body("action_order_status", domain_digest="d9"),
        body("action_every_event"),
        body("action_echo", domain_digest="d9"),
        {key: value for key, value in body("action_echo", domain_digest="other").items() if key != "domain"},
        body("action_declines"),
        body("action_unknown"),
        body() | {"next_action": None},
        None,
    ],
    ids=["responses", "events", "tracker", "no-domain", "declines", "unknown", "no-name", "null"],
)
def test_the_same_request_gets_the_same_answer_as_from_the_sdk(
    both_servers: tuple[str, str], web: httpx2.Client, sent: Any
) -> None:
    theirs, ours = (web.post(f"{url}/webhook", json=sent) for url in both_servers)
    assert ours.status_code == theirs.status_code
    if theirs.status_code == 449:
        assert ours.json().keys() == theirs.json().keys()
    else:
        assert ours.json() == theirs.json()


def test_both_servers_name_the_same_actions(both_servers: tuple[str, str], web: httpx2.Client) -> None:
    theirs, ours = (web.get(f"{url}/actions").json() for url in both_servers)
    assert sorted(each["name"] for each in ours) == sorted(each["name"] for each in theirs)


def test_an_sdk_action_that_raises_is_a_500_of_the_same_shape(
    both_servers: tuple[str, str], web: httpx2.Client
) -> None:
    theirs, ours = (web.post(f"{url}/webhook", json=body("action_fails")) for url in both_servers)
    assert (ours.status_code, theirs.status_code) == (500, 500)
    assert ours.json().keys() == theirs.json().keys()
    assert ours.json()["request_body"] == theirs.json()["request_body"]
