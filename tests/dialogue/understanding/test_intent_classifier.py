"""Intents are told apart in both languages, what is none is noticed, and what was trained is kept."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.dialogue.parcels import FLOWS

from chatwright.dialogue.training_data import Example, TrainingData
from chatwright.dialogue.understanding.intent_calibration import Calibration
from chatwright.dialogue.understanding.intent_classifier import (
    IntentClassifier,
    bare_text,
    lessons_of,
    open_classifier,
    spoken_name,
    train,
    with_trigger_examples,
)
from chatwright.dialogue.understanding.intent_metric import learn_metric
from chatwright.dialogue.understanding.intent_terms import char_terms, learn_words, word_terms
from chatwright.knowledge.embedders import HashEmbedder, OpenVinoE5Embedder
from chatwright.settings import Settings

SAID = {
    "card_lost": ["I lost my card", "my card was stolen", "I can't find my credit card", "我的卡丢了", "银行卡不见了", "卡被偷了"],
    "open_account": ["I want to open an account", "sign me up for an account", "how do I become a customer", "我要开户", "想开一个账户", "怎么注册账户"],
    "exchange_rate": ["what is the exchange rate", "how many euros for a dollar", "convert dollars to yuan", "汇率是多少", "一美元换多少人民币", "今天欧元汇率"],
    "out_of_scope": ["tell me a joke", "who won the match", "讲个笑话", "昨天谁赢了比赛"],
}  # fmt: skip
DATA = TrainingData(
    examples=tuple(Example(text=text, intent=intent) for intent, texts in SAID.items() for text in texts)
)


@pytest.fixture(scope="module")
def classifier() -> IntentClassifier:
    embedder = OpenVinoE5Embedder(Settings().models_dir / "multilingual-e5-small")
    return IntentClassifier(train(lessons_of(DATA, []), embedder), embedder)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("somebody took my bank card", "card_lost"),
        ("信用卡找不到了", "card_lost"),
        ("could I get an account with you", "open_account"),
        ("请帮我开个账户", "open_account"),
        ("dollar to euro rate please", "exchange_rate"),
        ("英镑兑人民币的汇率", "exchange_rate"),
    ],
)
def test_intents_in_other_words(classifier: IntentClassifier, text: str, intent: str) -> None:
    ranked = classifier.rank(text)
    assert ranked.intents[0][0] == intent
    assert ranked.in_scope > 0.5


@pytest.mark.parametrize("text", ["what do penguins eat", "今天天气怎么样", "where can I park", "谢谢你"])
def test_what_is_none_is_less_in_scope(classifier: IntentClassifier, text: str) -> None:
    assert classifier.rank(text).in_scope < classifier.rank("my card was stolen").in_scope - 0.2


@pytest.mark.parametrize("text", ["", " ", "\ud800", "AB123456", "字" * 5000, "a" * 100_000, "!!!"])
def test_anything_may_be_ranked(classifier: IntentClassifier, text: str) -> None:
    ranked = classifier.rank(text)
    assert 0.0 <= ranked.in_scope <= 1.0
    assert sum(chance for _, chance in ranked.intents) == pytest.approx(1.0, abs=1e-6)
    assert set(classifier.intents) == set(SAID) - {"out_of_scope"}


def test_training_is_repeatable() -> None:
    embedder = HashEmbedder(256)
    first, second = (IntentClassifier(train(lessons_of(DATA, []), embedder), embedder) for _ in range(2))
    assert first.rank("my card is lost") == second.rank("my card is lost")


class CountingEmbedder(HashEmbedder):
    num_texts = 0

    def embed_queries(self, texts: Sequence[str]) -> np.ndarray:  # type: ignore[type-arg]  # as the parent's Vectors
        self.num_texts += len(texts)
        return super().embed_queries(texts)


def test_what_was_trained_is_kept_and_of_other_data_trained_again(tmp_path: Path) -> None:
    cache = tmp_path / ".chatwright" / "intents.npz"
    first = open_classifier(DATA, {}, HashEmbedder(256), cache)
    embedder = CountingEmbedder(256)
    again = open_classifier(DATA, {}, embedder, cache)
    assert embedder.num_texts == 0
    assert first is not None
    assert again is not None
    assert again.rank("我的卡丢了") == first.rank("我的卡丢了")
    more = TrainingData(examples=(*DATA.examples, Example(text="one more", intent="open_account")))
    open_classifier(more, {}, embedder, cache)
    assert embedder.num_texts > 20


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"\x80\x04pickle."])
def test_a_broken_cache_is_made_again(tmp_path: Path, content: bytes) -> None:
    cache = tmp_path / "intents.npz"
    cache.write_bytes(content)
    opened = open_classifier(DATA, {}, HashEmbedder(256), cache)
    assert opened is not None
    assert cache.read_bytes() != content


def test_a_cache_that_cannot_be_written_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert open_classifier(DATA, {}, HashEmbedder(256), tmp_path / "file" / "intents.npz") is not None


@pytest.mark.parametrize("data", [TrainingData(), TrainingData(examples=(Example(text="hi", intent="greet"),))])
def test_one_intent_is_nothing_to_tell_apart(tmp_path: Path, data: TrainingData) -> None:
    assert open_classifier(data, {}, HashEmbedder(64), tmp_path / "intents.npz") is None


def test_examples_of_flows_are_of_the_intent_that_triggers_them() -> None:
    data = TrainingData(examples=(Example(text="take it back", intent="give_back"),))
    intents = {lesson.text: lesson.intent for lesson in lessons_of(data, FLOWS.values())}
    assert intents["我要退货"] == "give_back"
    assert intents["give back"] == "give_back"
    assert "take it back" in with_trigger_examples(FLOWS["return_parcel"], data).examples


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Where is my CARD?!", "where is my card"),
        ("我的卡丢了！？", "我的卡丢了"),
        ("我的卡丟了。", "我的卡丢了"),
        ("Ｗｈｅｒｅ　is AB123456 …", "where is"),
        ("?!", "?!"),
        ("AB123456!", "ab123456"),
        ("", ""),
    ],
)
def test_what_visitors_set_as_they_like_is_not_compared(text: str, bare: str) -> None:
    assert bare_text(text) == bare
    assert bare_text(bare) == bare


@pytest.mark.parametrize(
    ("intent", "spoken"), [("card_lost", "card lost"), ("faq/ask-price", "faq ask price"), ("_", "_")]
)
def test_spoken_names(intent: str, spoken: str) -> None:
    assert spoken_name(intent) == spoken


@pytest.mark.parametrize(("text", "term"), [("lost card", "lost card"), ("lost card", "card")])
def test_words_and_neighbours_are_terms(text: str, term: str) -> None:
    assert term in set(word_terms(text))


def test_a_misspelled_word_shares_its_runs() -> None:
    assert len(set(char_terms("statement")) & set(char_terms("statemnt"))) >= 8
    assert {"银", "银行"} <= set(char_terms("银行"))


def test_rows_have_length_one() -> None:
    texts = ["lost card", "open an account", "卡丢了"]
    rows = learn_words(texts).vectors([*texts, "unknown"], word_terms).toarray()
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1, 0], abs=1e-6)


def test_the_metric_changes_nothing_where_there_is_nothing_to_learn() -> None:
    metric = learn_metric(np.zeros((3, 4), dtype=np.float32), np.array([0, 1, 2]))
    assert metric / metric[0, 0] == pytest.approx(np.eye(4), abs=1e-5)


def test_sharper_is_surer_and_never_another_order() -> None:
    scores = np.array([[0.7, 0.5, 0.1, 0.2]], dtype=np.float32)
    soft, sharp = (Calibration(sharpness=each, scope=np.zeros(4)).probabilities(scores)[0] for each in (3.0, 20.0))
    assert sharp[0] > soft[0]
    assert (np.argsort(sharp) == np.argsort(soft)).all()
    assert soft.sum() == pytest.approx(1.0)
