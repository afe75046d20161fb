from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests.actions.conftest import ScriptedHttp, call, json_answer, run
from tests.actions.test_actions_mcp_tool import STATUS, STDIO

from chatwright.actions.actions_settings import ActionSettings
from chatwright.actions.opening import open_actions
from chatwright.actions.registry import describe
from chatwright.errors import ConfigError

CODE = "from chatwright.actions import action\n\n@action(writes=True)\ndef refund(order: str) -> str:\n    '退款'\n    return f'{order} 已退款'\n"


def settings(**fields: Any) -> ActionSettings:
    return ActionSettings.model_validate(fields)


def http_tool(url: str, name: str = "track") -> dict[str, Any]:
    return {
        "name": name, "url": f"{url}/track", "allowed_hosts": ["127.0.0.1"], "allow_private_addresses": True,
        "slots": {"status": "/status"},
    }  # fmt: skip


def test_all_four_kinds_work_side_by_side(folder: Path, http: ScriptedHttp) -> None:
    (folder / "actions.py").write_text(CODE, encoding="utf-8")
    http.say(
        json_answer({"status": "sent", "events": [{"event": "slot", "name": "by", "value": "server"}], "responses": []})
    )
    configured = settings(
        server={"url": http.url}, http=[http_tool(http.url)], mcp=[{"name": "shop", "tools": [STATUS], **STDIO}]
    )

    async def act() -> list[Any]:
        async with open_actions(folder, configured, {"slots": {}}) as registry:
            assert registry.names == ["refund", "shop_order_status", "track"]
            assert describe(registry.find("refund"))["writes"] is True
            names = ("refund", "track", "shop_order_status", "action_of_the_server")
            results = [await registry.run(call(name, slots={"order": "7"})) for name in names]
            return [results[0].utterances[0].text, *(dict(result.slots) for result in results[1:])]

    assert run(act()) == ["7 已退款", {"status": "sent"}, {"status": "已发货", "stop": "Berlin"}, {"by": "server"}]


def opened_names(folder: Path, **fields: Any) -> list[str]:
    async def act() -> list[str]:
        async with open_actions(folder, settings(**fields), {}) as registry:
            return registry.names

    return run(act())


def test_python_can_be_switched_off(folder: Path) -> None:
    assert opened_names(folder) == []
    (folder / "actions.py").write_text(CODE, encoding="utf-8")
    assert opened_names(folder) == ["refund"]
    assert opened_names(folder, python=False) == []


def test_the_same_name_twice_is_refused_with_both_places(folder: Path) -> None:
    (folder / "actions.py").write_text(CODE, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"'refund'.*actions\.py:3.*bot\.yaml"):
        opened_names(folder, http=[http_tool("http://127.0.0.1:9", "refund")])


@pytest.mark.parametrize(
    "fields",
    [{"pyton": True}, {"server": {"url": "h:5055"}}, {"server": {}}, {"http": {}}, {"mcp": [{}]}, {"timeout_s": -1}],
    ids=str,
)
def test_what_the_section_does_not_know_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**fields)
