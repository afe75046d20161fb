"""Finds the files of a Rasa project and says what each is, by what is in it, not by its name.

In: a folder. Out: Project: opened YAML files with their sections, Python files of actions, documents. Broken, foreign
and oversized files are reported and passed over. Links are not followed, nothing is run, nothing outside is read.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatwright.bot.rasa_import.report import Report
from chatwright.errors import ConfigError
from chatwright.yamlfile import YamlFile

MAX_FILES = 20_000
MAX_PYTHON_BYTES = 2**20
_SKIPPED = frozenset(
    {"models", "results", "node_modules", "venv", "env", "__pycache__", "site-packages", "build", "dist"}
)
_DOMAIN = frozenset({"intents", "entities", "slots", "responses", "templates", "actions", "forms", "session_config"})
_CONFIG = frozenset({"pipeline", "policies", "language", "recipe", "importers", "assistant_id", "orchestration"})
_ENDPOINTS = frozenset(
    """action_endpoint tracker_store event_broker nlg lock_store models tracing model_groups nlu_server vector_store
    model_storage privacy""".split()  # noqa: SIM905 - a word list reads best as words
)
CHANNELS = frozenset(
    """rest callback socketio facebook slack telegram twilio twilio_voice mattermost rocketchat webexteams botframework
    hangouts rasa cisco browser_audio twilio_media_streams jambonz audiocodes audiocodes_stream vier_cvg genesys
    inspector rasa_plus""".split()  # noqa: SIM905
)
DOCUMENT_SUFFIXES = frozenset({".txt", ".md", ".pdf", ".docx", ".html"})
_MARKDOWN_MARKS = ("## intent:", "## story", "## synonym:", "## lookup:", "## regex:", ">> ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One YAML file of the project, opened. name: its path in it, with slashes."""

    name: str
    path: Path
    file: YamlFile

    @property
    def values(self) -> dict[str, Any]:
        values: dict[str, Any] = self.file.values
        return values

    def place(self, keys: Sequence[str | int]) -> str:
        return f"{self.name}:{self.file.line_of(keys)}"

    @property
    def is_test(self) -> bool:
        """Rasa takes stories of files that are called `test_…` as tests."""
        parts = Path(self.name).parts
        return parts[-1].startswith("test_") or any(part in ("tests", "e2e_tests") for part in parts[:-1])


@dataclass(slots=True)
class Project:
    """All of it. Each list holds the files that have something of its kind; a file may be in several."""

    root: Path
    domain: list[Source] = field(default_factory=list)
    nlu: list[Source] = field(default_factory=list)
    conversations: list[Source] = field(default_factory=list)  # stories and rules
    test_stories: list[Source] = field(default_factory=list)
    flows: list[Source] = field(default_factory=list)
    tests: list[Source] = field(default_factory=list)  # end-to-end tests
    config: list[Source] = field(default_factory=list)
    endpoints: list[Source] = field(default_factory=list)
    credentials: list[Source] = field(default_factory=list)
    actions: list[Path] = field(default_factory=list)  # Python and its data files, of `actions/` or `actions.py`
    documents: list[Path] = field(default_factory=list)

    def name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    @property
    def is_empty(self) -> bool:
        return not (self.domain or self.nlu or self.conversations or self.flows)


def read_project(root: Path, report: Report) -> Project:
    """Raises ConfigError when there is no folder, or nothing of a Rasa project in it."""
    if not root.is_dir():
        raise ConfigError(f"There is no folder {root}.", hint="Name the folder that has domain.yml.", code="no_project")
    project = Project(root=root)
    for path in _files(project, report):
        if path.suffix in (".yml", ".yaml"):
            _take_yaml(project, path, report)
        elif _is_action(project, path):
            project.actions.append(path)
        elif path.suffix == ".py":
            note = "Python outside of `actions` is not copied."
            report.add("file", project.name(path), f"{project.name(path)}:1", "left", note, _COPY_CODE)
        elif path.suffix in (".md", ".json"):
            _take_old(project, path, report)
        elif path.suffix in DOCUMENT_SUFFIXES and _is_document(project, path):
            project.documents.append(path)
    if project.is_empty:
        raise ConfigError(
            f"Nothing of a Rasa project was found in {root}: no domain, nlu, stories, rules or flows that can be read.",
            hint="Name the folder that has domain.yml."
            + "".join(f" {entry.place}: {entry.note}" for entry in report.entries[:5] if entry.outcome == "left"),
            code="no_project",
        )
    return project


_COPY_CODE = "Copy it beside `actions/` if an action imports it."


