"""Finds the tests of a bot folder and tells what kind each file is.

In: the folder `tests`, or chosen files, folders and `path::name`. Out: FolderTests, with all that is wrong in them, a
line each. Question sets are named, not read: they belong to `chatwright eval`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from chatwright.errors import ConfigError, nearest
from chatwright.evaluation.e2e_case import ConversationTest
from chatwright.evaluation.e2e_file import TOP_KEYS, read_e2e_file, read_fixtures
from chatwright.evaluation.scenario import Scenario
from chatwright.evaluation.scenario_file import SCENARIO_KEYS, read_scenario_file
from chatwright.yamlfile import YamlFile

FileKind = Literal["questions", "tests", "scenarios", "settings", "stories"]
_QUESTION_KEYS = ("questions", "dialogues")
_SETTINGS = frozenset({"conftest.yml", "conftest.yaml"})  # Rasa's, for its judge model
_SUFFIXES = (".yaml", ".yml")


@dataclass(slots=True)
class FolderTests:
    """What was found. question_files: for `chatwright eval`. ignored: files that are not run, with the reason."""

    cases: list[ConversationTest] = field(default_factory=list)
    scenarios: list[Scenario] = field(default_factory=list)
    question_files: list[Path] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The names of everything that can be run."""
        return [case.name for case in self.cases] + [scenario.name for scenario in self.scenarios]


def yaml_paths(folder: Path) -> list[Path]:
    """Every YAML file of the folder and of folders in it, in order; hidden ones are passed over."""
    found = sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file())
    return [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]


def kind_of(path: Path, values: Any) -> FileKind | None:
    """What the file holds by its top keys; None when they are of no kind."""
    if path.name in _SETTINGS:
        return "settings"
    if isinstance(values, list):
        return "questions"
    keys = set(values) if isinstance(values, Mapping) else set()
    if keys & set(_QUESTION_KEYS):
        return "questions"
    if keys & set(SCENARIO_KEYS):
        return "scenarios"
    if keys & set(TOP_KEYS):
        return "tests"
    return "stories" if keys & {"stories", "rules"} else None


def question_paths(folder: Path) -> list[Path]:
    """The files that hold questions; what cannot be read is among them, so that its reader says why."""
    return [path for path in yaml_paths(folder) if _kind_or_none(path) in ("questions", None)]


def _kind_or_none(path: Path) -> FileKind | None:
    try:
        return kind_of(path, YamlFile(path).values)
    except ConfigError:
        return None


def read_tests(paths: Sequence[Path]) -> FolderTests:
    """All files, each problem noted; a fixture may be used by every file."""
    found = FolderTests()
    files = [file for path in paths if (file := _open(path, found))]
    kinds = {file.path: kind_of(file.path, file.values) for file in files}
    shared = {
        name: slots for file in files if kinds[file.path] == "tests" for name, slots in read_fixtures(file)[0].items()
    }
    for file in files:
        match kinds[file.path]:
            case "tests":
                cases, problems = read_e2e_file(file, shared)
                found.cases += cases
                found.problems += problems
            case "scenarios":
                scenarios, problems = read_scenario_file(file)
                found.scenarios += scenarios
                found.problems += problems
            case "questions":
                found.question_files.append(file.path)
            case "settings":
                found.ignored.append(f"{file.path}: settings of another program's judge are not used.")
            case "stories":
                found.ignored.append(f"{file.path}: stories are not run; write test_cases.")
            case None:
                known = ", ".join([*_QUESTION_KEYS, *TOP_KEYS, *SCENARIO_KEYS])
                found.problems.append(f"{file.path}:1: no key tells what this file holds. Known are: {known}.")
    return found


def _open(path: Path, found: FolderTests) -> YamlFile | None:
    try:
        return YamlFile(path)
    except ConfigError as err:
        found.problems.append(str(err))
        return None


def chosen_tests(folder: Path, chosen: Sequence[str]) -> FolderTests:
    """The tests named by `chosen` (all when it is empty): files, folders, or `path::name`.

    Raises ConfigError for a path or a name that does not exist.
    """
    if not chosen:
        return read_tests(yaml_paths(folder))
    whole = FolderTests()
    for each in chosen:
        path_text, _, name = each.partition("::")
        path = _existing(folder, path_text)
        # Fixtures of the other files count too, so all are read.
        found = read_tests(list(dict.fromkeys([*(yaml_paths(folder) if folder.is_dir() else []), *_below(path)])))
        _keep(found, path, name)
        whole.cases += found.cases
        whole.scenarios += found.scenarios
        whole.question_files += found.question_files
        whole.ignored += found.ignored
        whole.problems += found.problems
    return whole


def _below(path: Path) -> list[Path]:
    return yaml_paths(path) if path.is_dir() else [path]


def _existing(folder: Path, text: str) -> Path:
    """The path as given, else below the folder `tests`."""
    for path in (Path(text), folder / text, folder.parent / text):
        if path.exists():
            return path
    known = [str(path) for path in yaml_paths(folder)] if folder.is_dir() else []
    raise ConfigError(f"There is no test file {text!r}.", hint=nearest(str(folder / text), known), code="no_such_test")


def _keep(found: FolderTests, path: Path, name: str) -> None:
    """Leaves only what is in `path`, and of that name where one is given. Raises ConfigError when nothing is."""
    found.problems = [line for line in found.problems if _is_about(line, path)]
    found.ignored = [line for line in found.ignored if _is_about(line, path)]
    found.question_files = [] if name else [each for each in found.question_files if each.is_relative_to(path)]
    found.cases = [case for case in found.cases if case.path.is_relative_to(path)]
    found.scenarios = [scenario for scenario in found.scenarios if scenario.path.is_relative_to(path)]
    if name:
        names = found.names
        found.cases = [case for case in found.cases if case.name == name]
        found.scenarios = [scenario for scenario in found.scenarios if scenario.name == name]
        if not found.cases and not found.scenarios and not found.problems:
            raise ConfigError(f"There is no test {name!r} in {path}.", hint=nearest(name, names), code="no_such_test")


def _is_about(line: str, path: Path) -> bool:
    return line.startswith(f"{path}:") or (path.is_dir() and line.startswith(f"{path}/"))
