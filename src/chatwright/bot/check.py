"""Validates everything in a bot folder without running it: every problem at once, each with its place."""

from collections.abc import Mapping
from pathlib import Path

from chatwright.actions.folder_code import load_python_actions
from chatwright.bot.check_tests import check_tests
from chatwright.bot.definition import load_definition
from chatwright.bot.rule_place import rule_problems
from chatwright.dialogue.flows.condition import parse_condition
from chatwright.dialogue.flows.domain_file import read_domain
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.flows.flow_check import Surroundings, check_flows
from chatwright.dialogue.flows.flow_file import read_flows
from chatwright.dialogue.flows.nlu_file import read_training_data
from chatwright.dialogue.running.repair import PATTERN_NAMES, REPAIR_TEXT_NAMES
from chatwright.errors import ConfigError, nearest
from chatwright.knowledge.faq import is_faq_file, load_faq
from chatwright.knowledge.loaders import SUPPORTED_SUFFIXES


def check_bot_folder(bot_dir: Path) -> list[str]:
    """One line a problem; empty when the folder is ready to be ingested."""
    problems: list[str] = []
    try:
        load_definition(bot_dir)
    except ConfigError as err:
        problems.append(str(err))
    problems += _check_knowledge(bot_dir / "knowledge") + check_tests(bot_dir)
    return list(dict.fromkeys(problems + _check_processes(bot_dir)))  # a faulty bot.yaml is met twice


def _check_processes(bot_dir: Path) -> list[str]:
    """What keeps the flows from running: in themselves, in the domain, in the functions they call, in how they fit."""
    domain, problems = read_domain(bot_dir)
    flows, of_flows = read_flows(bot_dir)
    data, of_data = read_training_data(bot_dir)
    problems = [*problems, *of_flows, *of_data]
    try:
        definition = load_definition(bot_dir)
        python = load_python_actions(bot_dir) if definition.actions.python else []
        names: list[str] | None = [action.name for action in python]
    except ConfigError as err:
        return [*(str(problem) for problem in problems if problem.severity == "error"), str(err)]
    actions = definition.actions
    if actions.server is not None or actions.mcp:
        names = None  # what a server can do is not known before it is asked
    elif names is not None:
        names += [tool.name for tool in actions.http]
    of_rules = [*_check_patterns(flows), *rule_problems(bot_dir, definition, flows, domain)]
    if flows:
        around = Surroundings(
            languages=definition.languages,
            parse_condition=parse_condition,
            actions=names,
            intents=data.intents,
            responses=REPAIR_TEXT_NAMES,
            domain_path=str(bot_dir / "domain.yaml"),
        )
        told = {problem.message for problem in problems}  # by the readers, with the better line
        problems += [problem for problem in check_flows(flows, domain, around) if problem.message not in told]
    return [*(str(problem) for problem in problems if problem.severity == "error"), *of_rules]


def _check_patterns(flows: Mapping[str, Flow]) -> list[str]:
    """Flows that are called like a pattern and are none: they would never run."""
    return [
        f"{flow.path}:{flow.line}: There is no pattern {name!r}, so this flow never runs. "
        f"{nearest(name, sorted(PATTERN_NAMES))}"
        for name, flow in flows.items()
        if name.startswith("pattern_") and name not in PATTERN_NAMES
    ]


def _check_knowledge(folder: Path) -> list[str]:
    if not folder.is_dir():
        return [f"{folder}: there is no knowledge folder; make it and put your documents there."]
    problems: list[str] = []
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(".")]
    if not files and not read_flows(folder.parent)[0]:  # a bot may be there for its processes alone
        problems.append(f"{folder}: empty; put documents or a faq.yaml there.")
    for path in files:
        try:
            if is_faq_file(path):
                load_faq(path)
            elif path.suffix.lower() not in SUPPORTED_SUFFIXES:
                known = ", ".join(sorted(SUPPORTED_SUFFIXES))
                problems.append(f"{path}: files of this kind are not read; known are {known}.")
        except ConfigError as err:
            problems.append(str(err))
    return problems
