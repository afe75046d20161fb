"""Rasa's test files are read as they are written: every key, every step, and every mistake with its line."""

from pathlib import Path

import pytest
from tests.evaluation.trace_events import yaml_file

from chatwright.evaluation.assertions import ANY_VALUE, ActionExecuted, SlotExpectation
from chatwright.evaluation.e2e_case import BotStep, SlotStep, UserStep, UtterStep, case_names
from chatwright.evaluation.e2e_file import read_e2e_file

WHOLE = """
fixtures:
  - premium:
      - membership: premium
      - is_member: true
  - berlin: {city: Berlin}
metadata:
  - phone: {device: phone, os: x}
  - desk: {device: desk}
stub_custom_actions:
  pay:
    events: [{event: slot, name: paid, value: true}]
    responses: [{text: Paid.}]
  the_whole::pay: {events: [], responses: []}
  t.yaml::look: {}
  other::look: {responses: [{text: no}]}
test_cases:
  - test_case: the whole
    fixtures: [premium, berlin]
    metadata: phone
    steps:
      - user: hello
        metadata: desk
      - utter: utter_greet
      - bot: How are you?
      - slot_was_set: [membership, city: Berlin]
      - slot_was_not_set: [age, {name: Bob}]
      - user: pay
        assertion_order_enabled: true
        assertions:
          - action_executed: pay
"""


def test_the_whole_shape(tmp_path: Path) -> None:
    (case,), problems = read_e2e_file(yaml_file(tmp_path, WHOLE))
    assert problems == []
    assert (case.name, case.line) == ("the whole", 18)
    assert case.slots == {"membership": "premium", "is_member": True, "city": "Berlin"}
    assert case.stubs == {"pay": {"events": [], "responses": []}, "look": {"events": [], "responses": []}}
    assert case.steps == (
        UserStep(line=22, text="hello", metadata={"device": "desk", "os": "x"}),
        UtterStep(line=24, name="utter_greet"),
        BotStep(line=25, text="How are you?"),
        SlotStep(
            line=26,
            is_set=True,
            slots=(
                SlotExpectation(name="membership", value=ANY_VALUE, line=26),
                SlotExpectation(name="city", value="Berlin", line=26),
            ),
        ),
        SlotStep(
            line=27,
            is_set=False,
            slots=(
                SlotExpectation(name="age", value=ANY_VALUE, line=27),
                SlotExpectation(name="name", value="Bob", line=27),
            ),
        ),
        UserStep(
            line=28,
            text="pay",
            metadata={"device": "phone", "os": "x"},
            assertions=(ActionExecuted(action="pay", line=31),),
            is_ordered=True,
        ),
    )
    named = {(each.kind, each.name) for each in case_names(case)}
    assert {("slot", "is_member"), ("slot", "city"), ("action", "pay"), ("action", "look"), ("slot", "age")} <= named
    assert ("response", "utter_greet") in named


def test_a_fixture_of_another_file(tmp_path: Path) -> None:
    text = "test_cases:\n- {test_case: a, fixtures: [rich], steps: [{user: hi}]}\n"
    (case,), problems = read_e2e_file(yaml_file(tmp_path, text), {"rich": {"money": 3}})
    assert (case.slots, problems) == ({"money": 3}, [])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("test_case: []\n", "1: Unknown key 'test_case' of a file of tests. Did you mean 'test_cases'?"),
        ("test_cases: 3\n", "1: `test_cases` must be a list, not 3."),
        ("test_cases:\n- steps: [{user: hi}]\n", "2: `test_case` must be a text, not nothing."),
        ("test_cases:\n- test_case: a\n", "2: Test 'a' has no step in which the user says something. Add `- user: TEXT`."),
        ("test_cases:\n- test_case: a\n  steps:\n  - bot: hi\n", "2: Test 'a' has no step in which the user says something. Add `- user: TEXT`."),
        ("test_cases:\n- {test_case: a, steps: [{user: hi}]}\n- {test_case: a, steps: [{user: hi}]}\n", "3: Line 2 has a test 'a' too. Rename one."),
        ("test_cases:\n- test_case: a\n  fixtures: [x]\n  steps: [{user: hi}]\n", "3: There is no fixture 'x'."),
        ("test_cases:\n- test_case: a\n  metadata: x\n  steps: [{user: hi}]\n", "3: There is no metadata 'x'."),
        ("test_cases:\n- test_case: a\n  steps:\n  - usr: hi\n", "4: Unknown key 'usr' of a step. Did you mean 'user'?"),
        ("test_cases:\n- test_case: a\n  steps:\n  - {user: hi, bot: ho}\n", "4: A step has exactly one of: user, bot, utter, slot_was_set, slot_was_not_set."),
        ("test_cases:\n- test_case: a\n  steps:\n  - {bot: hi, metadata: x}\n", "4: Unknown key 'metadata' of a step `bot`. Choose one of: bot."),
        ("test_cases:\n- test_case: a\n  steps:\n  - {user: hi, assertion_order_enabled: 1}\n", "4: `assertion_order_enabled` is true or false, not 1."),
        ("test_cases:\n- test_case: a\n  steps:\n  - user: hi\n  - slot_was_set: []\n", "5: `slot_was_set` names no slot. Write `- SLOT` or `- SLOT: VALUE` below it."),
        ("fixtures:\n- a: [{x: 1}]\n- a: [{x: 2}]\n", "3: There are two fixtures 'a'. Rename one of them."),
        ("fixtures:\n- a: 3\n", "2: A fixture's slots must be a list, not 3."),
        ("metadata:\n- a: 3\n", "2: Metadata 'a' must be a mapping, not 3."),
        ("stub_custom_actions:\n  a: {event: []}\n", "2: Unknown key 'event' of the stub of 'a'. Did you mean 'events'?"),
        ("stub_custom_actions:\n  a: {events: [{event: slot}]}\n", "2: A slot event needs `name:` and `value:`."),
        ("stub_custom_actions:\n  a: {events: [{name: x}]}\n", "2: An event needs `event:`, such as `event: slot`."),
        ("[1]\n", "1: The file must be a mapping, not a list."),
    ],
)  # fmt: skip
def test_problems(tmp_path: Path, text: str, told: str) -> None:
    file = yaml_file(tmp_path, text)
    _, problems = read_e2e_file(file)
    assert told in [line.removeprefix(f"{file.path}:") for line in problems]
