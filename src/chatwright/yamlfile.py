"""Reads a YAML file into plain values and knows on which line each of them stands.

In: a path. Out: values and `line_of(keys)`. YAML 1.2 (`no` is a word, not false); nothing is ever constructed but
mappings, lists and scalars. Raises ConfigError with file and line.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from chatwright.errors import ConfigError

MAX_YAML_BYTES = 2 * 2**20


class YamlFile:
    """One YAML file: `values` are plain dicts, lists and scalars."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tree = _parse(path)
        self.values: Any = _plain(self._tree)

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


def _parse(path: Path) -> Any:
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
    yaml.allow_duplicate_keys = False
    try:
        return yaml.load(text)
    except MarkedYAMLError as err:
        line = err.problem_mark.line + 1 if err.problem_mark else 1
        problem = (err.problem or "not valid YAML").strip().splitlines()[0]
        raise ConfigError(f"{path}:{line}: {problem}.", hint="Mend the YAML there.", code="yaml_invalid") from err
    except (YAMLError, RecursionError, ValueError) as err:
        raise ConfigError(f"{path}: not valid YAML.", hint="Mend the file.", code="yaml_invalid") from err


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return None if node is None else str(node)
