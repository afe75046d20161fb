"""Validates everything in a bot folder without running it: every problem at once, each with its place."""

from pathlib import Path

from chatwright.actions.folder_code import load_python_actions
from chatwright.bot.definition import load_definition
from chatwright.dialogue.flows.condition import parse_condition
from chatwright.dialogue.flows.domain_file import read_domain
from chatwright.dialogue.flows.flow_check import Surroundings, check_flows
from chatwright.dialogue.flows.flow_file import read_flows
from chatwright.dialogue.running.repair import REPAIR_TEXT_NAMES
from chatwright.errors import ConfigError
from chatwright.evaluation.questions import load_dialogues
from chatwright.knowledge.faq import is_faq_file, load_faq
from chatwright.knowledge.loaders import SUPPORTED_SUFFIXES


def check_bot_folder(bot_dir: Path) -> list[str]:
    """One line a problem; empty when the folder is ready to be ingested."""
    problems: list[str] = []
    try:
        load_definition(bot_dir)
    except ConfigError as err:
        problems.append(str(err))
    problems += _check_knowledge(bot_dir / "knowledge") + _check_questions(bot_dir / "tests")
    return problems + _check_processes(bot_dir)


def _check_processes(bot_dir: Path) -> list[str]:
    """What keeps the flows from running: in themselves, in the domain, in the functions they call, in how they fit."""
    domain, problems = read_domain(bot_dir)
    flows, of_flows = read_flows(bot_dir)
    problems = [*problems, *of_flows]
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
    if flows:
        around = Surroundings(
            languages=definition.languages,
            parse_condition=parse_condition,
            actions=names,
            responses=REPAIR_TEXT_NAMES,
            domain_path=str(bot_dir / "domain.yaml"),
        )
        problems += check_flows(flows, domain, around)
    return [str(problem) for problem in problems if problem.severity == "error"]


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


def _check_questions(folder: Path) -> list[str]:
    problems: list[str] = []
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else []:
        try:
            load_dialogues(path)
        except ConfigError as err:
            problems.append(str(err))
    return problems
