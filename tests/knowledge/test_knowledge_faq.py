"""faq.yaml: every mistake is named with its line; the rendered text and its chunks agree to the character."""

from pathlib import Path

import pytest

from chatwright.errors import ConfigError
from chatwright.knowledge.faq import FaqEntry, faq_document, is_faq_file, load_faq

GOOD = """
- question: 怎么联系人工客服？
  also: [转人工, 客服电话]
  answer: 拨打 400-000-5217。每天 9:00–21:00。
  tags: [联系]
- question: How do I return an item?
  answer: |
    Ask for a label.

    Then post it.
"""


def faq_file(folder: Path, text: str) -> Path:
    path = folder / "faq.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("text", [GOOD, "faq:" + GOOD.replace("\n", "\n  ")])
def test_good_files(tmp_path: Path, text: str) -> None:
    first, second = load_faq(faq_file(tmp_path, text))
    assert first.questions == ("怎么联系人工客服？", "转人工", "客服电话")
    assert (first.language, first.tags, second.language) == ("zh", ("联系",), "en")
    assert second.answer == "Ask for a label.\nThen post it."


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("- question: a\n  anwser: b\n", 2, "unknown key 'anwser'.*Did you mean 'answer'"),
        ("- question: a\n", 1, "no 'answer'"),
        ("- answer: a\n", 1, "no 'question'"),
        ("- question: a\n  answer:\n", 2, "'answer' must be a text, not None"),
        ("- question: a\n  answer: [x]\n", 2, "'answer' must be a text"),
        ("- question: a\n  answer: b\n  also: c\n", 3, "'also' must be a list of texts"),
        ("- question: a\n  answer: b\n  language: fr\n", 3, "unknown language 'fr'"),
        (
            "- question: A b?\n  answer: c\n- question: x\n  answer: y\n  also: [ok, a B]\n",
            5,
            "already asked at line 1",
        ),
        ("- question: 退貨\n  answer: c\n- question: 退货？\n  answer: y\n", 3, "already asked at line 1"),
        ("faq:\n- just text\n", 2, "must have a question and an answer"),
        ("fag:\n- question: a\n", 1, "unknown key 'fag'.*Did you mean 'faq'"),
        ("faq: []\n", 1, "no list of questions"),
        ("", 1, "no list of questions"),
        ("- question: a\n  question: b\n", 2, "duplicate key"),
        ("- question: [\n", 2, "expected the node content"),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, text: str, line: int, problem: str) -> None:
    path = faq_file(tmp_path, text)
    with pytest.raises(ConfigError, match=problem) as error:
        load_faq(path)
    assert error.value.message.startswith(f"{path}:{line}: ")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no faq\.yaml"):
        load_faq(tmp_path / "faq.yaml")


def test_document_and_chunks_agree() -> None:
    entries = [
        FaqEntry(question="怎么退货？", answer="七天内申请。运费自理。", language="zh", also=("退货",)),
        FaqEntry(question="How long?", answer="Two days.", language="en"),
    ]
    document, chunks = faq_document(entries, "faq.yaml", "FAQ")
    assert document.text == "问：怎么退货？\n答：七天内申请。运费自理。\n\nQ: How long?\nA: Two days.\n\n"
    for entry, chunk in zip(entries, chunks, strict=True):
        assert (chunk.kind, chunk.question, chunk.text) == ("faq", entry.question, entry.answer)
        assert document.text[chunk.start : chunk.end] == entry.answer
    assert [document.text[start:end] for start, end in chunks[0].sentences] == ["七天内申请。", "运费自理。"]


@pytest.mark.parametrize(
    ("name", "is_faq"), [("faq.yaml", True), ("shipping.FAQ.yaml", True), ("bot.yaml", False), ("myfaq.yaml", False)]
)
def test_is_faq_file(name: str, is_faq: bool) -> None:
    assert is_faq_file(Path(name)) is is_faq
