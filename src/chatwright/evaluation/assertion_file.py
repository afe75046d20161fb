"""Reads assertions, in the shape of Rasa's end-to-end tests and scenarios.

In: a list from a YAML file. Out: Assertion values, those that could be read; what is wrong is noted with its line.
References: rasa.com/docs/reference/testing/e2e/assertions, rasa.com/docs/reference/testing/evals/scenarios.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from chatwright.errors import nearest
from chatwright.evaluation.assertions import (
    ANY_VALUE,
    SEQUENCE_KINDS,
    ActionExecuted,
    Assertion,
    BotUttered,
    Clarification,
    ExpectedButton,
    FlowEnded,
    FlowStarted,
    GenerativeResponse,
    Operator,
    Sequencing,
    SlotExpectation,
    SlotWasNotSet,
    SlotWasSet,
)
from chatwright.evaluation.file_problems import FileProblems, Keys, shown

DEFAULT_THRESHOLD = 0.5  # Rasa's
_Read = Callable[[FileProblems, Keys, str, Any], Assertion]


def read_assertions(problems: FileProblems, keys: Keys, value: Any) -> tuple[Assertion, ...]:
    """All of them, in order."""
    read: list[Assertion] = []
    for index, row in enumerate(problems.rows(keys, value, "`assertions`")):
        place = [*keys, index]
        known = problems.mapping(place, row, "An assertion")
        if known and len(known) != 1:
            problems.add(place, f"An assertion has one key, not {len(known)}.", "Begin each with a dash of its own.")
            continue
        for kind, given in known.items():
            reader = _READERS.get(kind)
            if reader is None:
                problems.add([*place, kind], f"There is no assertion {kind!r}.", nearest(kind, list(_READERS)))
            else:
                read.append(reader(problems, [*place, kind], kind, given))
    return tuple(read)


def _line(problems: FileProblems, keys: Keys) -> int:
    return problems.file.line_of(keys)


def _flows(problems: FileProblems, keys: Keys, kind: str, value: Any) -> tuple[tuple[str, ...], Operator]:
    """Flow ids with their operator; one id, or a list, is Rasa's older way of writing `all`."""
    if isinstance(value, str):
        return (value,), "all"
    if isinstance(value, list):
        rows, operator = value, "all"
    else:
        known = problems.mapping(keys, value, f"`{kind}`")
        problems.check_keys(keys, known, ("operator", "flow_ids"), f"of `{kind}`")
        rows = list(problems.rows([*keys, "flow_ids"], known.get("flow_ids"), "`flow_ids`"))
        operator = str(known.get("operator", "all")).lower()
    if operator not in ("any", "all"):
        problems.add([*keys, "operator"], f"`operator` is {operator!r}.", "Choose one of: all, any.")
    if not rows:
        problems.add(keys, f"`{kind}` names no flow.", "Write `flow_ids: [ID]`.")
    return tuple(map(str, rows)), "any" if operator == "any" else "all"


def _read_flow_started(problems: FileProblems, keys: Keys, kind: str, value: Any) -> Assertion:
    flows, operator = _flows(problems, keys, kind, value)
    return FlowStarted(flows=flows, operator=operator, line=_line(problems, keys))


def _read_clarification(problems: FileProblems, keys: Keys, kind: str, value: Any) -> Assertion:
    flows, operator = _flows(problems, keys, kind, value)
    return Clarification(flows=flows, operator=operator, line=_line(problems, keys))


def _read_flow_ended(problems: FileProblems, keys: Keys, kind: str, value: Any) -> Assertion:
    known = problems.mapping(keys, {"flow_id": value} if isinstance(value, str) else value, f"`{kind}`")
    problems.check_keys(keys, known, ("flow_id", "flow_step_id"), f"of `{kind}`")
    flow = problems.text([*keys, "flow_id"], known.get("flow_id"), "`flow_id`")
    step = problems.text([*keys, "flow_step_id"], known.get("flow_step_id"), "`flow_step_id`", default="")
    which: Literal["flow_completed", "flow_cancelled"] = (
        "flow_completed" if kind == "flow_completed" else "flow_cancelled"
    )
    return FlowEnded(kind=which, flow=flow, step=step, line=_line(problems, keys))


def _read_action(problems: FileProblems, keys: Keys, kind: str, value: Any) -> Assertion:
    return ActionExecuted(action=problems.text(keys, value, f"`{kind}`"), line=_line(problems, keys))


def _slots(problems: FileProblems, keys: Keys, kind: str, value: Any) -> tuple[SlotExpectation, ...]:
    read: list[SlotExpectation] = []
    for index, row in enumerate(problems.rows(keys, value, f"`{kind}`")):
        place = [*keys, index]
        known = problems.mapping(place, {"name": row} if isinstance(row, str) else row, f"A slot of `{kind}`")
        problems.check_keys(place, known, ("name", "value"), f"of a slot of `{kind}`")
        name = problems.text([*place, "name"], known.get("name"), "`name`")
        read.append(SlotExpectation(name=name, value=known.get("value", ANY_VALUE), line=_line(problems, place)))
    if not read:
        problems.add(keys, f"`{kind}` names no slot.", "Write `- name: SLOT` below it.")
    return tuple(read)


