"""How well intents are told apart: BANKING77 and CLINC150, beside Rasa 3.6's DIET classifier on the same examples.

    python -m benchmarks.intents [--data DIR] [--parts banking,shots,clinc,latency,diet] [--seeds 3]
                                 [--epochs 20,100] [--json]

banking: 5-fold cross-validation on the train split. shots: 10 examples of each intent drawn by each seed, all other
questions of the train split asked. clinc: trained on the train split, with and without its 100 out-of-scope examples,
asked the validation split; AUROC of `in_scope`. diet: 10 examples an intent and 1,000 questions, both classifiers on
the same; Rasa 3.6.21 is installed into a virtual environment of its own where a Python 3.10 is found (what was
measured before is printed otherwise), first 20, then 100 epochs, the featurizers that it suggests. Vectors are kept in
the user's cache folder and are not part of the seconds, but for latency and diet; names of intents and the product's
background sentences are trained on too.
"""

import argparse
import csv
import hashlib
import json
import multiprocessing
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_path

from chatwright.dialogue.training_data import Example, TrainingData
from chatwright.dialogue.understanding.flow_decision import Thresholds
from chatwright.dialogue.understanding.intent_classifier import (
    IntentClassifier,
    Lesson,
    bare_text,
    lessons_of,
    train,
    train_embedded,
)
from chatwright.knowledge.embedders import OpenVinoE5Embedder
from chatwright.protocols import Vectors
from chatwright.settings import Settings

Asked = list[tuple[str, str]]  # (text, intent)
CACHE = user_cache_path("chatwright") / "benchmarks"
RASA = "rasa==3.6.21"
EARLIER = "not run here; measured before: 0.915 (n 1,000), all examples, 30 epochs, 37 min on a busy machine, 6.4 ms"
_DIET = Path(__file__).with_name("intents_diet.py")


class Vectored:
    """Vectors of texts, from the cache folder where they were made before."""

    def __init__(self, embedder: OpenVinoE5Embedder) -> None:
        self.embedder = embedder
        self._known: dict[str, Vectors] = {}

    def __call__(self, texts: Sequence[str]) -> Vectors:
        missing = [text for text in dict.fromkeys(map(bare_text, texts)) if text not in self._known]
        if missing:
            self._known |= dict(zip(missing, self._made(missing), strict=True))
        return np.stack([self._known[bare_text(text)] for text in texts])

    def _made(self, texts: list[str]) -> Vectors:
        digest = hashlib.sha256("\0".join([self.embedder.sha256, *texts]).encode()).hexdigest()[:16]
        path = CACHE / f"vectors-{digest}.npy"
        if not path.exists():
            CACHE.mkdir(parents=True, exist_ok=True)
            np.save(path, self.embedder.embed_queries(texts))
        read: Vectors = np.load(path, allow_pickle=False)
        return read


def read_banking(data: Path) -> Asked:
    with (data / "banking77" / "train.csv").open(encoding="utf-8", newline="") as file:
        return [(row["text"].strip(), row["category"]) for row in csv.DictReader(file)]


def read_clinc(data: Path) -> dict[str, Asked]:
    parts = json.loads((data / "clinc150" / "train_val.json").read_text(encoding="utf-8"))
    return {name: [(text, intent) for text, intent in rows] for name, rows in parts.items()}


def lessons(examples: Asked) -> list[Lesson]:
    """As the product makes them of a bot folder with these examples and no flows."""
    made = tuple(Example(text=text, intent=intent) for text, intent in examples)
    return lessons_of(TrainingData(examples=made), [])


def judged(examples: Asked, asked: Asked, vectors: Vectored) -> tuple[list[Any], dict[str, float]]:
    """What is ranked for each question, and how long training took."""
    taught = lessons(examples)
    known = vectors([lesson.text for lesson in taught])
    start, cpu = time.perf_counter(), time.process_time()
    trained = train_embedded(taught, known)
    cost = {"train_s": time.perf_counter() - start, "train_cpu_s": time.process_time() - cpu}
    classifier = IntentClassifier(trained, vectors.embedder)
    texts = [text for text, _ in asked]
    ranked: list[Any] = []
    for at in range(0, len(texts), 500):
        part = texts[at : at + 500]
        ranked += classifier.rank_embedded(vectors(part), [bare_text(text) for text in part])
    return ranked, cost


