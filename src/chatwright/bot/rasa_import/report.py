"""What became of every part of a Rasa project: converted, approximated or left, each counted once, with its place.

In: entries as the parts are read. Out: counts, JSON, the text of IMPORT.md. Values only: nothing is read or written.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Outcome = Literal["converted", "approximated", "left"]
OUTCOMES: tuple[Outcome, ...] = ("converted", "approximated", "left")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One part of the project. place: `file:line`, relative to it. note: how it was approximated, or why it was left.

    next_step: what the owner can do about it.
    """

    kind: str
    name: str
    place: str
    outcome: Outcome = "converted"
    note: str = ""
    next_step: str = ""


@dataclass(slots=True)
class Report:
    """Collects entries by part, so that a later, worse outcome of the same part replaces the earlier one."""

    source: str = ""
    target: str = ""
    problems: list[str] = field(default_factory=list)  # what `chatwright check` says of the result
    _entries: dict[tuple[str, str, str], Entry] = field(default_factory=dict)

    def add(
        self, kind: str, name: str, place: str, outcome: Outcome = "converted", note: str = "", next_step: str = ""
    ) -> None:
        """Notes a part; a part that was noted before keeps its worst outcome and all its notes."""
        key = (kind, name, place)
        entry = Entry(kind=kind, name=name, place=place, outcome=outcome, note=note, next_step=next_step)
        known = self._entries.get(key)
        self._entries[key] = _worse(known, entry) if known else entry

    def add_changed(self, kind: str, name: str, place: str, notes: Iterable[str]) -> None:
        """Notes a part that is converted, or, where something had to be changed, approximated."""
        told = " ".join(dict.fromkeys(notes))
        self.add(kind, name, place, "approximated" if told else "converted", told)

    def tell(self, place: str, note: str, outcome: Outcome = "approximated") -> None:
        """Adds a note to the rule, story or form that stands at `place`."""
        for kind, name, where in list(self._entries):
            if where == place and kind in ("rule", "story", "form"):
                self.add(kind, name, place, outcome, note)

    @property
    def entries(self) -> list[Entry]:
        """Every part once, in the order in which they were met."""
        return list(self._entries.values())

    def counts(self) -> dict[str, dict[str, int]]:
        """By kind, then by outcome."""
        found: dict[str, Counter[str]] = {}
        for entry in self._entries.values():
            found.setdefault(entry.kind, Counter())[entry.outcome] += 1
        return {kind: {outcome: counted[outcome] for outcome in OUTCOMES} for kind, counted in found.items()}

    def to_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "target": self.target,
            "counts": self.counts(),
            "entries": [asdict(entry) for entry in self._entries.values()],
            "problems": self.problems,
        }

    def to_markdown(self) -> str:
        """IMPORT.md: counts, then what needs a look, then everything."""
        lines = [
            "# Import from Rasa",
            "",
            f"From `{self.source}`. Every part of the project is listed once: *converted* works as it did there,"
            " *approximated* works with the difference that is told, *left* has no counterpart here.",
            "",
            *_table(("part", *OUTCOMES), _count_rows(self.counts())),
        ]
        for outcome, heading in (("left", "Left"), ("approximated", "Approximated")):
            chosen = [entry for entry in self._entries.values() if entry.outcome == outcome]
            if chosen:
                lines += ["", f"## {heading}", "", *_listed(chosen)]
        if self.problems:
            lines += ["", "## What `chatwright check` says", "", *(f"- {_cell(problem)}" for problem in self.problems)]
        converted = [entry for entry in self._entries.values() if entry.outcome == "converted"]
        rows = [(entry.kind, entry.name, entry.place, entry.note) for entry in converted]
        lines += ["", "## Converted", "", *_table(("part", "name", "from", "became"), rows)]
        return "\n".join(lines) + "\n"


def _worse(known: Entry, entry: Entry) -> Entry:
    worst = max((known, entry), key=lambda each: OUTCOMES.index(each.outcome))
    notes = dict.fromkeys(each.note for each in (known, entry) if each.note)
    steps = dict.fromkeys(each.next_step for each in (known, entry) if each.next_step)
    return Entry(
        kind=entry.kind,
        name=entry.name,
        place=entry.place,
        outcome=worst.outcome,
        note=" ".join(notes),
        next_step=" ".join(steps),
    )


def _count_rows(counts: Mapping[str, Mapping[str, int]]) -> list[tuple[str, ...]]:
    return [(kind, *(str(row[outcome] or "") for outcome in OUTCOMES)) for kind, row in counts.items()]


def _listed(entries: Iterable[Entry]) -> list[str]:
    return [
        f"- **{_cell(entry.kind)} {_cell(entry.name)}** (`{_cell(entry.place)}`): {_cell(entry.note)}"
        + (f" *{_cell(entry.next_step)}*" if entry.next_step else "")
        for entry in entries
    ]


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    heads = list(heads)
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    return lines + [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]


def _cell(text: str) -> str:
    """Text of the project inside Markdown: on one line, and no mark-up of its own."""
    kept = "".join(character if character.isprintable() else " " for character in text)
    for mark in ("\\", "|", "<", "[", "*", "`"):
        kept = kept.replace(mark, f"\\{mark}")
    return kept
