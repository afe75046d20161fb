"""Reads a YAML file into plain values and knows on which line each of them stands.

In: a path. Out: values and `line_of(keys)`. YAML 1.2 (`no` is a word, not false); nothing is ever constructed but
mappings, lists and scalars. Raises ConfigError with file and line.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from chatwright.errors import ConfigError

MAX_YAML_BYTES = 2 * 2**20
MAX_DEPTH = 200
MAX_YAML_VALUES = 500_000  # after aliases are replaced by what they stand for: a short file can mean billions


class YamlFile:
    """One YAML file: `values` are plain dicts, lists and scalars.

    allows_twins: of a key that a mapping has twice the first counts, and `twins` names it with its line.
    """

    def __init__(self, path: Path, *, allows_twins: bool = False) -> None:
        self.path = path
        self.twins: list[tuple[str, int]] = []
        try:
            self._tree = _parse(path)
        except ConfigError as err:
            if not allows_twins or err.code != _TWIN:
                raise
            self.twins = [_twin(path, err.message)]
            self._tree = _parse(path, allows_twins=True)
        self.values: Any = _Plainer(path).plain(self._tree)

    def line_of(self, keys: Sequence[str | int]) -> int:
        """The line, from 1, of the innermost of `keys` that is in the file."""
        node, line = self._tree, 1
        for key in keys:
            try:
                if isinstance(node, CommentedMap) and key in node:
                    line = node.lc.key(key)[0] + 1
                elif isinstance(node, CommentedSeq) and isinstance(key, int) and key < len(node):
                    line = node.lc.item(key)[0] + 1
                else:
                    return line
            except KeyError:
                return line
            node = node[key]
        return line

    def place(self, keys: Sequence[str | int]) -> str:
        """`path:line` of a value, as editors understand it."""
        return f"{self.path}:{self.line_of(keys)}"


_TWIN = "yaml_key_twice"
_FOUND_TWICE = re.compile(r'found duplicate key "?([^"]*?)"?(?: with|$)')


def _twin(path: Path, message: str) -> tuple[str, int]:
    """The key and the line of the error that `_parse` raised."""
    found = _FOUND_TWICE.search(message)
    line = message.removeprefix(f"{path}:").partition(":")[0]
    return (found[1] if found else "?", int(line) if line.isdecimal() else 1)


def _parse(path: Path, *, allows_twins: bool = False) -> Any:
    try:
        if path.stat().st_size > MAX_YAML_BYTES:
            raise ConfigError(f"{path} is larger than {MAX_YAML_BYTES} bytes.", hint="Split it into several files.")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as err:
        raise ConfigError(
            f"There is no {path.name} in {path.parent}.",
            hint=f"Make a bot folder with: chatwright new {path.parent} --scenario support",
            code="bot_not_found",
        ) from err
    except UnicodeDecodeError as err:
        raise ConfigError(f"{path} is not UTF-8 at byte {err.start}.", hint="Save it as UTF-8.") from err
    except OSError as err:
        raise ConfigError(f"Cannot read {path}: {err.strerror}.", hint="Check the path and its permissions.") from err
    yaml = YAML(typ="rt", pure=True)
    yaml.allow_duplicate_keys = allows_twins
    try:
        return yaml.load(text)
    except MarkedYAMLError as err:
        line = err.problem_mark.line + 1 if err.problem_mark else 1
        problem = (err.problem or "not valid YAML").strip().splitlines()[0]
        code = _TWIN if isinstance(err, DuplicateKeyError) else "yaml_invalid"
        raise ConfigError(f"{path}:{line}: {problem}.", hint="Mend the YAML there.", code=code) from err
    except (YAMLError, RecursionError, ValueError) as err:
        raise ConfigError(f"{path}: not valid YAML.", hint="Mend the file.", code="yaml_invalid") from err


class _Plainer:
    """Makes plain values of a tree, up to MAX_YAML_VALUES of them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._num_values = 0

    def plain(self, node: Any, depth: int = 0) -> Any:
        self._num_values += 1
        if self._num_values > MAX_YAML_VALUES or depth > MAX_DEPTH:
            raise ConfigError(
                f"{self._path}: it stands for more than {MAX_YAML_VALUES} values or is nested too deep.",
                hint="Take out aliases (`*name`), or split it into several files.",
                code="yaml_invalid",
            )
        if isinstance(node, dict):
            return {str(key): self.plain(value, depth + 1) for key, value in node.items()}
        if isinstance(node, list):
            return [self.plain(value, depth + 1) for value in node]
        for kind in (bool, int, float, str):
            if isinstance(node, kind):
                return kind(node)
        return None if node is None else str(node)