def scored(ranked: Sequence[Any], asked: Asked) -> dict[str, float]:
    """Accuracy, mean confidence, and expected calibration error over ten bins."""
    right = np.array([each.intents[0][0] == intent for each, (_, intent) in zip(ranked, asked, strict=True)])
    sure = np.array([each.intents[0][1] for each in ranked])
    bins = np.minimum((sure * 10).astype(int), 9)
    gaps = [abs(right[bins == k].mean() - sure[bins == k].mean()) * (bins == k).mean() for k in set(bins)]
    return {"accuracy": float(right.mean()), "confidence": float(sure.mean()), "ece": float(sum(gaps)), "n": len(asked)}


def banking(data: Path, vectors: Vectored, seeds: int) -> dict[str, Any]:
    rows = read_banking(data)
    vectors([text for text, _ in rows])
    folds = _stratified(rows, 5)
    results = []
    for fold in range(5):
        learned = [row for row, at in zip(rows, folds, strict=True) if at != fold]
        asked = [row for row, at in zip(rows, folds, strict=True) if at == fold]
        ranked, cost = judged(learned, asked, vectors)
        results.append(scored(ranked, asked) | cost)
        print(f"  fold {fold}: {_line(results[-1])}", flush=True)
    return _mean(results)


def shots(data: Path, vectors: Vectored, seeds: int) -> dict[str, Any]:
    rows = read_banking(data)
    vectors([text for text, _ in rows])
    results = []
    for seed in range(100, 100 + seeds):
        learned, asked = _drawn(rows, 10, seed)
        ranked, cost = judged(learned, asked, vectors)
        results.append(scored(ranked, asked) | cost)
        print(f"  seed {seed}: {_line(results[-1])}", flush=True)
    return _mean(results)


def clinc(data: Path, vectors: Vectored, seeds: int) -> dict[str, Any]:
    parts = read_clinc(data)
    for rows in parts.values():
        vectors([text for text, _ in rows])
    results: dict[str, Any] = {}
    for name, extra in (("without oos examples", []), ("with 100 oos examples", parts["oos_train"])):
        ranked, cost = judged([*parts["train"], *extra], [*parts["val"], *parts["oos_val"]], vectors)
        inside, outside = ranked[: len(parts["val"])], ranked[len(parts["val"]) :]
        auroc = _auroc([each.in_scope for each in inside], [each.in_scope for each in outside])
        refused = float(np.mean([each.in_scope < 0.5 for each in outside]))
        kept = float(np.mean([each.in_scope >= 0.5 for each in inside]))
        results[name] = scored(inside, parts["val"]) | cost | {"auroc": auroc, "oos_refused": refused, "kept": kept}
        results[name] |= {"begun_wrongly": _begun_wrongly(inside, parts["val"]), "oos_begun": _begun_wrongly(outside)}
        print(f"  {name}: {_line(results[name])}", flush=True)
    return results


def _begun_wrongly(ranked: Sequence[Any], asked: Asked | None = None) -> float:
    """The share whose first intent, which is not the right one, is as likely as a flow must be to begin (0.6)."""
    sure = np.array([each.intents[0][1] * each.in_scope >= Thresholds().start for each in ranked])
    wrong = [each.intents[0][0] != intent for each, (_, intent) in zip(ranked, asked or [], strict=bool(asked))]
    return float((sure & np.array(wrong)).mean() if asked else sure.mean())


def latency(data: Path, vectors: Vectored, seeds: int) -> dict[str, Any]:
    """One message at a time, embedding included, with all of BANKING77 learned."""
    rows = read_banking(data)
    taught = lessons(rows)
    classifier = IntentClassifier(train_embedded(taught, vectors([each.text for each in taught])), vectors.embedder)
    seconds = []
    for text, _ in rows[::50]:
        start = time.perf_counter()
        classifier.rank(text)
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    p50, p95 = np.quantile(seconds, [0.5, 0.95])
    return {"p50_ms": 1000 * float(p50), "p95_ms": 1000 * float(p95), "n": len(seconds), "peak_mb": peak}


def diet(data: Path, vectors: Vectored, seeds: int, epochs: Sequence[int] = (20, 100)) -> dict[str, Any]:
    """Both on the same 770 examples and 1,000 questions, one after the other; embedding counts as training here."""
    learned, asked = _drawn(read_banking(data), 10, 100)
    asked = [asked[int(place)] for place in np.random.default_rng(0).permutation(len(asked))[:1000]]
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as own:  # so that its memory is its own
        ours = own.submit(_run_ours, learned, asked).result()
    results: dict[str, Any] = {"chatwright": ours}
    print(f"  chatwright: {_line(ours)}", flush=True)
    python = _rasa_python()
    if python is None:
        print(f"  DIET: {EARLIER}")
        return results | {"diet": EARLIER}
    for num in epochs:
        results[f"diet {num}"] = _run_diet(python, learned, asked, num)
    return results


