"""Scenario files: Rasa's keys and ours, and every mistake with its line."""

from pathlib import Path

import pytest
from tests.evaluation.trace_events import yaml_file

from chatwright.evaluation.assertions import ActionExecuted
from chatwright.evaluation.scenario import SimulatedUser, scenario_names
from chatwright.evaluation.scenario_file import read_scenario_file

RASA = """
scenario:
  name: order is late
  type: happy_path
  simulation_context: >
    You are an impatient customer.
  setup:
    initial_slots: {order_id: A1, is_member: true}
  goals:
    criteria: [It says when the parcel comes.]
    assertions:
      - action_executed: look_up
"""
OURS = """
stub_custom_actions:
  register: {}
scenarios:
  - name: 退货
    seed: 7
    max_turns: 9
    max_seconds: 30
    user:
      goal: [我要退货, 帮我退货]
      flow: return_parcel
      temperament: [chatty, changes_mind]
      facts: {order_id: LM100001, is_broken: true}
      at_first: {order_id: LM100002}
"""


def test_rasas_shape(tmp_path: Path) -> None:
    (scenario,), problems = read_scenario_file(yaml_file(tmp_path, RASA))
    assert problems == []
    assert scenario.user == SimulatedUser(by="model", context="You are an impatient customer.")
    assert (scenario.language, scenario.seed, scenario.line) == ("en", None, 2)
    assert scenario.slots == {"order_id": "A1", "is_member": True}
    assert scenario.assertions == (ActionExecuted(action="look_up", line=12),)
    assert scenario.criteria == ("It says when the parcel comes.",)
    assert [(name.kind, name.name, name.line) for name in scenario_names(scenario)] == [
        ("slot", "order_id", 8), ("slot", "is_member", 8), ("action", "look_up", 12),
    ]  # fmt: skip


def test_our_shape(tmp_path: Path) -> None:
    (scenario,), problems = read_scenario_file(yaml_file(tmp_path, OURS))
    assert problems == []
    assert scenario.user == SimulatedUser(
        goal=("我要退货", "帮我退货"),
        flow="return_parcel",
        temperament=("chatty", "changes_mind"),
        facts={"order_id": "LM100001", "is_broken": "true"},
        at_first={"order_id": "LM100002"},
    )
    assert (scenario.language, scenario.seed, scenario.max_turns, scenario.max_seconds) == ("zh", 7, 9, 30)
    assert scenario.stubs == {"register": {"events": [], "responses": []}}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("scenario: {user: {goal: hi}}\n", "1: `name` must be a text, not nothing."),
        ("scenario: {name: a}\n", "1: Nothing says what the user of 'a' wants. Give `user: {goal: TEXT}`."),
        ("scenario:\n  name: a\n  gaols: {}\n", "3: Unknown key 'gaols' of a scenario. Did you mean 'goals'?"),
        ("scenario:\n  name: a\n  user:\n    goal: hi\n    temprament: x\n", "5: Unknown key 'temprament' of `user`. Did you mean 'temperament'?"),
        ("scenario:\n  name: a\n  user:\n    goal: hi\n    temperament: chaty\n", "5: There is no temperament 'chaty'. Did you mean 'chatty'?"),
        ("scenario:\n  name: a\n  user:\n    goal: hi\n    temperament: digresses\n", "3: A user who digresses needs `questions`. Write `questions: [TEXT]`."),
        ("scenario:\n  name: a\n  user:\n    goal: hi\n    temperament: changes_mind\n", "3: A user who changes their mind needs `at_first`. Write `at_first: {SLOT: VALUE}`."),
        ("scenario:\n  name: a\n  user:\n    goal: hi\n    at_first: {x: 1}\n", "5: `facts` does not say what 'x' is changed to."),
        ("scenario:\n  name: a\n  user: {goal: hi, by: hand}\n", "3: `by` is 'hand'. Choose one of: model, script."),
        ("scenario:\n  name: a\n  user: {goal: hi}\n  max_turns: 99\n", "4: `max_turns` is a number from 1 to 50, not 99."),
        ("scenario:\n  name: a\n  user: {goal: hi}\n  seed: x\n", "4: `seed` is a number from 0 to 2.14748e+09, not 'x'."),
        ("scenario:\n  name: a\n  user: {goal: hi}\n  language: de\n", "4: `language` is 'de'. Choose one of: en, zh."),
        ("scenario:\n  name: a\n  user: {goal: hi}\n  setup: {slots: {}}\n", "4: Unknown key 'slots' of `setup`. Choose one of: initial_slots."),
        ("scenario:\n  name: a\n  user: {goal: hi}\n  goals:\n    assertions:\n    - flow_startd: x\n", "6: There is no assertion 'flow_startd'. Did you mean 'flow_started'?"),
        ("scenarios:\n- 3\n", "2: A scenario must be a mapping, not 3."),
    ],
)  # fmt: skip
def test_problems(tmp_path: Path, text: str, told: str) -> None:
    file = yaml_file(tmp_path, text)
    _, problems = read_scenario_file(file)
    assert told in [line.removeprefix(f"{file.path}:") for line in problems]
