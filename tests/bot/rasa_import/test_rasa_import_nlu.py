"""What the importer writes of training data is what the classifier and the reader of entities learn from."""

from pathlib import Path

import pytest
from tests.bot.rasa_import.imported import imported, talk
from tests.bot.rasa_import.projects import FLIGHTS

from chatwright.dialogue.flows.flow_file import load_flows
from chatwright.dialogue.flows.nlu_file import load_training_data, read_training_data
from chatwright.dialogue.understanding.entities import EntityReader
from chatwright.dialogue.understanding.intent_classifier import IntentClassifier, lessons_of, train
from chatwright.knowledge.embedders import OpenVinoE5Embedder
from chatwright.settings import Settings


@pytest.fixture(scope="module")
def embedder() -> OpenVinoE5Embedder:
    return OpenVinoE5Embedder(Settings().models_dir / "multilingual-e5-small")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target, report = imported(tmp_path_factory.mktemp("flights"), FLIGHTS)
    assert not report.problems
    return target


def test_all_that_a_project_teaches_is_read_again(folder: Path) -> None:
    data = load_training_data(folder)
    assert len(data.examples) == 39
    assert data.intents[:4] == ("greet", "book_flight", "check_baggage", "refund_ticket")
    assert data.synonyms == dict.fromkeys(("big apple", "new york", "nyc"), "New York City") | {"魔都": "上海"}
    assert data.regexes == {"ticket_number": (r"TK-\d{6}",)}
    assert data.lookups["airline"] == ("Lufthansa", "Air France", "国航")
    marks = {(mark.entity, mark.role, mark.group) for example in data.examples for mark in example.entities}
    assert marks == {
        ("city", "departure", ""), ("city", "destination", ""), ("passenger", "", "1"), ("passenger", "", "2"),
        ("airline", "", ""), ("ticket_number", "", ""),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("from Madrid to the Big Apple", [("city", "Madrid", "departure"), ("city", "New York City", "destination")]),
        ("从魔都出发", [("city", "上海", "departure")]),
        ("a refund for tk-999111 please", [("ticket_number", "tk-999111", "")]),
        ("坐国航", [("airline", "国航", "")]),
        ("two passengers, Bob and Ann", [("passenger", "Bob", "1"), ("passenger", "Ann", "2")]),
    ],
)
def test_entities_of_an_imported_project(folder: Path, text: str, entities: list[tuple[str, str, str]]) -> None:
    found = EntityReader(load_training_data(folder)).read(text)
    assert [(each.entity, each.value, each.role or each.group) for each in found] == entities


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("please get me two seats on a plane to Madrid", "book_flight"),
        ("帮我买一张去广州的飞机票", "book_flight"),
        ("how many suitcases are allowed", "check_baggage"),
        ("能带几件行李", "check_baggage"),
        ("I'd like a refund for this ticket", "refund_ticket"),
        ("票退了把钱还我", "refund_ticket"),
        ("is my cat allowed in the cabin", "faq/ask_pets"),
        ("order a burger for me", "out_of_scope"),
    ],
)
def test_intents_of_an_imported_project_in_other_words(
    folder: Path, embedder: OpenVinoE5Embedder, text: str, intent: str
) -> None:
    flows = load_flows(folder).values()
    classifier = IntentClassifier(train(lessons_of(load_training_data(folder), flows), embedder), embedder)
    assert classifier.rank(text).intents[0][0] == intent


@pytest.mark.parametrize(
    ("texts", "answers"),
    [
        (["please book me a plane from Madrid to the big apple"], ["Flight from Madrid to New York City."]),
        (
            ["我要订机票", "北京", "魔都"],
            ["Where do you fly from?", "Where do you fly to?", "Flight from 北京 to 上海."],
        ),
        (["I want a refund for TK-999111"], ["Refund of TK-999111."]),
        (["how many suitcases are allowed"], ["You may bring 23 kg."]),
        (["能带几件行李"], ["You may bring 23 kg."]),
        (["order a burger for me"], ["I cannot help with that."]),
    ],
)
def test_an_imported_bot_understands_other_words(
    folder: Path, embedder: OpenVinoE5Embedder, texts: list[str], answers: list[str]
) -> None:
    assert [reply.answer for reply in talk(folder, texts, embedder)] == answers


SYNONYM = "- synonym: Rome\n  examples: |\n    - the eternal city\n"
MARK = '- intent: go\n  examples: |\n    - to [the eternal city]{"entity": "city", "value": "roma"}\n    - away\n'


@pytest.mark.parametrize("items", [SYNONYM + MARK, MARK + SYNONYM])
def test_a_mark_against_a_synonym_is_imported(tmp_path: Path, items: str) -> None:
    target, report = imported(
        tmp_path, {"domain.yml": "intents: [go]\nentities: [city]\n", "data/nlu.yml": f"nlu:\n{items}"}
    )
    assert [problem for problem in report.problems if "knowledge" not in problem] == []
    data, problems = read_training_data(target)
    assert data.synonyms == {"the eternal city": "Rome"}
    assert [problem.severity for problem in problems] == ["warning"]
