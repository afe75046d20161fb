"""MCP tools against a real server process, over stdio and over HTTP."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests.actions.conftest import call, free_port, process, run

from chatwright.actions.actions_settings import McpServerSettings
from chatwright.actions.mcp_tool import flow_of, open_mcp_server
from chatwright.actions.registry import ActionRegistry
from chatwright.errors import ActionError, ConfigError
from chatwright.messages import ActionResult, Utterance

SHOP = Path(__file__).parent / "mcp_shop.py"
STDIO: dict[str, Any] = {"command": [sys.executable, str(SHOP)]}
STATUS: dict[str, Any] = {
    "tool": "order_status", "slots": {"status": "/status", "stop": "/stops/1"}, "writes": False,
}  # fmt: skip


def settings(*tools: dict[str, Any], **fields: Any) -> McpServerSettings:
    transport = {} if {"url", "command"} & fields.keys() else STDIO
    return McpServerSettings.model_validate({"name": "shop", "tools": tools or [STATUS]} | transport | fields)


def ask(server: McpServerSettings, *calls: Any) -> list[Any]:
    async def act() -> list[Any]:
        outcomes: list[Any] = []
        async with open_mcp_server(server) as tools:
            registry = ActionRegistry(tools)
            for each in calls:
                try:
                    outcomes.append(await registry.run(each))
                except ActionError as err:
                    outcomes.append(err)
        return outcomes

    return run(act())


@pytest.fixture(scope="module")
def http_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/mcp"
    log = tmp_path_factory.mktemp("mcp") / "log"
    with process([sys.executable, str(SHOP), str(port)], url, log):
        yield url


def test_structured_results_fill_slots_over_stdio() -> None:
    asked = call("shop_order_status", arguments={"order": "7", "detail": "2"})
    assert ask(settings(), asked, asked) == [ActionResult(slots={"status": "已发货已发货", "stop": "Berlin"})] * 2


def test_structured_results_fill_slots_over_http(http_url: str) -> None:
    asked = call("track", slots={"order": 7.0})
    server = settings(STATUS | {"action": "track"}, url=http_url)
    assert ask(server, asked) == [ActionResult(slots={"status": "已发货", "stop": "Berlin"})]


def test_the_servers_schema_checks_the_arguments(http_url: str) -> None:
    server = settings(STATUS, url=http_url)
    outcomes = ask(
        server, call("shop_order_status"), call("shop_order_status", arguments={"order": "7", "detail": "x"})
    )
    assert [outcome.code for outcome in outcomes] == ["rejected", "rejected"]


@pytest.mark.parametrize(
    ("kind", "fields", "result"),
    [
        ("json", {"slots": {"s": "/status"}}, ActionResult(slots={"s": "sent"})),
        ("plain", {"slots": {"s": "/status"}}, ActionResult(slots={"s": None})),
        ("plain", {"text_slot": "t"}, ActionResult(slots={"t": "已发货[31m"})),
        ("plain", {"say": True}, ActionResult(utterances=(Utterance(text="已发货[31m"),))),
        ("orders", {}, ActionResult()),
    ],
    ids=["json", "no-json", "slot", "said", "orders"],
)
def test_text_results_go_only_where_the_owner_says(
    http_url: str, kind: str, fields: dict[str, Any], result: ActionResult
) -> None:
    server = settings({"tool": "as_text"} | fields, url=http_url)
    assert ask(server, call("shop_as_text", arguments={"kind": kind})) == [result]


def test_a_huge_result_is_a_bad_reply_and_the_next_call_works(http_url: str) -> None:
    for transport in ({"url": http_url}, STDIO):
        server = settings({"tool": "as_text", "text_slot": "t"}, **transport)
        outcomes = ask(server, *(call("shop_as_text", arguments={"kind": kind}) for kind in ("huge", "json")))
        assert outcomes[0].code in ("bad_reply", "unreachable", "failed")
        assert outcomes[1] == ActionResult(slots={"t": '{"status": "sent"}'})


def test_errors_of_a_tool_are_failures_without_its_words(http_url: str) -> None:
    outcome = ask(settings({"tool": "fails"}, url=http_url), call("shop_fails"))[0]
    assert outcome.code == "failed"
    assert "hunter2" not in str(outcome)


def test_a_tool_that_hangs_is_a_timeout_and_the_next_call_works() -> None:
    server = settings({"tool": "hangs"}, STATUS, timeout_s=3)

    async def act() -> list[Any]:
        async with open_mcp_server(server) as tools:
            for tool in tools:
                tool.timeout_s = 0.3 if tool.name == "shop_hangs" else 10
            registry = ActionRegistry(tools)
            with pytest.raises(ActionError) as caught:
                await registry.run(call("shop_hangs"))
            return [caught.value.code, await registry.run(call("shop_order_status", arguments={"order": "7"}))]

    assert run(act()) == ["timeout", ActionResult(slots={"status": "已发货", "stop": "Berlin"})]


def test_a_server_that_dies_is_started_again_by_the_next_call() -> None:
    outcomes = ask(
        settings({"tool": "dies"}, STATUS), call("shop_dies"), call("shop_order_status", arguments={"order": "7"})
    )
    assert outcomes[0].code == "unreachable"
    assert outcomes[1].slots["status"] == "已发货"


@pytest.mark.parametrize(("idempotent", "is_repeated"), [(True, True), (False, False)])
def test_only_what_may_be_repeated_is(tmp_path: Path, idempotent: bool, is_repeated: bool) -> None:
    once = tmp_path / "once"
    server = settings({"tool": "dies", "text_slot": "t", "idempotent": idempotent})
    outcome = ask(server, call("shop_dies", arguments={"once_file": str(once)}))[0]
    if is_repeated:
        assert outcome == ActionResult(slots={"t": "alive"})
    else:
        assert outcome.code == "unreachable"


def test_calls_at_the_same_time_share_the_connection(http_url: str) -> None:
    async def act() -> list[Any]:
        async with open_mcp_server(settings(STATUS, url=http_url)) as tools:
            registry = ActionRegistry(tools)
            asked = [call("shop_order_status", arguments={"order": str(n), "detail": n % 3 + 1}) for n in range(12)]
            return list(await asyncio.gather(*(registry.run(each) for each in asked)))

    assert [len(result.slots["status"]) for result in run(act())] == [3 * (n % 3 + 1) for n in range(12)]


def test_a_child_sees_only_the_variables_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "tok-12345")
    monkeypatch.setenv("OTHER_SECRET", "other")
    tool = {"tool": "environment", "slots": {"keys": "/keys", "token": "/token"}}
    seen = ask(settings(tool, env=["SHOP_TOKEN"]), call("shop_environment"))[0].slots
    assert seen["token"] == "tok-12345"
    assert "OTHER_SECRET" not in seen["keys"]
    monkeypatch.delenv("SHOP_TOKEN")
    with pytest.raises(ConfigError, match="SHOP_TOKEN"):
        ask(settings(tool, env=["SHOP_TOKEN"]))


STACK = ({"flow_id": "track_order"}, {"flow_id": "pattern_collect_information"})


@pytest.mark.parametrize(
    ("flows", "stack", "code"),
    [
        ([], (), None),
        (["track_order"], STACK, None),
        (["refund"], STACK, "rejected"),
        (["track_order"], (), "rejected"),
        (["pattern_collect_information"], STACK, "rejected"),
    ],
)
def test_a_tool_is_for_the_flows_it_was_given_to(http_url: str, flows: list[str], stack: Any, code: str | None) -> None:
    server = settings(STATUS | {"flows": flows}, url=http_url)
    outcome = ask(server, call("shop_order_status", arguments={"order": "7"}, stack=stack))[0]
    assert getattr(outcome, "code", None) == code


def test_tools_that_are_not_listed_are_not_there_and_listed_ones_write_unless_said_otherwise(http_url: str) -> None:
    async def act() -> tuple[list[str], list[bool]]:
        async with open_mcp_server(settings(STATUS, {"tool": "as_text"}, url=http_url)) as tools:
            return [tool.name for tool in tools], [tool.is_write for tool in tools]

    assert run(act()) == (["shop_order_status", "shop_as_text"], [False, True])
    assert ask(settings(STATUS, url=http_url), call("shop_fails"))[0].code == "unknown_action"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"command": ["/no/such/program"]}, "cannot be used"),
        ({"command": [sys.executable, "-c", "print('hello')"]}, "cannot be used"),
        ({"command": [sys.executable, "-c", "import sys; sys.stdin.read()"], "timeout_s": 0.5}, "in time"),
        ({"url": "http://127.0.0.1:9/mcp"}, "cannot be used"),
        ({"tools": [{"tool": "order_statu"}]}, "Did you mean 'order_status'"),
    ],
    ids=["program", "no-server", "silent", "refused", "no-tool"],
)
def test_a_server_that_cannot_be_used_is_the_owners_error(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        ask(settings(**fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"command": ["x"], "url": "http://h/mcp"},
        {"command": []},
        {"url": "ftp://h"},
        {"url": "http://h", "env": ["A"]},
        {"headers": {"A": "b"}},
        {"tools": []},
        {"tools": [{"tool": "a", "write": False}]},
        {"name": "a b"},
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**fields)


def test_the_flow_is_the_topmost_that_is_no_pattern() -> None:
    assert flow_of(STACK) == "track_order"
    assert flow_of(({"flow_id": None}, {})) == ""
