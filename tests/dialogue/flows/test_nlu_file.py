"""Training data as Rasa writes them, and what is wrong in them with its line."""

from pathlib import Path

import pytest

from chatwright.dialogue.flows.annotated_text import read_annotated
from chatwright.dialogue.flows.nlu_file import load_training_data, read_training_data
from chatwright.dialogue.training_data import Annotation
from chatwright.errors import ConfigError

NLU = """version: "3.1"
nlu:
- intent: greet
  examples: |
    - hello
    - 你好
- intent: book
  metadata: {team: travel}
  examples:
    - text: |
        fly from [Berlin]{"entity": "city", "role": "from"} to [the big apple]{"entity": "city", "role": "to", "value": "New York"}
      metadata: {sentiment: neutral}
    - 我要从[北京](city)出发
- synonym: New York
  examples: |
    - NYC
    - 纽约
- regex: booking_id
  examples: |
    - [A-Z]{2}\\d{4}
- lookup: city
  examples: |
    - Paris
    - 上海
"""


def write(folder: Path, text: str, name: str = "nlu.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def test_everything_is_read(tmp_path: Path) -> None:
    data = load_training_data(write(tmp_path, NLU))
    assert [(each.intent, each.text, each.line) for each in data.examples] == [
        ("greet", "hello", 5),
        ("greet", "你好", 6),
        ("book", "fly from Berlin to the big apple", 10),
        ("book", "我要从北京出发", 13),
    ]
    roles = [(mark.entity, mark.role, mark.value) for mark in data.examples[2].entities]
    assert roles == [("city", "from", "Berlin"), ("city", "to", "New York")]
    assert data.synonyms == {"the big apple": "New York", "nyc": "New York", "纽约": "New York"}
    assert data.regexes == {"booking_id": (r"[A-Z]{2}\d{4}",)}
    assert data.lookups == {"city": ("Paris", "上海")}
    assert data.entities == {"city"}


MARK = '- intent: fly\n  examples: |\n    - to [NYC]{"entity": "city", "value": "New York"}\n'
SYNONYM = "- synonym: the big apple\n  examples: |\n    - nyc\n"


@pytest.mark.parametrize(("text", "line"), [(MARK + SYNONYM, 4), (SYNONYM + MARK, 7)])
def test_a_synonym_counts_more_than_a_mark_in_either_order(tmp_path: Path, text: str, line: int) -> None:
    data, problems = read_training_data(write(tmp_path, f"nlu:\n{text}"))
    assert data.synonyms == {"nyc": "the big apple"}
    assert [(problem.severity, problem.line) for problem in problems] == [("warning", line)]


def test_several_files_are_one(tmp_path: Path) -> None:
    write(tmp_path, NLU)
    write(tmp_path, "nlu:\n- intent: bye\n  examples: |\n    - see you\n", "nlu/more.yml")
    assert load_training_data(tmp_path).intents == ("greet", "book", "bye")


def test_a_folder_without_training_data_has_none(tmp_path: Path) -> None:
    assert read_training_data(tmp_path)[0].examples == ()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("nlu:\n- intent: a\n  exmples: |\n    - x\n", 3, "Unknown key 'exmples'"),
        ("stories: []\n", 1, "Unknown key 'stories'"),
        ("nlu:\n- intent: a\n  examples: |\n    - x\n    y\n", 5, "does not begin with a dash"),
        ("nlu:\n- intent: a\n", 2, "has no examples"),
        ("nlu:\n- examples: |\n    - x\n", 2, "exactly one name"),
        ("nlu:\n- intent: a\n  examples: |\n    - ok\n    - to [Rome](city\n", 5, "is not closed"),
        ('nlu:\n- intent: a\n  examples: |\n    - to [Rome]{"role": "to"}\n', 4, "names no entity"),
        ('nlu:\n- intent: a\n  examples: |\n    - to [Rome]{"entity": "city", "rol": "to"}\n', 4, "unknown key 'rol'"),
        ("nlu:\n- regex: a\n  examples: |\n    - (a+)+\n", 4, "repeats a repetition"),
        ("nlu:\n- regex: a\n  examples: |\n    - a(\n", 4, "no regular expression"),
        ("nlu:\n- synonym: a\n  examples: |\n    - x\n- synonym: b\n  examples: |\n    - X\n", 7, "also 'a'"),
        ("nlu:\n- intent: a\n  examples:\n    - metadata: {}\n", 4, "has no text"),
        ("nlu: {a: b}\n", 1, "must be a list"),
        ("nlu:\n- 3\n", 2, "must be a mapping"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_training_data(write(tmp_path, text))
    assert f"nlu.yaml:{line}:" in caught.value.message
    assert words in caught.value.message


def test_one_text_under_two_intents_is_a_warning(tmp_path: Path) -> None:
    text = "nlu:\n- intent: a\n  examples: |\n    - Same\n- intent: b\n  examples: |\n    - same\n"
    _, problems = read_training_data(write(tmp_path, text))
    assert [(problem.severity, problem.line) for problem in problems] == [("warning", 7)]


@pytest.mark.parametrize(
    ("written", "plain", "marks"),
    [
        ("no [marks] here", "no [marks] here", ()),
        ("[x](a:y) z", "x z", (Annotation(entity="a", value="y", start=0, end=1),)),
        ('[x]{"entity": "a", "value": "{1]"}', "x", (Annotation(entity="a", value="{1]", start=0, end=1),)),
        ('[x][{"entity": "a"}, {"entity": "b", "group": "1"}]', "x",
         (Annotation(entity="a", value="x", start=0, end=1), Annotation(entity="b", value="x", start=0, end=1, group="1"))),
    ],
)  # fmt: skip
def test_marks(written: str, plain: str, marks: tuple[Annotation, ...]) -> None:
    assert read_annotated(written) == (plain, marks)