def _files(project: Project, report: Report) -> Iterator[Path]:
    """Regular files in a fixed order; links are named and passed over."""
    num_files = 0
    for folder, names, files in os.walk(project.root, followlinks=False):
        names[:] = sorted(name for name in names if name not in _SKIPPED and not name.startswith("."))
        for name in sorted(files):
            path = Path(folder) / name
            if name.startswith(".") or name.endswith(".pyc"):
                continue
            num_files += 1
            if num_files > MAX_FILES:
                note = f"The folder has more than {MAX_FILES} files; the rest was not looked at."
                report.add("file", project.root.name, f"{project.root.name}:1", "left", note, "Name a smaller folder.")
                return
            if path.is_symlink() or not path.is_file():
                name = project.name(path)
                report.add("file", name, f"{name}:1", "left", "It is a link or no plain file.", "Copy the file itself.")
            else:
                yield path
        for name in [name for name in names if (Path(folder) / name).is_symlink()]:
            linked = project.name(Path(folder) / name)
            report.add("file", linked, f"{linked}:1", "left", "It is a link to a folder.", "Copy the folder itself.")


def _take_yaml(project: Project, path: Path, report: Report) -> None:
    name = project.name(path)
    try:
        file = YamlFile(path, allows_twins=True)
    except ConfigError as err:
        line, message = _line_of(path, err.message)
        report.add("file", name, f"{name}:{line}", "left", message, err.hint)
        return
    source = Source(name=name, path=path, file=file)
    if file.values is None:
        report.add("file", name, f"{name}:1", "converted", "It is empty.")
        return
    if not isinstance(file.values, dict):
        report.add("file", name, f"{name}:1", "left", "It is no mapping, so nothing of Rasa's.", "")
        return
    for twin, line in file.twins:
        note = f"The key {twin!r} stands there twice; the first one counts."
        report.add("file", name, f"{name}:{line}", "approximated", note, "Join them, if both are meant.")
    for place in _places_of(project, source):
        place.append(source)
    if not _places_of(project, source):
        report.add("file", name, f"{name}:1", "left", "It has no section that Rasa knows.", "")


def _places_of(project: Project, source: Source) -> list[list[Source]]:
    keys = set(source.values)
    found: list[list[Source]] = []
    if "test_cases" in keys:
        return [project.tests]
    if source.is_test and "stories" in keys:
        return [project.test_stories]
    if keys & _DOMAIN and not (source.path.name.startswith("credentials") or keys & {"pipeline", "policies"}):
        found.append(project.domain)
    if "nlu" in keys and isinstance(source.values["nlu"], list):
        found.append(project.nlu)
    if keys & {"stories", "rules"}:
        found.append(project.conversations)
    if "flows" in keys:
        found.append(project.flows)
    if keys & _CONFIG:
        found.append(project.config)
    if keys & _ENDPOINTS:
        found.append(project.endpoints)
    if not found and (source.path.name.startswith("credentials") or keys <= CHANNELS):
        found.append(project.credentials)
    return found


def _is_action(project: Project, path: Path) -> bool:
    parts = path.relative_to(project.root).parts
    if parts[0] == "actions" or parts == ("actions.py",):
        return path.stat().st_size <= MAX_PYTHON_BYTES and "__pycache__" not in parts
    return False


def _is_document(project: Project, path: Path) -> bool:
    """What Rasa's enterprise search reads by default stands in `docs/`."""
    return path.relative_to(project.root).parts[0] in ("docs", "documents", "knowledge")


def _take_old(project: Project, path: Path, report: Report) -> None:
    """Training data of Rasa 1 (Markdown, JSON), which is told and not read; other Markdown may be a document."""
    name = project.name(path)
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            text = file.read(200_000)
    except OSError:
        text = ""
    is_old = "rasa_nlu_data" in text[:2000] if path.suffix == ".json" else _is_markdown_data(text)
    if is_old:
        note = "Training data of Rasa 1 in Markdown or JSON is not read."
        report.add("file", name, f"{name}:1", "left", note, _CONVERT_OLD)
    elif path.suffix == ".md" and _is_document(project, path):
        project.documents.append(path)


_CONVERT_OLD = "Turn it into YAML first, with Rasa 2: rasa data convert nlu -f yaml, rasa data convert core -f yaml."


def _is_markdown_data(text: str) -> bool:
    lines = text.splitlines()
    if any(line.startswith(_MARKDOWN_MARKS) for line in lines):
        return True
    return (
        any(line.startswith("## ") for line in lines)
        and any(line.startswith("* ") for line in lines)
        and (any(line.lstrip().startswith(("- utter_", "- action_")) for line in lines))
    )


def _line_of(path: Path, message: str) -> tuple[int, str]:
    rest = message.removeprefix(f"{path}:")
    line, _, text = rest.partition(":")
    return (int(line), text.strip()) if line.isdecimal() else (1, message.replace(str(path), path.name))
