"""Runs one OpenVINO graph of the multilingual-e5-small family: rows of token ids in, what the graph puts out for them.

The graph is built once into a cache folder, sealed by a manifest of digests, and read from there. Rows are filled up to
a few lengths, so that few shapes are compiled. Safe to call from several threads; one run at a time.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from filelock import FileLock

from chatwright.errors import ConfigError, EngineError
from chatwright.knowledge.embedders.e5_weights import E5_SHA256, E5Weights, Floats
from chatwright.models.integrity import MANIFEST, sync_folder, verify_folder, write_manifest

_MODEL_FILE = "model.xml"
_BATCH_TOKENS = 1024  # of one run, filling included: the fastest size measured, and a query never waits long for it
_BUCKET_TOKENS = 8  # lengths are rounded up to it (twice it beyond 32 tokens), so that few shapes are compiled
_QUANTIZATION_GROUP = "128"  # activations a scale: int8 products, measured cosine 0.9997 to float32

Key = TypeVar("Key")


class E5Runner:
    """One compiled graph. folder: where it is kept; its name must change with the graph."""

    def __init__(
        self, folder: Path, name: str, weights: E5Weights, build: Callable[[], Any], num_threads: int | None = None
    ) -> None:
        """Raises EngineError when the graph cannot be kept or started."""
        self._weights = weights
        self._run = _compile(_ensured(folder, name, build), num_threads)
        self._lock = Lock()

    def __call__(self, batch: Sequence[Sequence[int]]) -> Floats:
        """(n, ...) float32: the graph's output for n rows of token ids, filled to the longest."""
        num_tokens = _padded(max(map(len, batch)))
        token_ids = np.full((len(batch), num_tokens), self._weights.vocabulary.end_id, dtype=np.int32)
        mask = np.zeros((len(batch), num_tokens), dtype=np.float32)
        for row, own in enumerate(batch):
            token_ids[row, : len(own)] = own
            mask[row, : len(own)] = 1.0
        words = self._weights.word_vectors(token_ids)  # (n, tokens, hidden)
        with self._lock:
            try:
                found: Floats = self._run([words, mask])[0].copy()
            except RuntimeError as error:
                raise EngineError(f"The embedding model failed: {error}.") from error
        return found


def batches(rows: Sequence[tuple[Key, list[int]]]) -> Iterator[list[tuple[Key, list[int]]]]:
    """Rows of like length together, longest first, at most `_BATCH_TOKENS` with filling."""
    batch: list[tuple[Key, list[int]]] = []
    for row in sorted(rows, key=lambda row: -len(row[1])):
        if batch and (len(batch) + 1) * _padded(len(batch[0][1])) > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _padded(length: int) -> int:
    bucket = _BUCKET_TOKENS if length <= 32 else 2 * _BUCKET_TOKENS
    return -(-length // bucket) * bucket


def _ensured(folder: Path, name: str, build: Callable[[], Any]) -> Path:
    """The model file inside `folder`, built when it is not there whole. One process builds, others wait."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f".{folder.name}.lock")):
            if not _is_whole(folder, name):
                _build(folder, name, build)
    except OSError as error:
        raise EngineError(
            f"The model {name} cannot be kept in {folder.parent}: {error.strerror}.",
            hint="Free some space there, or set CHATWRIGHT__MODELS_DIR to another folder.",
            code="disk_fault",
        ) from error
    return folder / _MODEL_FILE


def _is_whole(folder: Path, name: str) -> bool:
    if not (folder / MANIFEST).is_file():
        return False
    try:
        verify_folder(folder, name)
    except ConfigError:
        return False  # built from verified weights at no cost but a second: it is made again
    return True


def _build(folder: Path, name: str, build: Callable[[], Any]) -> None:
    import openvino as ov

    unfinished = folder.with_name(folder.name + ".tmp")
    for old in (unfinished, folder):
        shutil.rmtree(old, ignore_errors=True)
    unfinished.mkdir()
    ov.save_model(build(), unfinished / _MODEL_FILE, compress_to_fp16=False)
    for file in unfinished.iterdir():
        with file.open("rb") as written:
            os.fsync(written.fileno())
    write_manifest(unfinished, {"model": name, "weights_sha256": E5_SHA256})
    unfinished.rename(folder)
    sync_folder(folder.parent)


def _compile(model_file: Path, num_threads: int | None) -> Any:
    import openvino as ov

    options: dict[str, Any] = {
        "PERFORMANCE_HINT": "LATENCY",
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": _QUANTIZATION_GROUP,
    }
    if num_threads is not None:
        options["INFERENCE_NUM_THREADS"] = num_threads
    try:
        core = ov.Core()
        return core.compile_model(core.read_model(model_file), "CPU", options)
    except RuntimeError as error:
        raise EngineError(f"An embedding model could not be started: {error}.") from error
