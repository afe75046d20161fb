"""Writes results as JUnit XML, which build servers read: one `testsuite` a file, one `testcase` a test.

In: CaseResults. Out: XML text in UTF-8. What was not as expected is a `failure`, what could not be run an `error`; the
transcript is the case's `system-out`. Reference: the Jenkins JUnit schema (junit-10.xsd).
"""

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from chatwright.evaluation.case_result import CaseResult
from chatwright.evaluation.turn_trace import transcript

# Not a character of XML 1.0: a bot or a visitor may say it, a parser refuses it.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(name: str, results: Sequence[CaseResult]) -> bytes:
    """The report of one run. name: the bot's."""
    root = Element("testsuites", _counts(name, results))
    for path, of_path in groupby(sorted(results, key=lambda each: str(each.path)), key=lambda each: str(each.path)):
        cases = list(of_path)
        suite = SubElement(root, "testsuite", _counts(path, cases))
        for result in cases:
            _add_case(suite, result)
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _counts(name: str, results: Sequence[CaseResult]) -> dict[str, str]:
    errors = sum(bool(result.error) for result in results)
    failed = sum(not result.is_passed for result in results)
    return {
        "name": _clean(name),
        "tests": str(len(results)),
        "failures": str(failed - errors),
        "errors": str(errors),
        "skipped": "0",
        "time": f"{sum(result.seconds for result in results):.3f}",
    }


def _add_case(suite: Element, result: CaseResult) -> None:
    facts = {"name": _clean(result.name), "classname": _clean(str(result.path)), "time": f"{result.seconds:.3f}"}
    case = SubElement(suite, "testcase", {**facts, "file": _clean(str(result.path)), "line": str(result.line)})
    if result.error:
        SubElement(case, "error", {"message": _clean(result.error), "type": "error"})
    elif result.failures:
        first = result.failures[0]
        told = [
            f"{result.path}:{each.line}\nexpected: {each.expected}\nhappened: {each.happened}"
            for each in result.failures
        ]
        failure = SubElement(case, "failure", {"message": _clean(first.expected), "type": "assertion"})
        failure.text = _clean("\n\n".join(told))
    out = SubElement(case, "system-out")
    out.text = _clean("\n".join([*result.notes, *transcript(result.turns)]))


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)
