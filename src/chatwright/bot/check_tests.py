"""Validates a bot folder's tests without running them: files that cannot be read, and names that the bot does not have.

In: a bot folder, or tests that were read from it. Out: one line a problem, with file and line.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatwright.actions.folder_code import load_python_actions
from chatwright.bot.definition import load_definition
from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract import validate_slot
from chatwright.dialogue.flows.domain_file import read_domain
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.flows.flow_check import BUILT_IN_ACTIONS
from chatwright.dialogue.flows.flow_file import read_flows
from chatwright.dialogue.reserved_slots import RESERVED_SLOTS
from chatwright.dialogue.running.repair import RASA_RESPONSES, REPAIR_TEXT_NAMES
from chatwright.dialogue.texts import TEXT_NAMES
from chatwright.errors import ConfigError, nearest
from chatwright.evaluation.assertions import Assertion, FlowEnded, Named
from chatwright.evaluation.e2e_case import ConversationTest, UserStep, case_names
from chatwright.evaluation.folder_tests import FolderTests, read_tests, yaml_paths
from chatwright.evaluation.questions import load_dialogues
from chatwright.evaluation.scenario import Scenario, scenario_names

_PATTERN = "pattern_"
# Small talk is said under these names; the texts of bot.yaml and of repair under their own.
_OWN_RESPONSES = frozenset(
    f"utter_{name}" for name in (*TEXT_NAMES, *REPAIR_TEXT_NAMES, "no_answer", "human_handoff")
) | {alias for aliases in RASA_RESPONSES.values() for alias in aliases}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the bot has. actions None: an action server nobody has asked may know any."""

    flows: dict[str, Flow]
    slots: Mapping[str, Slot]
    responses: Collection[str]
    actions: Collection[str] | None

    def has(self, named: Named) -> bool:
        match named.kind:
            case "flow":
                return named.name in self.flows or named.name.startswith(_PATTERN)
            case "slot":
                return named.name in self.slots or named.name in RESERVED_SLOTS
            case "response":
                return named.name in self.responses or named.name in _OWN_RESPONSES
            case "action":
                return self.actions is None or named.name in self.actions or named.name in BUILT_IN_ACTIONS

    def choices(self, kind: str) -> list[str]:
        of_kind = {"flow": self.flows, "slot": self.slots, "response": self.responses, "action": self.actions or ()}
        return list(of_kind[kind])


def check_tests(bot_dir: Path) -> list[str]:
    """Everything that is wrong with the tests in `bot_dir`/tests; nothing when there is no such folder."""
    folder = bot_dir / "tests"
    if not folder.is_dir():
        return []
    tests = read_tests(yaml_paths(folder))
    return [*tests.problems, *_wrong_questions(tests.question_files), *unknown_names(bot_dir, tests)]


def _wrong_questions(paths: Sequence[Path]) -> list[str]:
    problems: list[str] = []
    for path in paths:
        try:
            load_dialogues(path)
        except ConfigError as err:
            problems.append(str(err))
    return problems


def unknown_names(bot_dir: Path, tests: FolderTests) -> list[str]:
    """Flows, slots, responses and actions that the tests speak of and the bot does not have."""
    known = _known(bot_dir)
    named = [(case.path, each) for case in tests.cases for each in case_names(case)]
    named += [(scenario.path, each) for scenario in tests.scenarios for each in scenario_names(scenario)]
    problems = [_problem(path, each, known) for path, each in named if not known.has(each)]
    problems += [found for path, assertion in _assertions(tests) for found in _unknown_step(path, assertion, known)]
    begun: list[ConversationTest | Scenario] = [*tests.cases, *tests.scenarios]
    problems += [found for test in begun for found in _wrong_values(test, known)]
    return [f"{path}:{line}: {told}" for path, line, told in sorted(set(problems))]


_Problem = tuple[str, int, str]  # path, line, what is wrong


def _problem(path: Path, named: Named, known: _Known) -> _Problem:
    hint = nearest(named.name, known.choices(named.kind))
    return str(path), named.line, f"There is no {named.kind} {named.name!r}. {hint}".strip()


def _assertions(tests: FolderTests) -> Iterator[tuple[Path, Assertion]]:
    for case in tests.cases:
        steps = (step for step in case.steps if isinstance(step, UserStep))
        yield from ((case.path, assertion) for step in steps for assertion in step.assertions)
    for scenario in tests.scenarios:
        yield from ((scenario.path, assertion) for assertion in scenario.assertions)


def _unknown_step(path: Path, assertion: Assertion, known: _Known) -> list[_Problem]:
    if not isinstance(assertion, FlowEnded) or not assertion.step or assertion.flow not in known.flows:
        return []
    steps = list(known.flows[assertion.flow].steps)
    if assertion.step in steps:
        return []
    told = f"Flow {assertion.flow!r} has no step {assertion.step!r}."
    return [(str(path), assertion.line, f"{told} {nearest(assertion.step, steps)}".strip())]


def _wrong_values(test: ConversationTest | Scenario, known: _Known) -> list[_Problem]:
    """Slots that a conversation is to begin with and that could never have this value."""
    problems: list[_Problem] = []
    for name, value in test.slots.items():
        slot = known.slots.get(name)
        if slot is None or value is None:
            continue
        try:
            is_valid = validate_slot(slot, value).is_valid
        except ConfigError:
            continue  # the slot itself is wrong, which is told of the domain
        if not is_valid:
            kind = slot.format or slot.type
            problems.append(
                (str(test.path), test.line, f"Slot {name!r} ({kind}) of {test.name!r} cannot be {value!r}.")
            )
    return problems


def _known(bot_dir: Path) -> _Known:
    """What can be read; what is wrong in it is told by others."""
    domain, _ = read_domain(bot_dir)
    flows, _ = read_flows(bot_dir)
    return _Known(
        flows=dict(flows), slots=domain.slots, responses=domain.responses, actions=_actions(bot_dir, domain.actions)
    )


def _actions(bot_dir: Path, declared: Collection[str]) -> Collection[str] | None:
    try:
        settings = load_definition(bot_dir).actions
        if settings.server is not None or settings.mcp:
            return None
        own = [action.name for action in load_python_actions(bot_dir)] if settings.python else []
    except ConfigError:
        return None
    return {*own, *(tool.name for tool in settings.http), *declared}
