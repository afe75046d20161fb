"""Keeps a trained intent classifier as one .npz file of plain arrays, which is read without unpickling anything.

In: what was trained, under the digest of what it was trained on. Out: the same, or None when the file is not there, not
whole, or of other data. Written beside its place and renamed: a reader never sees half of it.
"""

import hashlib
import os
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import orjson
from scipy import sparse

from chatwright.dialogue.understanding.intent_calibration import Calibration
from chatwright.dialogue.understanding.intent_model import IntentModel
from chatwright.dialogue.understanding.intent_terms import Vocabulary
from chatwright.protocols import Embedder

_FORM = "4"  # grows when what is learned from the same data changes
_PLAIN = ("middles", "metric", "points", "by_meaning", "by_chars")


def digest_of(lessons: Sequence[tuple[str, str]], embedder: Embedder) -> str:
    """Hex digest of everything that training depends on."""
    facts = [_FORM, embedder.name, embedder.sha256, np.__version__, [list(lesson) for lesson in lessons]]
    return hashlib.sha256(orjson.dumps(facts)).hexdigest()


def save_trained(path: Path, digest: str, intents: Sequence[str], model: IntentModel, calibration: Calibration) -> None:
    """Written when it can be; a folder that cannot be written to is passed over."""
    facts = {"digest": digest, "intents": list(intents), "sharpness": calibration.sharpness}
    arrays = {name: getattr(model, name) for name in _PLAIN} | {"scope": calibration.scope}
    kinds = (("words", model.words, model.word_columns), ("chars", model.chars, model.char_columns))
    for kind, vocabulary, columns in kinds:
        arrays |= {f"{kind}_hashes": vocabulary.hashes, f"{kind}_weights": vocabulary.weights}
        arrays |= {f"{kind}_data": columns.data, f"{kind}_places": columns.indices, f"{kind}_ends": columns.indptr}
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            np.savez(file, facts=np.frombuffer(orjson.dumps(facts), dtype=np.uint8), **arrays)
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()


def load_trained(path: Path, digest: str) -> tuple[tuple[str, ...], IntentModel, Calibration] | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            facts = orjson.loads(arrays["facts"].tobytes())
            if facts["digest"] != digest:
                return None
            model = IntentModel(
                **{name: arrays[name] for name in _PLAIN},
                words=Vocabulary(hashes=arrays["words_hashes"], weights=arrays["words_weights"]),
                chars=Vocabulary(hashes=arrays["chars_hashes"], weights=arrays["chars_weights"]),
                word_columns=_columns(arrays, "words"),
                char_columns=_columns(arrays, "chars"),
            )
            calibration = Calibration(sharpness=float(facts["sharpness"]), scope=arrays["scope"])
            return tuple(facts["intents"]), model, calibration
    except (OSError, KeyError, ValueError, TypeError, EOFError, zipfile.BadZipFile, orjson.JSONDecodeError):
        return None


def _columns(arrays: np.lib.npyio.NpzFile, kind: str) -> sparse.csr_array:
    ends = arrays[f"{kind}_ends"]
    shape = (len(ends) - 1, len(arrays["points"]))
    return sparse.csr_array((arrays[f"{kind}_data"], arrays[f"{kind}_places"], ends), shape=shape)
