"""Every kind of fault in flows and domain is found, with its line; what is right is left alone."""

from pathlib import Path
from typing import Any

import pytest

from chatwright.dialogue.domain import Domain, Slot
from chatwright.dialogue.flows.condition import parse_condition
from chatwright.dialogue.flows.domain_file import load_domain
from chatwright.dialogue.flows.flow import END, ActionStep, Branch, Flow
from chatwright.dialogue.flows.flow_check import Surroundings, check_flows
from chatwright.dialogue.flows.flow_file import load_flows
from chatwright.dialogue.flows.problem import Problem
from chatwright.messages import Language

DOMAIN = """
slots:
  city: {type: text, mappings: [{type: from_llm}]}
  size: {type: categorical, values: [small, large], mappings: [{type: from_llm}]}
  sure: {type: bool, mappings: [{type: from_llm}]}
intents: [buy]
responses:
  utter_ask_city: [{text: {zh: 哪个城市？, en: Which city?}}]
  utter_ask_size: [{text: {zh: 多大？, en: Which size?}}]
  utter_ask_sure: [{text: {zh: 确定吗？, en: Sure?}}]
  utter_done: [{text: {zh: "好的，{city}。", en: "Done, {city}."}}]
"""
GOOD = """
flows:
  buy:
    description: buy it
    if: slots.city != "nowhere"
    nlu_trigger: [{intent: buy}]
    persisted_slots: [city]
    steps:
      - collect: city
      - collect: size
        rejections: [{if: slots.size = "large" and slots.city = "Rome", utter: utter_done}]
      - id: again
        collect: sure
        ask_before_filling: true
        next:
          - if: slots.sure
            then: send
          - else: again
      - id: send
        action: send_it
      - action: utter_done
      - link: other
  other:
    description: other
    steps: [{action: utter_done}]
"""


def check(
    folder: Path, flows: str, domain: str = DOMAIN, languages: tuple[Language, ...] = ("zh", "en"), **more: Any
) -> list[Problem]:
    (folder / "flows").mkdir()
    (folder / "flows" / "f.yaml").write_text(flows, encoding="utf-8")
    (folder / "domain.yaml").write_text(domain, encoding="utf-8")
    around: dict[str, Any] = {
        "languages": languages,
        "parse_condition": parse_condition,
        "actions": ["send_it"],
        **more,
    }
    return check_flows(load_flows(folder), load_domain(folder), Surroundings(**around))


def steps(*lines: str) -> str:
    return GOOD + "  extra:\n    description: extra\n    steps:\n" + "".join(f"      {line}\n" for line in lines)


def test_what_is_right_has_no_problems(tmp_path: Path) -> None:
    assert check(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("flows", "parts"),
    [
        (steps("- collect: citty"), ["collects slot 'citty'", "Did you mean 'city'?"]),
        (steps("- collect: city", "  utter: utter_ask_town"), ["asks for 'city' with response 'utter_ask_town'", "Did you mean"]),
        (steps("- collect: city", "  rejections: [{if: slots.city = 'x', utter: utter_no}]"), ["rejects a value of 'city'", "'utter_no'"]),
        (steps("- action: utter_don"), ["says response 'utter_don'", "Did you mean 'utter_done'?"]),
        (steps("- action: send_itt"), ["runs action 'send_itt'", "Did you mean 'send_it'?"]),
        (steps("- link: byu"), ["links to flow 'byu'", "Did you mean 'buy'?"]),
        (steps("- call: gone", "- action: utter_done"), ["calls flow 'gone'"]),
        (steps("- set_slots: [{colour: red}]"), ["sets slot 'colour'"]),
        (steps("- collect: city", "  next: [{if: slots.town = 'x', then: END}, {else: END}]"), ["has a condition on slot 'town'"]),
        (GOOD.replace('slots.city != "nowhere"', "slots.twon"), ["has a condition on slot 'twon'"]),
        (GOOD.replace("persisted_slots: [city]", "persisted_slots: [cyti]"), ["keeps slot 'cyti'"]),
    ],
)  # fmt: skip
def test_faults_are_errors_with_their_line(tmp_path: Path, flows: str, parts: list[str]) -> None:
    found = [problem for problem in check(tmp_path, flows) if problem.severity == "error"]
    assert len(found) == 1
    assert all(part in str(found[0]) for part in parts)
    assert found[0].path.endswith("f.yaml")
    text = flows.splitlines()[found[0].line - 1 :]
    assert text[0].strip().startswith(("- ", "buy:"))


