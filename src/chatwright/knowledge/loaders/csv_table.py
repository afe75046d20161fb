"""Reads .csv: each record becomes a line that names its columns.

In: bytes. Out: DocumentText. The separator is found out: comma, semicolon, tab or bar.
"""

import csv
import io

from chatwright.knowledge.loaders.decoding import decode_text
from chatwright.knowledge.loaders.draft import TextDraft
from chatwright.knowledge.loaders.limits import LoadLimits, Unreadable
from chatwright.knowledge.loaders.tables import add_table
from chatwright.messages import DocumentText

_SEPARATORS = ",;\t|"


def load_csv(content: bytes, source: str, limits: LoadLimits) -> DocumentText:
    """Raises Unreadable when it is not text or a quotation mark is never closed."""
    text = decode_text(content)
    csv.field_size_limit(limits.max_text_chars)
    try:
        grid = list(csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text)))
    except csv.Error as error:
        raise Unreadable(f"is not a table: {error}", "Check its quotation marks.") from error
    draft = TextDraft(limits.max_text_chars)
    add_table(draft, grid)
    return draft.finish(source, ())


def _separator(text: str) -> str:
    """The one that cuts the first records into the same number of cells, the most cells winning."""
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:20]

    def agreement(separator: str) -> tuple[float, int]:
        widths = [len(record) for record in csv.reader(lines, delimiter=separator)]
        widest = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        return (widths.count(widest) if widest > 1 else 0, widest)

    return max(_SEPARATORS, key=agreement)
