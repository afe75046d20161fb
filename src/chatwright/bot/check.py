"""Validates everything in a bot folder without running it: every problem at once, each with its place."""

from pathlib import Path

from chatwright.bot.definition import load_definition
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
    return problems + _check_knowledge(bot_dir / "knowledge") + _check_questions(bot_dir / "tests")


def _check_knowledge(folder: Path) -> list[str]:
    if not folder.is_dir():
        return [f"{folder}: there is no knowledge folder; make it and put your documents there."]
    problems: list[str] = []
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(".")]
    if not files:
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