@pytest.mark.parametrize(
    ("domain", "severity", "part"),
    [
        (DOMAIN.replace("Done, {city}.", "Done, {town}."), "error", "place for slot 'town'"),
        (DOMAIN.replace("zh: 多大？, ", ""), "warning", "'utter_ask_size' says nothing in Chinese"),
        (DOMAIN + "  utter_unused: [{text: {zh: 好, en: ok}}]\n", "warning", "No flow says response 'utter_unused'"),
        (DOMAIN.replace("slots:\n", "slots:\n  spare: {type: text, mappings: [{type: from_llm}]}\n"), "warning", "No flow uses slot 'spare'"),
        (DOMAIN.replace("intents: [buy]", "intents: [bye]"), "warning", "intent 'buy'"),
    ],
)  # fmt: skip
def test_faults_of_the_domain(tmp_path: Path, domain: str, severity: str, part: str) -> None:
    found = check(tmp_path, GOOD, domain)
    assert [problem.severity for problem in found] == [severity]
    assert part in found[0].message


def test_a_bot_of_one_language_needs_no_other(tmp_path: Path) -> None:
    assert check(tmp_path, GOOD, DOMAIN.replace("zh: 多大？, ", ""), languages=("en",)) == []


def test_steps_that_are_never_reached(tmp_path: Path) -> None:
    found = check(tmp_path, steps("- action: utter_done", "  next: END", "- id: lost", "  collect: city"))
    assert [(problem.severity, "'lost'" in problem.message) for problem in found] == [("warning", True)]


def test_a_loop_that_waits_for_nobody(tmp_path: Path) -> None:
    found = check(tmp_path, steps("- id: a", "  action: utter_done", "- id: b", "  collect: city", "  next: a"))
    assert len(found) == 1
    assert "go round for ever" in found[0].message
    assert "a → b → a" in found[0].message


def test_actions_of_a_server_are_those_that_the_domain_names(tmp_path: Path) -> None:
    domain = DOMAIN + "actions: [send_it, action_ask_city]\n"
    without = domain.replace("  utter_ask_city: [{text: {zh: 哪个城市？, en: Which city?}}]\n", "")
    assert check(tmp_path, GOOD, without, actions=None) == []


def test_conditions_that_do_not_parse_and_targets_that_are_not_there() -> None:
    """Flows that were not read from files, which refuse these themselves."""
    step = ActionStep(
        id="a",
        action="action_listen",
        line=7,
        next=(Branch(condition="slots.", target="b"), Branch(condition=None, target=END)),
    )
    flow = Flow(id="f", description="f", steps={"a": step}, first="a", path="f.yaml", line=1)
    around = Surroundings(languages=("en",), parse_condition=parse_condition)
    messages = [str(problem) for problem in check_flows({"f": flow}, Domain(), around)]
    assert len(messages) == 2
    assert all(message.startswith("f.yaml:7: ") for message in messages)
    assert any("goes on to 'b'" in message for message in messages)


def test_a_choice_without_values() -> None:
    around = Surroundings(languages=("en",), parse_condition=parse_condition, domain_path="d.yaml")
    found = check_flows({}, Domain(slots={"size": Slot(name="size", type="categorical", line=4)}), around)
    assert [str(problem).startswith("d.yaml:4: ") for problem in found] == [True, True]
    assert "categorical and has no values" in found[0].message
