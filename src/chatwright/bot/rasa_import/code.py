"""Looks at the Python of a project's actions without running it. In: files. Out: what to copy, and what is there.

Only the syntax tree is read: which actions have a class, and which forms decide for themselves what they ask.
"""

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

from chatwright.bot.rasa_import.domain import Draft
from chatwright.bot.rasa_import.project import Project
from chatwright.bot.rasa_import.report import Report

MAX_DATA_BYTES = 5 * 2**20  # of one file
MAX_DATA_FILES = 500  # of one folder
_NAMES_DATA = re.compile(r"[\w][\w./-]{0,199}")
_NOT_DATA = frozenset(
    """actions data domain models tests e2e_tests docs knowledge flows results domain.yml config.yml credentials.yml
    endpoints.yml bot.yaml domain.yaml nlu.yaml IMPORT.md""".split()  # noqa: SIM905 - a word list reads best as words
)


@dataclass(slots=True)
class ActionCode:
    """copies: path below the bot folder → file. names: actions with a class, with its place.

    dynamic_forms: those whose validation has a `required_slots` of its own, with the texts in it: slots among them.
    """

    copies: dict[str, Path] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    dynamic_forms: dict[str, list[str]] = field(default_factory=dict)


def read_action_code(project: Project, draft: Draft, report: Report) -> ActionCode:
    """What the project's `actions` hold; each action of the domain is told of once."""
    code = ActionCode()
    for path in project.actions:
        name = project.name(path)
        code.copies[name] = path
        if path.suffix == ".py":
            _look(project, path, name, code, report)
    if code.copies and not {"actions.py", "actions/__init__.py"} & set(code.copies):
        code.copies["actions/__init__.py"] = Path()
    for action, place in draft.actions.items():
        if action in code.names:
            report.add("action", action, place, "converted", f"{code.names[action]}, copied")
        else:
            note = "No class of that name was found in `actions`; the action server must have it."
            report.add("action", action, place, "approximated", note)
    return code


def _look(project: Project, path: Path, name: str, code: ActionCode, report: Report) -> None:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError, RecursionError, OSError, MemoryError) as err:
        line = getattr(err, "lineno", None) or 1
        report.add("file", name, f"{name}:{line}", "approximated", f"Copied, though it is not valid Python: {err}.")
        return
    if any(module.split(".")[0] == "rasa" for module in _imported(tree)):
        note = "Copied; it imports rasa itself, not only rasa_sdk."
        report.add("file", name, f"{name}:1", "approximated", note, "Install rasa where the action server runs.")
    else:
        report.add("file", name, f"{name}:1", "converted", "copied")
    _copy_opened(tree, project, code, report)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            action = _action_name(node)
            if action:
                code.names[action] = f"{name}:{node.lineno}"
            own = next((item for item in node.body if getattr(item, "name", "") == "required_slots"), None)
            if action.startswith("validate_") and own is not None:
                texts = [inner.value for inner in ast.walk(own) if isinstance(inner, ast.Constant)]
                named = [text for text in texts if isinstance(text, str)]
                code.dynamic_forms[action.removeprefix("validate_")] = named


def _copy_opened(tree: ast.Module, project: Project, code: ActionCode, report: Report) -> None:
    """Data beside the code: files and folders of the project that a text in the code names, such as `db`."""
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for text in sorted(texts):
        if not _NAMES_DATA.fullmatch(text) or ".." in text or text.split("/")[0] in _NOT_DATA:
            continue
        for file in _plain_files(project.root, project.root / text):
            name = project.name(file)
            if name not in code.copies:
                code.copies[name] = file
                report.add("file", name, f"{name}:1", "converted", "copied, as the actions name it")


def _plain_files(root: Path, path: Path) -> list[Path]:
    """The file, or the files of the folder; nothing that is a link or very large, or lies behind one."""
    if not path.resolve().is_relative_to(root.resolve()):
        return []
    found = [path] if path.is_file() else sorted(path.rglob("*"))[:MAX_DATA_FILES] if path.is_dir() else []
    return [
        file
        for file in found
        if file.is_file()
        and file.resolve() == root.resolve() / file.relative_to(root)
        and file.stat().st_size <= MAX_DATA_BYTES
    ]


def _imported(tree: ast.Module) -> list[str]:
    found = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return found + [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level]


def _action_name(node: ast.ClassDef) -> str:
    """What the class's `name` returns, where it is a plain text."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "name":
            for inner in ast.walk(item):
                if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Constant):
                    return inner.value.value if isinstance(inner.value.value, str) else ""
    return ""