def _read_slot_was_set(problems: FileProblems, keys: Keys, kind: str, value: Any) -> Assertion:
    return SlotWasSet(slots=_slots(problems, keys, kind, value), line=_line(problems, keys))


def _read_slot_was_not_set(problems: FileProblems, keys: Keys, kind: str, value: Any) -> Assertion:
    return SlotWasNotSet(slots=_slots(problems, keys, kind, value), line=_line(problems, keys))


def _read_uttered(problems: FileProblems, keys: Keys, kind: str, value: Any) -> Assertion:
    known = problems.mapping(keys, value, f"`{kind}`")
    problems.check_keys(keys, known, ("utter_name", "text_matches", "buttons"), f"of `{kind}`")
    if isinstance(value, Mapping) and not any(known.values()):
        problems.add(keys, f"`{kind}` expects nothing.", "Give one of: utter_name, text_matches, buttons.")
    pattern = problems.text([*keys, "text_matches"], known.get("text_matches"), "`text_matches`", default="")
    try:
        re.compile(pattern)
    except re.error as err:
        problems.add([*keys, "text_matches"], f"{pattern!r} is no regular expression: {err}.")
        pattern = ""
    return BotUttered(
        utter_name=problems.text([*keys, "utter_name"], known.get("utter_name"), "`utter_name`", default=""),
        text_matches=pattern,
        buttons=_buttons(problems, [*keys, "buttons"], known.get("buttons")),
        is_absent=kind == "bot_did_not_utter",
        line=_line(problems, keys),
    )


def _buttons(problems: FileProblems, keys: Keys, value: Any) -> tuple[ExpectedButton, ...]:
    read: list[ExpectedButton] = []
    for index, row in enumerate(problems.rows(keys, value, "`buttons`")):
        place = [*keys, index]
        known = problems.mapping(place, row, "A button")
        problems.check_keys(place, known, ("title", "payload"), "of a button")
        title = problems.text([*place, "title"], known.get("title"), "`title`")
        payload = known.get("payload")
        read.append(ExpectedButton(title=title, payload=None if payload is None else str(payload)))
    return tuple(read)


def _read_generative(problems: FileProblems, keys: Keys, kind: str, value: Any) -> Assertion:
    known = problems.mapping(keys, value, f"`{kind}`")
    is_grounded = kind == "generative_response_is_grounded"
    allowed = ["threshold", "utter_name", "utter_source", *(["ground_truth"] if is_grounded else [])]
    problems.check_keys(keys, known, allowed, f"of `{kind}`")
    threshold = known.get("threshold", DEFAULT_THRESHOLD)
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not 0 <= threshold <= 1:
        problems.add([*keys, "threshold"], f"`threshold` is a number from 0 to 1, not {shown(threshold)}.")
        threshold = DEFAULT_THRESHOLD
    texts = {
        name: problems.text([*keys, name], known.get(name), f"`{name}`", default="")
        for name in ("utter_name", "utter_source", "ground_truth")
    }
    return GenerativeResponse(
        kind="generative_response_is_grounded" if is_grounded else "generative_response_is_relevant",
        threshold=float(threshold),
        line=_line(problems, keys),
        **texts,
    )


def _read_sequencing(problems: FileProblems, keys: Keys, kind: str, value: Any) -> Assertion:
    steps: list[tuple[str, str]] = []
    for index, row in enumerate(problems.rows(keys, value, f"`{kind}`")):
        place = [*keys, index]
        known = problems.mapping(place, row, f"A step of `{kind}`")
        problems.check_keys(place, known, SEQUENCE_KINDS, f"of a step of `{kind}`")
        steps += [(name, problems.text([*place, name], given, f"`{name}`")) for name, given in known.items()]
    if not steps:
        problems.add(keys, f"`{kind}` has no steps.", f"Steps are: {', '.join(SEQUENCE_KINDS)}.")
    return Sequencing(steps=tuple(steps), line=_line(problems, keys))


_READERS: Mapping[str, _Read] = {
    "flow_started": _read_flow_started,
    "flow_completed": _read_flow_ended,
    "flow_cancelled": _read_flow_ended,
    "pattern_clarification_contains": _read_clarification,
    "action_executed": _read_action,
    "slot_was_set": _read_slot_was_set,
    "slot_was_not_set": _read_slot_was_not_set,
    "bot_uttered": _read_uttered,
    "bot_did_not_utter": _read_uttered,
    "generative_response_is_relevant": _read_generative,
    "generative_response_is_grounded": _read_generative,
    "sequencing": _read_sequencing,
}
ASSERTION_KINDS = tuple(_READERS)
