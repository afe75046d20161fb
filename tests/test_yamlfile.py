"""YAML with places: YAML 1.2 values, and an error always names file and line."""

from pathlib import Path

import pytest

from chatwright.errors import ConfigError
from chatwright.yamlfile import YamlFile

TEXT = """name: shop
hours: 12:30
open: no
list:
  - a: 1
  - a: 2
    b: 三
"""


@pytest.fixture
def file(tmp_path: Path) -> YamlFile:
    path = tmp_path / "a.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return YamlFile(path)


def test_values_are_plain_yaml_1_2(file: YamlFile) -> None:
    assert file.values == {"name": "shop", "hours": "12:30", "open": "no", "list": [{"a": 1}, {"a": 2, "b": "三"}]}
    assert all(type(value) in (str, list) for value in file.values.values())


@pytest.mark.parametrize(
    ("keys", "line"),
    [(["name"], 1), (["open"], 3), (["list", 1], 6), (["list", 1, "b"], 7), (["list", 1, "missing"], 6), (["no"], 1)],
)
def test_lines(file: YamlFile, keys: list[str | int], line: int) -> None:
    assert file.line_of(keys) == line


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a: 1\n  b: 2\n", ":2:"),
        (b"a: 1\na: 2\n", ":2:"),
        (b"a: \xff\n", "not UTF-8"),
        (b"a: !!python/object/apply:os.system ['true']\n", None),
        (b"[" * 5000, "not valid YAML"),
        (b"x" * (2 * 2**20 + 1), "larger than"),
        (
            b"\n".join(
                [b"a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
                + [b"a%d: &a%d [%s]" % (i, i, b", ".join([b"*a%d" % (i - 1)] * 10)) for i in range(1, 8)]
            ),
            "more than 500000 values",
        ),
    ],
)
def test_bad_files(tmp_path: Path, content: bytes, reason: str | None) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    if reason is None:  # an unknown tag constructs nothing
        assert YamlFile(path).values == {"a": ["true"]}
        return
    with pytest.raises(ConfigError) as caught:
        YamlFile(path)
    assert reason in caught.value.message
    assert str(path) in caught.value.message


def test_missing_file_names_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        YamlFile(tmp_path / "bot.yaml")
    assert "chatwright new" in caught.value.hint


def test_twins_are_told_where_they_are_allowed(tmp_path: Path) -> None:
    path = tmp_path / "twins.yaml"
    path.write_text("a: 1\nb: 2\na: 3\n", encoding="utf-8")
    file = YamlFile(path, allows_twins=True)
    assert file.values == {"a": 1, "b": 2}
    assert file.twins == [("a", 3)]
