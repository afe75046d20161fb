"""Flow files: every form that is read, every mistake that is named with its line."""

from pathlib import Path

import pytest

from chatwright.dialogue.flows.flow import (
    END,
    ActionStep,
    Branch,
    CallStep,
    CollectStep,
    LinkStep,
    NoopStep,
    Rejection,
    SetSlotsStep,
    Trigger,
)
from chatwright.dialogue.flows.flow_file import load_flows, read_flows
from chatwright.dialogue.flows.flow_names import flow_name
from chatwright.errors import ConfigError

WHOLE = """version: "3.1"
flows:
  transfer:
    name: {zh: 转账, en: transfer money}
    description: 转账给别人
    if: slots.is_ready and not slots.blocked
    always_include_in_prompt: true
    run_pattern_completed: false
    persisted_slots: [iban]
    examples: |
      - I want to send money
      - 我要转账
    nlu_trigger:
      - intent: transfer_money
      - intent: {name: send, confidence_threshold: 0.7}
      - pay
    steps:
      - collect: iban
        description: the account
        utter: utter_which_account
        ask_before_filling: true
        reset_after_flow_ends: false
        rejections:
          - if: not slots.iban matches "^DE"
            utter: utter_only_german
        next:
          - if: slots.iban = "DE1"
            then:
              - action: action_check
                next:
                  - if: slots.ok
                    then: finish
                  - else:
                      - set_slots:
                          - ok: false
                          - tries: 2
                        next: END
          - if: slots.iban is null
            then: END
          - else:
              - action: utter_other
                next: finish
      - id: finish
        call: notify
        metadata: {note: x}
      - noop: true
        next: last
      - id: last
        link: goodbye
  notify:
    description: Notify.
    steps: [action: utter_done]
"""


