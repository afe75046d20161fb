"""What is wrong in assertions is told with its line and the nearest thing that is known; nothing raises."""

from pathlib import Path

import pytest
from tests.evaluation.trace_events import yaml_file

from chatwright.evaluation.assertion_file import read_assertions
from chatwright.evaluation.assertions import Named, names_in
from chatwright.evaluation.file_problems import FileProblems


def problems_of(folder: Path, text: str) -> list[str]:
    file = yaml_file(folder, text)
    problems = FileProblems(file)
    read_assertions(problems, [], file.values)
    return [line.removeprefix(f"{file.path}:") for line in problems.lines]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\n", "1: `assertions` must be a list, not a mapping."),
        ("- flow_startd: x\n", "1: There is no assertion 'flow_startd'. Did you mean 'flow_started'?"),
        ("- flow_started: x\n- 3\n", "2: An assertion must be a mapping, not 3."),
        ("- flow_started: x\n  action_executed: y\n", "1: An assertion has one key, not 2. Begin each with a dash of its own."),
        ("- flow_started: {operator: some, flow_ids: [x]}\n", "1: `operator` is 'some'. Choose one of: all, any."),
        ("- flow_started: {operator: any}\n", "1: `flow_started` names no flow. Write `flow_ids: [ID]`."),
        ("- flow_started: {flow_id: x, flow_ids: [x]}\n", "1: Unknown key 'flow_id' of `flow_started`. Did you mean 'flow_ids'?"),
        ("- flow_completed: {flow: x}\n", "1: Unknown key 'flow' of `flow_completed`. Did you mean 'flow_id'?"),
        ("- slot_was_set: []\n", "1: `slot_was_set` names no slot. Write `- name: SLOT` below it."),
        ("- slot_was_set:\n    - {nam: x}\n", "2: Unknown key 'nam' of a slot of `slot_was_set`. Did you mean 'name'?"),
        ("- bot_uttered: {}\n", "1: `bot_uttered` expects nothing. Give one of: utter_name, text_matches, buttons."),
        ("- bot_uttered: {text_matches: '('}\n", "1: '(' is no regular expression: missing ), unterminated subpattern at position 0."),
        ("- bot_uttered: {buttons: [{titel: x}]}\n", "1: Unknown key 'titel' of a button. Did you mean 'title'?"),
        ("- generative_response_is_relevant: {threshold: 3}\n", "1: `threshold` is a number from 0 to 1, not 3."),
        ("- generative_response_is_relevant: {ground_truth: x}\n", "1: Unknown key 'ground_truth' of `generative_response_is_relevant`. Choose one of: threshold, utter_name, utter_source."),
        ("- sequencing: []\n", "1: `sequencing` has no steps. Steps are: action_executed, slot_was_set, flow_started, flow_completed, flow_cancelled, flow_interrupted."),
        ("- sequencing:\n    - bot_uttered: x\n", "2: Unknown key 'bot_uttered' of a step of `sequencing`. Choose one of: action_executed, flow_cancelled, flow_completed, flow_interrupted, flow_started, slot_was_set."),
        ("- action_executed: {}\n", "1: `action_executed` must be a text, not a mapping."),
    ],
)  # fmt: skip
def test_problems(tmp_path: Path, text: str, told: str) -> None:
    assert told in problems_of(tmp_path, text)


def test_names(tmp_path: Path) -> None:
    file = yaml_file(
        tmp_path,
        "- flow_started: {operator: any, flow_ids: [a, b]}\n- flow_completed: {flow_id: c}\n"
        "- pattern_clarification_contains: [d]\n- action_executed: act\n- action_executed: utter_x\n"
        "- slot_was_set: [{name: s}]\n- slot_was_not_set: [{name: t}]\n- bot_uttered: {utter_name: utter_y}\n"
        "- generative_response_is_relevant: {threshold: 1, utter_name: utter_z}\n"
        "- sequencing: [{action_executed: act2}, {slot_was_set: u}, {flow_started: e}]\n",
    )
    read = read_assertions(FileProblems(file), [], file.values)
    named = [name for assertion in read for name in names_in(assertion)]
    assert [(name.kind, name.name, name.line) for name in named] == [
        ("flow", "a", 1), ("flow", "b", 1), ("flow", "c", 2), ("flow", "d", 3), ("action", "act", 4),
        ("response", "utter_x", 5), ("slot", "s", 6), ("slot", "t", 7), ("response", "utter_y", 8),
        ("response", "utter_z", 9), ("action", "act2", 10), ("slot", "u", 10), ("flow", "e", 10),
    ]  # fmt: skip
    assert named[0] == Named(kind="flow", name="a", line=1)
