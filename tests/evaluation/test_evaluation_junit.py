"""The XML can be parsed whatever was said, and counts what it holds."""

from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.evaluation.case_result import CaseResult, Failure
from chatwright.evaluation.junit import junit_xml
from chatwright.evaluation.turn_trace import TurnTrace

SAID = ({"event": "bot", "text": "<b>&\x00\x1b[31m 您好", "names": []},)
PASSED = CaseResult(
    kind="test case", name="a", path=Path("x.yaml"), line=2, seconds=0.5, turns=(TurnTrace(said="hi", events=SAID),)
)
FAILED = CaseResult(
    kind="test case",
    name="b",
    path=Path("x.yaml"),
    line=9,
    failures=(Failure(line=11, expected="yes <", happened="no"),),
)
BROKEN = CaseResult(kind="scenario", name="c", path=Path("a.yaml"), line=1, error="It died.", notes=("seed 3",))


def test_the_report() -> None:
    root = fromstring(junit_xml("shop", [PASSED, FAILED, BROKEN]))
    assert (root.tag, root.attrib["name"]) == ("testsuites", "shop")
    assert {key: root.attrib[key] for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "3", "failures": "1", "errors": "1", "skipped": "0",
    }  # fmt: skip
    suites = root.findall("testsuite")
    assert [suite.attrib["name"] for suite in suites] == ["a.yaml", "x.yaml"]
    first, second = suites[1].findall("testcase")
    assert (first.attrib["name"], first.attrib["classname"], first.attrib["line"]) == ("a", "x.yaml", "2")
    assert first.attrib["time"] == "0.500"
    assert first.find("failure") is None
    assert (first.findtext("system-out") or "").splitlines() == ["user: hi", "bot: <b>&��[31m 您好"]
    failure = second.find("failure")
    assert failure is not None
    assert failure.attrib["message"] == "yes <"
    assert failure.text == "x.yaml:11\nexpected: yes <\nhappened: no"
    error = suites[0].find("testcase/error")
    assert error is not None
    assert error.attrib["message"] == "It died."
    assert suites[0].findtext("testcase/system-out") == "seed 3"


@given(st.text(), st.text())
def test_any_text_can_be_parsed_back(name: str, said: str) -> None:
    result = CaseResult(kind="test case", name=name, path=Path("x"), line=1, error=said, turns=(TurnTrace(said=said),))
    case = fromstring(junit_xml(name, [result])).find("testsuite/testcase")
    assert case is not None


@pytest.mark.parametrize("results", [[], [PASSED]])
def test_counts_of_none_and_one(results: list[CaseResult]) -> None:
    assert fromstring(junit_xml("x", results)).attrib["tests"] == str(len(results))
