from pathlib import Path

import pytest
from tests.actions.conftest import call, run

from chatwright.actions.folder_code import load_python_actions
from chatwright.errors import ConfigError

HEAD = "from chatwright.actions import action\n"


def test_a_folder_without_code_has_no_actions(folder: Path) -> None:
    assert load_python_actions(folder) == []


def test_decorated_functions_are_found_and_others_are_not(folder: Path) -> None:
    (folder / "actions.py").write_text(
        HEAD + "from dataclasses import dataclass\n\n@dataclass\nclass Money:\n    yuan: float\n\n"
        "def aside(): ...\n\n@action\ndef 查询订单(order_id: str) -> str:\n    '查订单'\n    return order_id\n\n"
        "@action\nasync def refund(money: Money): ...\n",
        encoding="utf-8",
    )
    found = load_python_actions(folder)
    assert [each.name for each in found] == ["查询订单", "refund"]
    assert run(found[0].run(call("查询订单", arguments={"order_id": "7"}))).utterances[0].text == "7"
    assert found[1].origin.startswith(f"{folder / 'actions.py'}:")
    assert not (folder / "__pycache__").exists()


def test_changed_code_is_read_anew_and_folders_do_not_mix(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for place, name in ((folder, "one"), (other, "two"), (folder, "six")):
        (place / "actions.py").write_text(f"{HEAD}@action\ndef {name}(): ...\n")
        assert [each.name for each in load_python_actions(place)] == [name]


def test_a_package_is_loaded_whole(folder: Path) -> None:
    (folder / "actions" / "shop").mkdir(parents=True)
    (folder / "actions" / "__init__.py").write_text("")
    (folder / "actions" / "prices.py").write_text(f"{HEAD}@action\ndef price(): ...\n")
    (folder / "actions" / "shop" / "__init__.py").write_text("from ..prices import price\n")
    (folder / "actions" / "shop" / "visit.py").write_text(f"{HEAD}@action\ndef visit(): ...\n")
    assert sorted(each.name for each in load_python_actions(folder)) == ["price", "visit"]


@pytest.mark.parametrize(
    ("code", "line", "told"),
    [
        ("x = 1\ndef (:\n", 2, "invalid syntax"),
        ("\n\n1 / 0\n", 3, "ZeroDivisionError"),
        ("def f():\n    raise ValueError('no')\n\nf()\n", 2, "no"),
        ("import not_a_module_here\n", 1, "not_a_module_here"),
        ("import sys\nsys.exit(0)\n", 2, "it ends the process"),
        (f"{HEAD}\n@action\ndef f(x): ...\n", 3, "'x' of 'f' has no type"),
        (f"{HEAD}\n@action\nclass C: ...\n", None, "not a function"),
        ("x = '\x00'\n", None, "null bytes"),
    ],
    ids=["syntax", "raises", "deeper", "import", "exit", "untyped", "class", "null"],
)
def test_code_that_cannot_be_loaded_is_reported_with_its_line(
    folder: Path, code: str, line: int | None, told: str
) -> None:
    (folder / "actions.py").write_text(code)
    with pytest.raises(ConfigError, match=told) as caught:
        load_python_actions(folder)
    if line is not None:
        assert f"{folder / 'actions.py'}:{line}:" in caught.value.message


def test_a_module_of_a_package_that_cannot_be_loaded_is_named(folder: Path) -> None:
    (folder / "actions").mkdir()
    (folder / "actions" / "__init__.py").write_text("")
    (folder / "actions" / "broken.py").write_text("\nraise ValueError('数据库')\n")
    with pytest.raises(ConfigError, match=r"broken\.py:2: ValueError: 数据库"):
        load_python_actions(folder)


def test_code_that_is_not_utf8_is_reported(folder: Path) -> None:
    (folder / "actions.py").write_bytes("x = '查询'\n".encode("gb18030"))
    with pytest.raises(ConfigError, match=r"actions\.py"):
        load_python_actions(folder)


def test_code_outside_the_folder_is_not_run(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text("raise AssertionError('it ran')\n")
    (folder / "actions.py").symlink_to(outside)
    with pytest.raises(ConfigError, match="leads out of the bot folder"):
        load_python_actions(folder)
