"""Trains and asks Rasa's DIET classifier; run by benchmarks/intents.py with the interpreter of Rasa's own environment.

    python intents_diet.py train FOLDER EPOCHS
    python intents_diet.py ask FOLDER

In: FOLDER/sets.json with `learned` and `asked`, lists of (text, intent). Out: lines of JSON on standard output, of
which each replaces the one before: a run that is stopped has printed what it knew. The pipeline has the featurizers
that the documentation of Rasa 3.6 suggests for intents. Asking is a process of its own, so that its memory is seen.
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

CONFIG = """recipe: default.v1
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: {epochs}
    random_seed: 1
    constrain_similarities: true
policies: []
"""
_EVERY = 100  # questions between two lines


def train(folder: Path, epochs: int) -> None:
    by_intent: dict[str, list[str]] = {}
    for text, intent in _sets(folder)["learned"]:
        by_intent.setdefault(intent, []).append(" ".join(text.replace("[", "(").replace("]", ")").split()))
    blocks = [
        f"- intent: {intent}\n  examples: |\n" + "".join(f"    - {text}\n" for text in texts)
        for intent, texts in by_intent.items()
    ]
    (folder / "nlu.yml").write_text('version: "3.1"\nnlu:\n' + "".join(blocks), encoding="utf-8")
    (folder / "config.yml").write_text(CONFIG.format(epochs=epochs), encoding="utf-8")
    from rasa.model_training import train_nlu

    start, cpu = time.perf_counter(), time.process_time()
    model = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder / "models"))
    (folder / "model.txt").write_text(str(model), encoding="utf-8")
    seconds, busy = time.perf_counter() - start, time.process_time() - cpu
    _tell(epochs=epochs, train_s=seconds, train_cpu_s=busy, train_peak_mb=_peak_mb())


async def ask(folder: Path) -> None:
    from rasa.core.agent import Agent

    agent = Agent.load((folder / "model.txt").read_text(encoding="utf-8"))
    right, start = 0, time.perf_counter()
    asked = _sets(folder)["asked"]
    for count, (text, intent) in enumerate(asked, 1):
        parsed = await agent.parse_message(text)
        right += parsed["intent"]["name"] == intent
        if count % _EVERY == 0 or count == len(asked):
            ms = (time.perf_counter() - start) * 1000 / count
            _tell(accuracy=right / count, n=count, ms=ms, peak_mb=_peak_mb())


def _sets(folder: Path) -> dict:
    return json.loads((folder / "sets.json").read_text(encoding="utf-8"))


def _tell(**figures: float) -> None:
    print(json.dumps(figures), flush=True)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if sys.argv[1] == "train":
        train(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        asyncio.run(ask(Path(sys.argv[2])))
