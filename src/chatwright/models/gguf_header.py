"""Reads the header of a GGUF file without trusting it: what the model is, or a clear reason why the file is refused.

In: a path. Out: GgufHeader. Memory stays below a few megabytes whatever the file claims; every count and size is
checked against the file's own length before it is believed (GGUF specification v3; the overflows of CVE-2024-23605 and
CVE-2025-53630 are what is guarded against). Nothing here reads tensor data.
"""

import struct
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

from chatwright.errors import ConfigError

MAX_ENTRIES = 100_000
MAX_KEY_BYTES = 65_535
MAX_STRING_BYTES = 16 * 2**20
MAX_KEPT_BYTES = 2**20
MAX_DIMENSIONS = 4
MAX_ALIGNMENT = 2**16

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufHeader:
    """What a GGUF file says of itself. context_length in tokens; size_bytes of the file."""

    version: int
    architecture: str
    name: str
    licence: str
    context_length: int
    num_tensors: int
    num_parameters: int
    tensor_types: tuple[tuple[str, int], ...]
    has_chat_template: bool
    size_bytes: int


class _HeaderError(ValueError):
    """Why the file is not believed."""


def read_gguf_header(path: Path) -> GgufHeader:
    """The header of `path`. Raises ConfigError naming the file and the first thing that is wrong with it."""
    try:
        with path.open("rb") as file:
            return _read(_Cursor(file, path.stat().st_size))
    except OSError as err:
        raise ConfigError(f"Cannot read the model file {path}: {err.strerror}.", hint="Check the path.") from err
    except (_HeaderError, struct.error, UnicodeDecodeError) as err:
        raise ConfigError(
            f"{path} is not a usable GGUF file: {err}.",
            hint="Fetch it again, or export the model to GGUF anew.",
            code="model_malformed",
        ) from err


class _Cursor:
    """Reads forward through a file of known size and refuses to go past its end."""

    def __init__(self, file: BinaryIO, size_bytes: int) -> None:
        self.file = file
        self.size_bytes = size_bytes
        self.position = 0

    def need(self, num_bytes: int, what: str) -> None:
        if num_bytes < 0 or self.position + num_bytes > self.size_bytes:
            raise _HeaderError(f"{what} at byte {self.position} needs {num_bytes} bytes and the file ends before that")

    def read(self, num_bytes: int, what: str) -> bytes:
        self.need(num_bytes, what)
        self.position += num_bytes
        return self.file.read(num_bytes)

    def skip(self, num_bytes: int, what: str) -> None:
        self.need(num_bytes, what)
        self.position += num_bytes
        self.file.seek(num_bytes, 1)

    def number(self, layout: str, what: str) -> Any:
        return struct.unpack(layout, self.read(struct.calcsize(layout), what))[0]

    def text(self, limit_bytes: int, what: str) -> str:
        length = self.number("<Q", what)
        if length > limit_bytes:
            raise _HeaderError(f"{what} claims {length} bytes, more than the {limit_bytes} allowed")
        if length > MAX_KEPT_BYTES:
            self.skip(length, what)
            return ""
        return self.read(length, what).decode("utf-8", errors="replace")


def _read(cursor: _Cursor) -> GgufHeader:
    if cursor.read(4, "the magic") != b"GGUF":
        raise _HeaderError("it does not begin with GGUF")
    version = cursor.number("<I", "the version")
    if version not in (2, 3):
        raise _HeaderError(f"GGUF version {version} is not 2 or 3")
    num_tensors = _count(cursor, "tensors", entry_bytes=24)
    num_pairs = _count(cursor, "key-value pairs", entry_bytes=13)
    pairs = _read_pairs(cursor, num_pairs)
    architecture = str(pairs.get("general.architecture", ""))
    if not architecture:
        raise _HeaderError("general.architecture is missing")
    types, num_parameters = _read_tensors(cursor, num_tensors, _alignment(pairs))
    return GgufHeader(
        version=version,
        architecture=architecture,
        name=str(pairs.get("general.name", "")),
        licence=str(pairs.get("general.license", "unknown")),
        context_length=_positive(pairs.get(f"{architecture}.context_length", 0)),
        num_tensors=num_tensors,
        num_parameters=num_parameters,
        tensor_types=tuple(sorted(types.items())),
        has_chat_template=bool(pairs.get("tokenizer.chat_template")),
        size_bytes=cursor.size_bytes,
    )


