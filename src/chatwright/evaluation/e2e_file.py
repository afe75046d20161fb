"""Reads Rasa's end-to-end tests: fixtures, metadata, stubbed actions and test cases, old steps and assertions alike.

In: a YAML file. Out: ConversationTest values and what is wrong in the file, a line each. Never runs anything.
Reference: rasa.com/docs/reference/testing/e2e/test-cases. A fixture may also be written in another file of
the same `tests` folder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatwright.errors import nearest
from chatwright.evaluation.assertion_file import read_assertions
from chatwright.evaluation.assertions import ANY_VALUE, Named, SlotExpectation
from chatwright.evaluation.e2e_case import BotStep, ConversationTest, SlotStep, Step, UserStep, UtterStep
from chatwright.evaluation.file_problems import FileProblems, Keys, shown
from chatwright.evaluation.stubs import STUBS, action_of, read_stubs, stubs_for
from chatwright.yamlfile import YamlFile

TOP_KEYS = ("fixtures", "metadata", STUBS, "test_cases")
_CASE_KEYS = ("test_case", "fixtures", "metadata", "steps")
_STEP_KINDS = ("user", "bot", "utter", "slot_was_set", "slot_was_not_set")
_USER_KEYS = ("user", "metadata", "assertions", "assertion_order_enabled")
Fixtures = Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class _Reading:
    """One file while it is read. fixtures and metadata by name."""

    problems: FileProblems
    fixtures: Fixtures
    metadata: Mapping[str, Mapping[str, Any]]
    stubs: Mapping[str, Mapping[str, Any]]
    named: list[Named] = field(default_factory=list)


def read_fixtures(file: YamlFile) -> tuple[Fixtures, list[str]]:
    """The fixtures of one file by name, with what is wrong in them."""
    problems = FileProblems(file)
    values = file.values if isinstance(file.values, Mapping) else {}
    read: dict[str, dict[str, Any]] = {}
    for index, row in enumerate(problems.rows(["fixtures"], values.get("fixtures"), "`fixtures`")):
        for name, slots in problems.mapping(["fixtures", index], row, "A fixture").items():
            place: Keys = ["fixtures", index, name]
            if name in read:
                problems.add(place, f"There are two fixtures {name!r}.", "Rename one of them.")
            read[name] = _fixture_slots(problems, place, slots)
    return read, problems.lines


def _fixture_slots(problems: FileProblems, keys: Keys, value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    slots: dict[str, Any] = {}
    for index, row in enumerate(problems.rows(keys, value, "A fixture's slots")):
        slots |= problems.mapping([*keys, index], row, "A slot of a fixture")
    return slots


def read_e2e_file(file: YamlFile, shared: Fixtures | None = None) -> tuple[list[ConversationTest], list[str]]:
    """The cases of one file and what is wrong in it. shared: the fixtures of the folder's other files."""
    problems = FileProblems(file)
    top = problems.mapping([], file.values, "The file")
    problems.check_keys([], top, TOP_KEYS, "of a file of tests")
    own, of_fixtures = read_fixtures(file)
    problems.lines += of_fixtures
    stubs = read_stubs(problems, [STUBS], top.get(STUBS))
    reading = _Reading(
        problems=problems, fixtures={**(shared or {}), **own}, metadata=_metadata(problems, top), stubs=stubs
    )
    reading.named = _named(file, top, own, stubs)
    cases: list[ConversationTest] = []
    seen: dict[str, int] = {}
    for index, row in enumerate(problems.rows(["test_cases"], top.get("test_cases"), "`test_cases`")):
        case = _read_case(reading, ["test_cases", index], row)
        if case.name in seen:
            problems.add(["test_cases", index], f"Line {seen[case.name]} has a test {case.name!r} too.", "Rename one.")
        seen[case.name] = case.line
        cases.append(case)
    return cases, problems.lines


def _named(file: YamlFile, top: Mapping[str, Any], fixtures: Fixtures, stubs: Mapping[str, Any]) -> list[Named]:
    """The slots of the file's fixtures, and its stubbed actions."""
    named = [Named(kind="action", name=action_of(name), line=file.line_of([STUBS, name])) for name in stubs]
    rows = top.get("fixtures")
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        for name in row if isinstance(row, Mapping) else ():
            line = file.line_of(["fixtures", index, name])
            named += [Named(kind="slot", name=slot, line=line) for slot in fixtures.get(name, {})]
    return named