def write(folder: Path, text: str, name: str = "flows/a.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_form_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, WHOLE)
    flows = load_flows(tmp_path)
    flow = flows["transfer"]
    assert (flow_name(flow, "zh"), flow_name(flow, "en"), flow.name) == ("转账", "transfer money", "转账")
    assert (flow.guard, flow.always_include_in_prompt, flow.run_pattern_completed) == (
        "slots.is_ready and not slots.blocked",
        True,
        False,
    )
    assert flow.examples == ("I want to send money", "我要转账")
    assert flow.nlu_trigger == (
        Trigger(intent="transfer_money"),
        Trigger(intent="send", confidence_threshold=0.7),
        Trigger(intent="pay"),
    )
    assert (flow.persisted_slots, flow.path, flow.line, flow.first) == (("iban",), str(path), 3, "0_collect_iban")
    assert list(flow.steps) == [
        "0_collect_iban",
        "1_action_check",
        "2_set_slots",
        "3_utter_other",
        "finish",
        "5_noop",
        "last",
    ]
    collect = flow.steps["0_collect_iban"]
    assert collect == CollectStep(
        id="0_collect_iban", line=18, slot="iban", description="the account", utter="utter_which_account", ask_before_filling=True, reset_after_flow_ends=False,
        rejections=(Rejection(condition='not slots.iban matches "^DE"', utter="utter_only_german"),),
        next=(
            Branch(condition='slots.iban = "DE1"', target="1_action_check"), Branch(condition="slots.iban is null", target=END),
            Branch(condition=None, target="3_utter_other"),
        ),
    )  # fmt: skip
    assert flow.steps["1_action_check"].next == (
        Branch(condition="slots.ok", target="finish"),
        Branch(condition=None, target="2_set_slots"),
    )
    assert flow.steps["2_set_slots"] == SetSlotsStep(
        id="2_set_slots", line=34, values=(("ok", False), ("tries", 2)), next=(Branch(condition=None, target=END),)
    )
    assert flow.steps["finish"] == CallStep(
        id="finish", line=43, flow="notify", metadata={"note": "x"}, next=(Branch(condition=None, target="5_noop"),)
    )
    assert isinstance(flow.steps["5_noop"], NoopStep)
    assert isinstance(flow.steps["last"], LinkStep)
    assert isinstance(flows["notify"].steps["0_utter_done"], ActionStep)


@pytest.mark.parametrize("name", ["flows.yml", "flows.yaml", "flows/x.yml", "flows/deep/er/x.yaml"])
def test_where_flows_are_found(tmp_path: Path, name: str) -> None:
    write(tmp_path, WHOLE, name)
    assert set(load_flows(tmp_path)) == {"transfer", "notify"}


def test_a_folder_without_flows(tmp_path: Path) -> None:
    assert load_flows(tmp_path) == {}


def one_step(step: str) -> str:
    return f"flows:\n  f:\n    description: d\n    steps:\n      - {step}\n"


MISTAKES = [
    (one_step("{action: a, colect: b}"), 5, "Unknown key 'colect'"),
    (one_step("{action: a, collect: b}"), 5, "exactly one of"),
    (one_step("{id: a}"), 5, "exactly one of"),
    (one_step("just text"), 5, "A step must be a mapping"),
    (one_step("{action: a, next: nowhere}"), 5, "There is no step 'nowhere'"),
    (one_step("{noop: true}"), 5, "needs a `next`"),
    (one_step("{link: g, next: END}"), 5, "has no `next`"),
    (one_step("{collect: 5}"), 5, "must name one"),
    (one_step("{collect: a, ask_before_filling: maybe}"), 5, "must be true or false"),
    (one_step("{collect: a, rejections: [{utter: u}]}"), 5, "has no `if`"),
    (one_step("{collect: a, rejections: [{if: 'slots.a >', utter: u}]}"), 5, "does not parse"),
    (one_step("{collect: a, next: [{if: 'slots.a ((', then: END}, {else: END}]}"), 5, "does not parse"),
    (one_step("{collect: a, next: [{if: slots.a, then: END}]}"), 5, "do not end with `else`"),
    (one_step("{collect: a, next: [{else: END}, {if: slots.a, then: END}]}"), 5, "Nothing may follow"),
    (one_step("{collect: a, next: [{when: slots.a}, {else: END}]}"), 5, "Unknown key 'when'"),
    (one_step("{collect: a, next: [{if: slots.a, then: [{action: b}]}, {else: END}]}"), 5, "The last step of a branch"),
    (one_step("{set_slots: [a]}"), 5, "must be a list of `slot: value`"),
    (one_step("{id: x, action: a}\n      - {id: x, action: b}"), 6, "Two steps are called 'x'"),
    (one_step("{id: END, action: a}"), 5, "called 'END'"),
    ("flows:\n  f:\n    steps: [{action: a}]\n", 2, "no `description`"),
    ("flows:\n  f:\n    description: d\n", 2, "no `steps`"),
    ("flows:\n  f:\n    description: d\n    steps: 5\n", 4, "must be a list"),
    ("flows:\n  1f:\n    description: d\n    steps: [{action: a}]\n", 2, "cannot name a flow"),
    ("flows:\n  f:\n    description: d\n    nlu_triger: []\n    steps: [{action: a}]\n", 4, "Did you mean 'nlu_trigger'"),
    ("flows:\n  f:\n    description: d\n    if: slots.x ==\n    steps: [{action: a}]\n", 4, "does not parse"),
    ("flows:\n  f:\n    description: d\n    nlu_trigger: [{intent: {name: x, confidence_threshold: 2}}]\n    steps: [{action: a}]\n", 4, "from 0 to 1"),
    ("flow:\n  f: {}\n", 1, "Did you mean 'flows'"),
    ("flows: [a]\n", 1, "must be a mapping of ids"),
    ("- a\n", 1, "must hold a mapping"),
    ("flows:\n  f: {description: [unclosed\n", 3, ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_flows(tmp_path)
    assert f"{path}:{line}: " in str(caught.value)
    assert words in str(caught.value)


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    write(tmp_path, one_step("{action: a, next: nowhere}\n      - {noop: true}"))
    write(tmp_path, WHOLE + "  f:\n    steps: [{action: a}]\n", "flows/b.yaml")
    with pytest.raises(ConfigError) as caught:
        load_flows(tmp_path)
    assert len(caught.value.message.splitlines()) == 3
    assert "is already defined in" in caught.value.message


def test_old_keys_are_taken_with_a_warning(tmp_path: Path) -> None:
    write(tmp_path, one_step("{collect_information: name, entry_prompt: x, scope: flow}"))
    flows, problems = read_flows(tmp_path)
    assert isinstance(flows["f"].steps["0_collect_name"], CollectStep)
    assert [problem.severity for problem in problems] == ["warning"] * 3
    assert "collect_information" in problems[0].message


def test_a_pattern_needs_no_description(tmp_path: Path) -> None:
    write(tmp_path, "flows:\n  pattern_completed:\n    steps: [{action: utter_bye}]\n")
    assert load_flows(tmp_path)["pattern_completed"].description == ""


def test_a_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    write(tmp_path, "flows: {unclosed", "flows/broken.yaml")
    write(tmp_path, WHOLE, "flows/whole.yaml")
    flows, problems = read_flows(tmp_path)
    assert set(flows) == {"transfer", "notify"}
    assert len(problems) == 1


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path, WHOLE, "elsewhere/secret.yaml")
    (tmp_path / "bot" / "flows").mkdir(parents=True)
    (tmp_path / "bot" / "flows" / "x.yaml").symlink_to(outside)
    flows, problems = read_flows(tmp_path / "bot")
    assert flows == {}
    assert "leaves the bot folder" in problems[0].message


@pytest.mark.parametrize("num_steps", [499, 501])
def test_a_flow_has_an_end(tmp_path: Path, num_steps: int) -> None:
    write(tmp_path, "flows:\n  f:\n    description: d\n    steps:\n" + "      - action: a\n" * num_steps)
    _, problems = read_flows(tmp_path)
    assert bool(problems) is (num_steps > 500)


def test_steps_are_not_nested_for_ever(tmp_path: Path) -> None:
    step = "{action: a, next: END}"
    for _ in range(30):
        step = "{noop: true, next: [{if: slots.a, then: [" + step + "]}, {else: END}]}"
    write(tmp_path, one_step(step))
    _, problems = read_flows(tmp_path)
    assert any("nested" in problem.message for problem in problems)
