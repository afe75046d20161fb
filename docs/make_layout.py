"""Writes the layout part of docs/architecture.md from the first sentence of every module: `python docs/make_layout.py`.

A test runs `layout()` and compares, so the map cannot differ from the tree.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "chatwright"
MAP = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- layout: begin -->", "<!-- layout: end -->"
ROOMS = (
    ("7", ("cli",)),
    ("6", ("server",)),
    ("5", ("bot",)),
    ("4", ("scenarios",)),
    ("3", ("dialogue",)),
    ("2", ("engines", "knowledge", "actions", "safety", "training", "compression", "evaluation", "explain")),
    ("1", ("models", "store", "language")),
    ("0", ("messages.py", "protocols.py", "errors.py", "settings.py", "yamlfile.py")),
)


def layout() -> str:
    """The layout as Markdown, floor by floor from the top."""
    lines: list[str] = []
    for floor, rooms in ROOMS:
        present = [SOURCE / room for room in rooms if (SOURCE / room).exists()]
        if not present:
            continue
        lines += [f"### Floor {floor}", ""]
        for room in present:
            lines += _room(room)
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _room(room: Path) -> list[str]:
    if room.is_file():
        return [f"- `{room.name}` — {_first_sentence(room)}"]
    lines = [f"- **`{room.name}/`** — {_first_sentence(room / '__init__.py')}"]
    for path in sorted(room.rglob("*.py")):
        if path.name == "__init__.py":
            if path.parent != room:
                lines.append(f"  - `{path.parent.relative_to(room)}/` — {_first_sentence(path)}")
            continue
        lines.append(f"  - `{path.relative_to(room)}` — {_first_sentence(path)}")
    return lines


def _first_sentence(path: Path) -> str:
    text = " ".join((ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split())
    return re.split(r"(?<=[.。])\s", text, maxsplit=1)[0]


def written(text: str) -> str:
    """`text` with the layout between its markers renewed."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{layout()}{END}{after}"


if __name__ == "__main__":
    MAP.write_text(written(MAP.read_text(encoding="utf-8")), encoding="utf-8")