def _run_ours(learned: Asked, asked: Asked) -> dict[str, float]:
    embedder = OpenVinoE5Embedder(Settings().models_dir / "multilingual-e5-small")
    embedder.embed_queries(["warm"])
    start, cpu = time.perf_counter(), time.process_time()
    classifier = IntentClassifier(train(lessons(learned), embedder), embedder)
    cost = {"train_s": time.perf_counter() - start, "train_cpu_s": time.process_time() - cpu}
    start = time.perf_counter()
    ranked = [classifier.rank(text) for text, _ in asked]
    ms = (time.perf_counter() - start) * 1000 / len(asked)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return scored(ranked, asked) | cost | {"ms": ms, "peak_mb": peak}


def _run_diet(python: Path, learned: Asked, asked: Asked, epochs: int) -> dict[str, float]:
    """Prints what comes as it comes."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "sets.json").write_text(json.dumps({"learned": learned, "asked": asked}), encoding="utf-8")
        for arguments in (["train", folder, str(epochs)], ["ask", folder]):
            command = [str(python), str(_DIET.resolve()), *arguments]
            with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as run:
                assert run.stdout is not None
                for line in run.stdout:
                    if line.startswith("{"):
                        figures |= json.loads(line)
                        print(f"  DIET: {_line(figures)}", flush=True)
            if run.returncode:
                print(f"  DIET ended with {run.returncode}: see above", flush=True)
                break
    return figures


def _rasa_python() -> Path | None:
    """The interpreter of Rasa's own environment, made when it is not there and a Python 3.10 is."""
    folder = CACHE / "rasa-3.6.21"
    python = folder / "bin" / "python"
    if (folder / "bin" / "rasa").exists():
        return python
    found = [shutil.which("python3.10"), *map(str, sorted(Path.home().glob(".pyenv/versions/3.10.*/bin/python")))]
    base = next((each for each in found if each), None)
    if base is None:
        return None
    subprocess.run([base, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "-q", "setuptools<81", RASA], check=True)
    return python


def _stratified(rows: Asked, num: int, seed: int = 0) -> list[int]:
    """The fold of each row: of every intent each fold has as many."""
    folds = [0] * len(rows)
    seen: dict[str, int] = {}
    for place in np.random.default_rng(seed).permutation(len(rows)):
        intent = rows[int(place)][1]
        folds[int(place)] = seen[intent] = (seen.get(intent, -1) + 1) % num
    return folds


def _drawn(rows: Asked, num: int, seed: int) -> tuple[Asked, Asked]:
    """`num` rows of each intent, and all the others."""
    learned: Asked = []
    asked: Asked = []
    counts: dict[str, int] = {}
    for place in np.random.default_rng(seed).permutation(len(rows)):
        row = rows[int(place)]
        counts[row[1]] = counts.get(row[1], 0) + 1
        (learned if counts[row[1]] <= num else asked).append(row)
    return learned, asked


def _auroc(inside: Sequence[float], outside: Sequence[float]) -> float:
    """The chance that one inside ranks above one outside; half of it for a tie."""
    high, low = np.array(inside)[:, None], np.array(outside)[None, :]
    return float((high > low).mean() + 0.5 * (high == low).mean())


def _mean(results: Sequence[dict[str, float]]) -> dict[str, Any]:
    mean = {key: float(np.mean([each[key] for each in results])) for key in results[0]}
    return mean | {"accuracy_sd": float(np.std([each["accuracy"] for each in results])), "runs": len(results)}


def _line(figures: dict[str, float]) -> str:
    return "  ".join(f"{key} {value:.4g}" for key, value in figures.items())


_PARTS: dict[str, Callable[[Path, Vectored, int], dict[str, Any]]] = {
    "banking": banking, "shots": shots, "clinc": clinc, "latency": latency, "diet": diet,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--parts", default=",".join(_PARTS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", default="20,100", help="of DIET, each a run; few first: a stop loses nothing")
    parser.add_argument("--json", action="store_true")
    flags = parser.parse_args()
    vectors = Vectored(OpenVinoE5Embedder(Settings().models_dir / "multilingual-e5-small"))
    parts = _PARTS | {"diet": partial(diet, epochs=[int(each) for each in flags.epochs.split(",")])}
    results: dict[str, Any] = {}
    for name in flags.parts.split(","):
        print(name, flush=True)
        results[name] = parts[name](flags.data, vectors, flags.seeds)
        if "accuracy" in results[name] or "p95_ms" in results[name]:
            print(f"  {_line(results[name])}", flush=True)
    if flags.json:
        print(json.dumps(results))


if __name__ == "__main__":
    main()