def _count(cursor: _Cursor, what: str, entry_bytes: int) -> int:
    count: int = cursor.number("<Q", f"the number of {what}")
    if count > MAX_ENTRIES or count * entry_bytes > cursor.size_bytes:
        raise _HeaderError(f"it claims {count} {what}")
    return count


def _read_pairs(cursor: _Cursor, num_pairs: int) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for _ in range(num_pairs):
        key = cursor.text(MAX_KEY_BYTES, "a key")
        if key in pairs:
            raise _HeaderError(f"the key {key[:80]!r} is there twice")
        pairs[key] = _read_value(cursor, cursor.number("<I", f"the type of {key[:80]!r}"), key[:80])
    return pairs


def _read_value(cursor: _Cursor, kind: int, key: str) -> Any:
    """A scalar or a string; arrays are walked over and come back as None."""
    if kind in _SCALARS:
        return cursor.number(_SCALARS[kind], f"the value of {key!r}")
    if kind == _STRING:
        return cursor.text(MAX_STRING_BYTES, f"the value of {key!r}")
    if kind != _ARRAY:
        raise _HeaderError(f"the value of {key!r} has the unknown type {kind}")
    item, length = cursor.number("<I", f"the array {key!r}"), cursor.number("<Q", f"the array {key!r}")
    if item in _SCALARS:
        cursor.skip(length * struct.calcsize(_SCALARS[item]), f"the array {key!r}")
    elif item == _STRING:
        cursor.need(length * 8, f"the array {key!r}")
        for _ in range(length):
            cursor.skip(cursor.number("<Q", f"the array {key!r}"), f"the array {key!r}")
    else:
        raise _HeaderError(f"the array {key!r} holds the unsupported type {item}")
    return None


def _alignment(pairs: dict[str, Any]) -> int:
    alignment = pairs.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 8 <= alignment <= MAX_ALIGNMENT or alignment & (alignment - 1):
        raise _HeaderError(f"the alignment {alignment!r} is not a power of two from 8 to {MAX_ALIGNMENT}")
    return alignment


def _read_tensors(cursor: _Cursor, num_tensors: int, alignment: int) -> tuple[Counter[str], int]:
    """Counts the tensors by type and checks that each lies inside the file."""
    types: Counter[str] = Counter()
    ends: list[tuple[str, int]] = []
    num_parameters = 0
    for _ in range(num_tensors):
        name = cursor.text(MAX_KEY_BYTES, "a tensor name")[:80]
        num_dimensions = cursor.number("<I", f"tensor {name!r}")
        if not 1 <= num_dimensions <= MAX_DIMENSIONS:
            raise _HeaderError(f"tensor {name!r} claims {num_dimensions} dimensions")
        elements = 1
        for _ in range(num_dimensions):
            elements *= cursor.number("<Q", f"tensor {name!r}")
        kind = cursor.number("<I", f"tensor {name!r}")
        offset = cursor.number("<Q", f"tensor {name!r}")
        size_bytes = _tensor_bytes(name, kind, elements)
        if offset % alignment:
            raise _HeaderError(f"tensor {name!r} is not aligned to {alignment}")
        ends.append((name, offset + size_bytes))
        types[GGMLQuantizationType(kind).name] += 1
        num_parameters += elements
    data_start = -(-cursor.position // alignment) * alignment
    for name, end in ends:
        if data_start + end > cursor.size_bytes:
            raise _HeaderError(f"tensor {name!r} ends at byte {data_start + end} of a file of {cursor.size_bytes}")
    return types, num_parameters


def _tensor_bytes(name: str, kind: int, elements: int) -> int:
    try:
        block, block_bytes = GGML_QUANT_SIZES[GGMLQuantizationType(kind)]
    except ValueError:
        raise _HeaderError(f"tensor {name!r} has the unknown type {kind}") from None
    if elements <= 0 or elements % block:
        raise _HeaderError(f"tensor {name!r} has {elements} elements, not a multiple of {block}")
    return int(elements // block * block_bytes)


def _positive(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
