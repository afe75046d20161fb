"""What a file may cost to read. Every refusal names the limit that it met.

In: nothing. Out: LoadLimits, and `Unreadable`, which a loader raises and the reader turns into a ConfigError with the
file's name.
"""

from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLimits:
    """Limits of one file. Sizes in bytes, text in characters, time in seconds.

    timeout_s: wall time of parsing one file; processor time is bounded by the same figure. max_memory_bytes: address
    space of the parsing process. max_unpacked_bytes, max_compression_ratio, max_archive_entries: of .docx .xlsx .pptx,
    as declared in their directory, before anything is unpacked. max_pages: of a .pdf.
    """

    max_file_bytes: int = 25 * MIB
    max_text_chars: int = 2_000_000
    max_pages: int = 2_000
    timeout_s: float = 60.0
    max_memory_bytes: int = 1024 * MIB
    max_unpacked_bytes: int = 200 * MIB
    max_compression_ratio: float = 100.0
    max_archive_entries: int = 5_000


class Unreadable(Exception):  # noqa: N818 - a verdict on a file, not a failure of ours
    """Why a file cannot be read: `reason` goes on from the file's name, `hint` is the next step."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
