"""Trains and asks Rasa's DIET classifier; run by benchmarks/intents.py with the interpreter of Rasa's own environment.

    python intents_diet.py FOLDER

In: FOLDER/sets.json with `learned` and `asked`, lists of (text, intent). Out: one line of JSON on standard output.
The pipeline has the featurizers that the documentation of Rasa 3.6 suggests for intents; 100 epochs.
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
    epochs: 100
    random_seed: 1
    constrain_similarities: true
policies: []
"""


def main(folder: Path) -> None:
    sets = json.loads((folder / "sets.json").read_text(encoding="utf-8"))
    by_intent: dict[str, list[str]] = {}
    for text, intent in sets["learned"]:
        by_intent.setdefault(intent, []).append(" ".join(text.replace("[", "(").replace("]", ")").split()))
    blocks = [
        f"- intent: {intent}\n  examples: |\n" + "".join(f"    - {text}\n" for text in texts)
        for intent, texts in by_intent.items()
    ]
    (folder / "nlu.yml").write_text('version: "3.1"\nnlu:\n' + "".join(blocks), encoding="utf-8")
    (folder / "config.yml").write_text(CONFIG, encoding="utf-8")
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    start = time.perf_counter()
    model = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder / "models"))
    train_s = time.perf_counter() - start
    agent = Agent.load(model)
    asyncio.run(ask(agent, sets["asked"], train_s))


async def ask(agent: object, asked: list, train_s: float) -> None:
    right, start = 0, time.perf_counter()
    for text, intent in asked:
        parsed = await agent.parse_message(text)
        right += parsed["intent"]["name"] == intent
    ms = (time.perf_counter() - start) * 1000 / len(asked)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"accuracy": right / len(asked), "n": len(asked), "train_s": train_s, "ms": ms, "peak_mb": peak}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
