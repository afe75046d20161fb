"""The house: imports only go down, rooms of one floor never import each other, nobody imports what is private."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "chatwright"
FLOORS = {
    "cli": 7,  # it starts the server, so it stands above it (docs/decisions.md)
    "server": 6,
    "bot": 5,
    "scenarios": 4,
    "dialogue": 3,
    "engines": 2, "knowledge": 2, "actions": 2, "safety": 2, "training": 2, "compression": 2, "evaluation": 2,
    "explain": 2,
    "models": 1, "store": 1, "language": 1,
    "messages": 0, "protocols": 0, "errors": 0, "settings": 0, "yamlfile": 0,
}  # fmt: skip
FILES = sorted(
    path for path in SOURCE.rglob("*.py") if path.name not in ("__init__.py", "__main__.py") or path.parent != SOURCE
)
TORCH_ROOMS = {"training", "compression", "explain"}


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported_modules(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_go_down(path: Path) -> None:
    room = room_of(path)
    assert room in FLOORS, f"{room} is not a room of the house; add it to the plan and to docs/architecture.md"
    for module in imported_modules(path):
        parts = module.split(".")
        if parts[0] == "chatwright" and len(parts) > 1 and parts[1] in FLOORS and parts[1] != room:
            # floor 0 is one page each: messages and errors may be read by protocols
            is_ground = FLOORS[room] == 0 and FLOORS[parts[1]] == 0
            assert is_ground or FLOORS[parts[1]] < FLOORS[room], f"{room} (floor {FLOORS[room]}) imports {module}"
        if parts[0] == "torch":
            assert room in TORCH_ROOMS or path.name == "transformers.py", f"{path} imports torch"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_modules_stay_readable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 600, f"{path} is longer than 600 lines"
    tree = ast.parse(text)
    if text.strip():
        assert ast.get_docstring(tree), f"{path} does not open with its contract"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= 60, f"{path}:{node.lineno} {node.name} has {length} lines"
    forbidden = {"utils", "util", "helpers", "common", "core", "base", "manager", "service", "handler", "misc"}
    assert path.stem not in forbidden, f"{path}: name it for what is in it"


def test_the_ground_floor_contracts_fit_their_page() -> None:
    assert len((SOURCE / "protocols.py").read_text(encoding="utf-8").splitlines()) <= 180


# What each part of `dialogue` may not know; running and understanding meet only in its flat modules.
DIALOGUE = {
    "extract": ("flows", "running", "understanding"),
    "flows": ("running", "understanding"),
    "understanding": ("running",),
    "running": ("understanding",),
}


@pytest.mark.parametrize("part", DIALOGUE)
def test_the_parts_of_dialogue_keep_apart(part: str) -> None:
    paths = sorted((SOURCE / "dialogue" / part).glob("*.py"))
    assert paths
    for path in paths:
        parts = {module.split(".")[2] for module in imported_modules(path) if module.startswith("chatwright.dialogue.")}
        assert parts.isdisjoint(DIALOGUE[part]), f"{path} imports {sorted(parts)}"
