"""Loads the Python code of a bot folder: `actions.py`, or a package `actions/`, and nothing else.

In: a bot folder. Out: its modules. This runs the owner's code, as the owner: it is not a sandbox. A path that leads out
of the folder is refused. Raises ConfigError with file and line for code that cannot be loaded.
"""

import hashlib
import importlib
import importlib.util
import pkgutil
import sys
import traceback
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from chatwright.actions.python import PythonAction, mark_of
from chatwright.errors import ConfigError


def code_path(bot_dir: Path) -> Path | None:
    """The file that is loaded first; None when the folder has no code. Raises ConfigError when it lies outside."""
    for path in (bot_dir / "actions.py", bot_dir / "actions" / "__init__.py"):
        if path.is_file():
            if not path.resolve().is_relative_to(bot_dir.resolve()):
                raise ConfigError(
                    f"{path} leads out of the bot folder, to {path.resolve()}.",
                    hint="Only code inside the bot folder is run: copy it there.",
                    code="actions_outside",
                )
            return path
    return None


def load_code(bot_dir: Path, *, is_alone: bool = False) -> list[ModuleType]:
    """The modules of the folder's code, loaded anew.

    is_alone: no other bot is in this process, so the code may be called `actions` and import its neighbours by name,
    as it may under Rasa.
    """
    path = code_path(bot_dir)
    if path is None:
        return []
    if is_alone:
        sys.path.insert(0, str(bot_dir.resolve()))
    digest = hashlib.sha256(str(bot_dir.resolve()).encode()).hexdigest()[:12]
    name = "actions" if is_alone else f"chatwright_bot_{digest}_actions"
    for loaded in [known for known in sys.modules if known == name or known.startswith(f"{name}.")]:
        del sys.modules[loaded]
    is_package = path.name == "__init__.py"
    loader = _FreshLoader(name, str(path))
    spec = importlib.util.spec_from_file_location(
        name, path, loader=loader, submodule_search_locations=[str(path.parent)] if is_package else None
    )
    assert spec is not None, path  # a path with a loader always has one
    modules = [_run(spec, loader, path)]
    if is_package:
        modules += _load_package(modules[0], path.parent)
    return modules


def load_python_actions(bot_dir: Path) -> list[PythonAction]:
    """The decorated functions of the folder, in the order of the files. Raises ConfigError."""
    return python_actions(load_code(bot_dir))


def python_actions(modules: Sequence[ModuleType]) -> list[PythonAction]:
    """The decorated functions that `modules` define; what they import from each other counts once."""
    functions = {
        id(value): value for module in modules for value in vars(module).values() if mark_of(value) is not None
    }
    return [PythonAction(function) for function in functions.values()]


def _load_package(package: ModuleType, directory: Path) -> list[ModuleType]:
    modules = []
    for found in pkgutil.walk_packages(package.__path__, prefix=f"{package.__name__}.", onerror=lambda _name: None):
        path = directory.joinpath(*found.name.removeprefix(f"{package.__name__}.").split("."))
        try:
            modules.append(importlib.import_module(found.name))
        except (Exception, SystemExit) as err:
            raise _load_error(err, path.with_suffix(".py")) from err
    return modules


class _FreshLoader(SourceFileLoader):
    """Reads the file each time: no bytecode beside the owner's files, and none that is older than they are."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


def _run(spec: ModuleSpec, loader: SourceFileLoader, path: Path) -> ModuleType:
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up by name
    try:
        loader.exec_module(module)
    except (Exception, SystemExit) as err:
        del sys.modules[spec.name]
        raise _load_error(err, path) from err
    return module


def _load_error(err: BaseException, path: Path) -> ConfigError:
    if isinstance(err, ConfigError):
        return err
    if isinstance(err, SyntaxError):
        return ConfigError(
            f"{err.filename or path}:{err.lineno or 1}: {err.msg}.", hint="Mend the code.", code="actions_invalid"
        )
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(err.__traceback__)
        if frame.filename == str(path) and frame.lineno is not None
    ]
    reason = str(err) or "it ends the process" if not isinstance(err, SystemExit) else "it ends the process"
    hint = "Install it beside chatwright." if isinstance(err, ModuleNotFoundError) else "Mend the code."
    return ConfigError(
        f"{path}:{lines[-1] if lines else 1}: {type(err).__name__}: {reason}.", hint=hint, code="actions_invalid"
    )
