"""Judgement by rule: facts in the answer, in the quotations, and quotations equal to their sources."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.errors import ConfigError
from chatwright.evaluation.judgement import holds_facts, judge
from chatwright.evaluation.questions import Question, load_dialogues
from chatwright.evaluation.report import Share, make_report, report_lines
from chatwright.messages import Citation, ConversationId, Outcome, Reply, Timings, Usage

TEXT = "Returns: 7 days. 运费：¥35。"


def reply(answer: str, outcome: Outcome = "answered", quote: str = "", start: int = 0) -> Reply:
    citation = Citation(source="a.md", title="A", start=start, end=start + len(quote), quote=quote, score=0.9)
    return Reply(
        answer=answer,
        outcome=outcome,
        citations=(citation,) if quote else (),
        language="en",
        model="scripted",
        usage=Usage(),
        timings_ms=Timings(),
        conversation=ConversationId("c"),
        turn=1,
    )


ANSWERABLE = Question(text="?", expect="answered", facts=(("7 days", "seven days"),), sources=("a.md",))
UNANSWERABLE = Question(text="?", expect="abstained")
QUOTE = "Returns: 7 days."


@pytest.mark.parametrize(
    ("question", "given_reply", "is_correct", "is_supported", "reason"),
    [
        (ANSWERABLE, reply("In 7 days.", quote=QUOTE), True, True, ""),
        (ANSWERABLE, reply("In SEVEN days", quote=QUOTE), True, True, ""),
        (ANSWERABLE, reply("Soon.", quote=QUOTE), False, True, "a fact is missing"),
        (ANSWERABLE, reply("In 7 days."), True, False, "in no quotation"),
        (ANSWERABLE, reply("In 7 days.", quote="Returns: 8 days."), True, False, "differs"),
        (ANSWERABLE, reply("In 7 days.", quote=QUOTE, start=1), True, False, "differs"),
        (ANSWERABLE, reply("I do not know.", outcome="abstained"), False, False, "abstained"),
        (UNANSWERABLE, reply("I do not know.", outcome="abstained"), True, True, ""),
        (UNANSWERABLE, reply("In 7 days.", quote=QUOTE), False, True, "does not say"),
    ],
)
def test_judge(question: Question, given_reply: Reply, is_correct: bool, is_supported: bool, reason: str) -> None:
    judged = judge("q", "en", question, given_reply, {"a.md": TEXT})
    assert (judged.is_correct, judged.is_supported) == (is_correct, is_supported)
    assert reason in judged.reason
    assert judged.is_right == (reason == "")


@pytest.mark.parametrize(
    ("text", "facts", "holds"),
    [
        ("运费 35 元", [["35元"]], True),
        ("１，２９９元", [["1299元"]], True),
        ("運費三十五元", [["运费三十五元"]], True),
        ("35 yuan, 3 days", [["35"], ["3 days"]], True),
        ("35 yuan", [["35"], ["3 days"]], False),
        ("anything", [], True),
    ],
)
def test_holds_facts(text: str, facts: list[list[str]], holds: bool) -> None:
    assert holds_facts(text, facts) is holds


@given(count=st.integers(0, 50), more=st.integers(0, 50))
def test_interval_holds_the_share(count: int, more: int) -> None:
    share = Share(count=count, n=count + more)
    low, high = share.interval
    assert 0 <= low <= share.value + 1e-9
    assert share.value - 1e-9 <= high <= 1


def test_interval_is_wilsons() -> None:
    low, high = Share(count=8, n=10).interval
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)


def test_report_names_every_miss() -> None:
    judgements = [
        judge("zh-01", "zh", ANSWERABLE, reply("7 days", quote=QUOTE), {"a.md": TEXT}),
        judge("en-02", "en", UNANSWERABLE, reply("7 days", quote=QUOTE), {"a.md": TEXT}),
    ]
    report = make_report(judgements, {"model": "m"})
    assert report.shares["answerable right, all"].value == 1
    assert report.shares["unanswerable abstained, en"].value == 0
    assert [miss.id for miss in report.misses] == ["en-02"]
    lines = "\n".join(report_lines(report))
    assert "en-02" in lines
    assert "model:m n:2 questions:" in lines


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("questions: []\n", "expected `questions:`"),
        ("questions:\n  - id: a\n    languge: zh\n", ":3: unknown key 'languge'"),
        ("questions:\n  - id: a\n    language: fr\n    question: x\n    expect: answered\n", ":3:"),
        ("questions:\n  - id: a\n    language: zh\n    question: x\n    expect: maybe\n", "answered or abstained"),
        (
            "questions:\n  - id: a\n    language: zh\n    turns:\n      - {question: x, expect: abstained, fact: []}\n",
            ":5:",
        ),
    ],
)
def test_question_files_with_mistakes(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "questions.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_dialogues(path)
    assert reason in caught.value.message


def test_the_examples_questions() -> None:
    folder = Path(__file__).parents[2] / "examples" / "support" / "tests"
    questions = load_dialogues(folder / "questions.yaml")
    assert len(questions) == 60
    assert sum(item.turns[0].expect == "abstained" for item in questions) == 20
    assert sum(item.language == "zh" for item in questions) == 30
    assert all(len(item.turns) > 1 for item in load_dialogues(folder / "followups.yaml"))