def _metadata(problems: FileProblems, top: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    read: dict[str, Mapping[str, Any]] = {}
    for index, row in enumerate(problems.rows(["metadata"], top.get("metadata"), "`metadata`")):
        for name, given in problems.mapping(["metadata", index], row, "An entry of `metadata`").items():
            read[name] = problems.mapping(["metadata", index, name], given, f"Metadata {name!r}")
    return read


def _read_case(reading: _Reading, keys: Keys, row: Any) -> ConversationTest:
    problems = reading.problems
    case = problems.mapping(keys, row, "A test case")
    problems.check_keys(keys, case, _CASE_KEYS, "of a test case")
    name = problems.text([*keys, "test_case"], case.get("test_case"), "`test_case`")
    slots: dict[str, Any] = {}
    for index, fixture in enumerate(problems.rows([*keys, "fixtures"], case.get("fixtures"), "`fixtures`")):
        slots |= _chosen(problems, [*keys, "fixtures", index], str(fixture), reading.fixtures, "fixture")
    metadata = _step_metadata(reading, [*keys, "metadata"], case.get("metadata"))
    rows = problems.rows([*keys, "steps"], case.get("steps"), "`steps`")
    if not any(isinstance(step, Mapping) and step.get("user") is not None for step in rows):
        problems.add(keys, f"Test {name!r} has no step in which the user says something.", "Add `- user: TEXT`.")
    return ConversationTest(
        name=name,
        path=problems.file.path,
        line=problems.file.line_of(keys),
        steps=tuple(_read_steps(reading, [*keys, "steps"], rows, metadata)),
        slots=slots,
        stubs=stubs_for(reading.stubs, name, problems.file.path.name),
        named=tuple(reading.named),
    )


def _chosen(
    problems: FileProblems, keys: Keys, name: str, known: Mapping[str, Mapping[str, Any]], what: str
) -> Mapping[str, Any]:
    if name not in known:
        problems.add(keys, f"There is no {what} {name!r}.", nearest(name, list(known)))
    return known.get(name, {})


def _step_metadata(reading: _Reading, keys: Keys, value: Any) -> Mapping[str, Any]:
    return {} if value is None else _chosen(reading.problems, keys, str(value), reading.metadata, "metadata")


def _read_steps(reading: _Reading, keys: Keys, rows: Sequence[Any], metadata: Mapping[str, Any]) -> list[Step]:
    problems = reading.problems
    read: list[Step] = []
    for index, row in enumerate(rows):
        place = [*keys, index]
        step = problems.mapping(place, row, "A step")
        kinds = [kind for kind in _STEP_KINDS if kind in step]
        if step and len(kinds) != 1:
            problems.add(place, "A step has exactly one of: " + ", ".join(_STEP_KINDS) + ".")
            _hint_at_key(problems, place, step)
        for kind in kinds[:1]:
            read.append(_read_step(reading, place, kind, step, metadata))
    return read


def _hint_at_key(problems: FileProblems, keys: Keys, step: Mapping[str, Any]) -> None:
    if not any(kind in step for kind in _STEP_KINDS):
        problems.check_keys(keys, step, _STEP_KINDS, "of a step")


def _read_step(reading: _Reading, keys: Keys, kind: str, step: Mapping[str, Any], metadata: Mapping[str, Any]) -> Step:
    problems = reading.problems
    problems.check_keys(keys, step, _USER_KEYS if kind == "user" else (kind,), f"of a step `{kind}`")
    line = problems.file.line_of(keys)
    if kind == "user":
        is_ordered = step.get("assertion_order_enabled", False)
        if not isinstance(is_ordered, bool):
            place = [*keys, "assertion_order_enabled"]
            problems.add(place, f"`assertion_order_enabled` is true or false, not {shown(is_ordered)}.")
        return UserStep(
            text="" if step["user"] == "" else problems.text([*keys, "user"], step["user"], "`user`"),
            metadata={**metadata, **_step_metadata(reading, [*keys, "metadata"], step.get("metadata"))},
            assertions=read_assertions(problems, [*keys, "assertions"], step.get("assertions")),
            is_ordered=is_ordered is True,
            line=line,
        )
    if kind == "bot":
        return BotStep(text=problems.text([*keys, "bot"], step["bot"], "`bot`"), line=line)
    if kind == "utter":
        return UtterStep(name=problems.text([*keys, "utter"], step["utter"], "`utter`"), line=line)
    return SlotStep(slots=_slots(problems, [*keys, kind], step[kind], kind), is_set=kind == "slot_was_set", line=line)


def _slots(problems: FileProblems, keys: Keys, value: Any, kind: str) -> tuple[SlotExpectation, ...]:
    """Names, or names with values: `[order_id, {amount: 3}]`."""
    read: list[SlotExpectation] = []
    for index, row in enumerate(problems.rows(keys, value, f"`{kind}`")):
        place = [*keys, index]
        pairs = {row: ANY_VALUE} if isinstance(row, str) else problems.mapping(place, row, f"A slot of `{kind}`")
        line = problems.file.line_of(place)
        read += [SlotExpectation(name=str(name), value=given, line=line) for name, given in pairs.items()]
    if not read:
        problems.add(keys, f"`{kind}` names no slot.", "Write `- SLOT` or `- SLOT: VALUE` below it.")
    return tuple(read)
