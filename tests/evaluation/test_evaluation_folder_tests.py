"""Which files of a folder are what, which tests are chosen, and that no file of any content raises."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatwright.errors import ConfigError
from chatwright.evaluation.folder_tests import chosen_tests, kind_of, question_paths, read_tests, yaml_paths

CASES = "fixtures:\n- rich: [{money: 3}]\ntest_cases:\n- {test_case: a, steps: [{user: hi}]}\n- {test_case: b, steps: [{user: ho}]}\n"
OTHER = "test_cases:\n- {test_case: c, fixtures: [rich], steps: [{user: hi}]}\n"
SCENARIO = "scenario: {name: s, user: {goal: hi}}\n"
QUESTIONS = "questions:\n- {id: q, language: en, question: hi, expect: abstained}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tests = tmp_path / "tests"
    for name, text in {
        "a.yaml": CASES,
        "deep/er/b.yml": OTHER,
        "s.yaml": SCENARIO,
        "q.yaml": QUESTIONS,
        "conftest.yml": "llm_judge: {}\n",
        "stories.yml": "stories: []\n",
        ".hidden/x.yaml": "what: 1\n",
        "notes.txt": "no",
    }.items():
        (tests / name).parent.mkdir(parents=True, exist_ok=True)
        (tests / name).write_text(text, encoding="utf-8")
    return tests


def test_all_of_a_folder(folder: Path) -> None:
    found = chosen_tests(folder, [])
    assert found.names == ["a", "b", "c", "s"]
    assert found.cases[2].slots == {"money": 3}
    assert found.question_files == [folder / "q.yaml"]
    assert [line.partition(": ")[0] for line in found.ignored] == [
        str(folder / "conftest.yml"),
        str(folder / "stories.yml"),
    ]
    assert found.problems == []
    assert question_paths(folder) == [folder / "q.yaml"]


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        (["a.yaml"], ["a", "b"]),
        (["a.yaml::b"], ["b"]),
        (["deep"], ["c"]),
        (["deep/er/b.yml", "a.yaml::a"], ["c", "a"]),
        (["s.yaml::s"], ["s"]),
    ],
)
def test_chosen(folder: Path, chosen: list[str], names: list[str]) -> None:
    assert chosen_tests(folder, chosen).names == names


@pytest.mark.parametrize(
    ("chosen", "told", "hint"),
    [
        ("x.yaml", "no test file 'x.yaml'", "s.yaml"),
        ("a.yaml::aa", "no test 'aa'", "Did you mean 'a'?"),
        ("q.yaml::q", "no test 'q'", ""),
    ],
)
def test_what_is_not_there(folder: Path, chosen: str, told: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        chosen_tests(folder, [chosen])
    assert told in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"questions": []}, "questions"), ({"dialogues": []}, "questions"), ([], "questions"),
        ({"test_cases": []}, "tests"), ({"fixtures": []}, "tests"), ({"stub_custom_actions": {}}, "tests"),
        ({"scenario": {}, "stub_custom_actions": {}}, "scenarios"), ({"scenarios": []}, "scenarios"),
        ({"version": "3.1", "stories": []}, "stories"), ({"qestions": []}, None), (3, None), (None, None),
    ],
)  # fmt: skip
def test_kinds(values: Any, kind: str | None) -> None:
    assert kind_of(Path("x.yaml"), values) == kind


def test_files_that_cannot_be_told_or_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("qestions: []\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("a: [\n", encoding="utf-8")
    found = read_tests(yaml_paths(tmp_path))
    assert len(found.problems) == 2
    assert "b.yaml:2" in found.problems[0]
    assert "a.yaml:1: no key tells what this file holds" in found.problems[1]
    assert question_paths(tmp_path) == yaml_paths(tmp_path)  # their reader says what is wrong


KEYS = st.sampled_from(
    """fixtures metadata stub_custom_actions test_cases test_case steps user bot utter slot_was_set slot_was_not_set
    assertions flow_started flow_ids operator bot_uttered buttons events responses event scenario scenarios name goals
    criteria setup initial_slots temperament facts at_first questions script seed max_turns by language sequencing""".split()  # noqa: SIM905 - a word list reads best as words
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.sampled_from(["", "a", "any", "(", "slot", "model"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=25,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_no_content_raises(tmp_path: Path, content: dict[str, Any]) -> None:
    path = tmp_path / "t.yaml"
    path.write_bytes(orjson.dumps(content))
    found = read_tests([path])
    assert all(line.startswith(f"{path}:") for line in found.problems)
