"""Turns questions on folders into token ids and sentence labels that `train.py` reads.

    python -m benchmarks.cross_encoder.examples OUT.jsonl [--businesses DIR] [--cmrc FILE] [--xquad DIR] [--bots]

In: business files (`businesses/*.yaml`: documents, questions, exact copies of what answers), SQuAD-like files, and the
folders of `benchmarks/held_out` and `examples/support` for measuring only. Each folder is ingested and searched as in
the product, so that the passages beside the right one are those that the product would have to tell from it. Out: one
JSON object a question: `{group, id, question, answerable, passages: [{tokens, spans, labels, texts, score, source}]}`.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatwright.evaluation.judgement import holds_facts
from chatwright.evaluation.questions import load_dialogues
from chatwright.knowledge.cross_encoder_input import Pair, PairTokens, pair_tokens
from chatwright.knowledge.embedders import OpenVinoE5Embedder
from chatwright.knowledge.embedders.e5_tokenizer import E5Tokenizer
from chatwright.knowledge.embedders.e5_weights import read_weights
from chatwright.knowledge.index import Index, Sentence
from chatwright.knowledge.ingest import ingest
from chatwright.knowledge.retriever import HybridRetriever
from chatwright.messages import Passage
from chatwright.settings import Settings
from chatwright.yamlfile import YamlFile

ROOT = Path(__file__).parents[2]
BUSINESSES = Path(__file__).parent / "businesses"
NUM_PASSAGES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question and how to tell that a sentence answers it. copies: what answers, each as parts that stand in it."""

    id: str
    text: str
    is_answerable: bool
    answers: Callable[[Passage, Sentence], bool]
    copies: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A knowledge folder to be written, and what is asked of it."""

    group: str
    files: dict[str, str]
    asked: Sequence[Asked]
    path: Path | None = None


def business(path: Path) -> Folder:
    """One business file."""
    values: Any = YamlFile(path).values
    asked = [
        Asked(
            id=f"{path.stem}-{number:02}",
            text=str(row["q"]),
            is_answerable=bool(row["a"]),
            answers=_holds(row["a"]),
            copies=tuple(_parts(copy) for copy in row["a"]),
        )
        for number, row in enumerate(values["questions"])
    ]
    return Folder(group="business", files=values["documents"], asked=asked)


def _holds(copies: Sequence[str]) -> Callable[[Passage, Sentence], bool]:
    """True for a sentence that holds, or lies in, one of the copies; a table row when it holds all of its cells."""
    texts = [bare(copy) for copy in copies if not copy.strip().startswith("|")]
    rows = [_parts(copy) for copy in copies if copy.strip().startswith("|")]

    def answers(passage: Passage, sentence: Sentence) -> bool:
        text = bare(sentence.text)
        is_copy = any(copy in text or (len(text) > 8 and text in copy) for copy in texts)
        return is_copy or (passage.kind == "table" and any(all(cell in text for cell in cells) for cells in rows))

    return answers


def _parts(copy: str) -> tuple[str, ...]:
    """The bare cells of a table row, otherwise the bare text."""
    stripped = copy.strip()
    return tuple(map(bare, stripped.strip("|").split("|"))) if stripped.startswith("|") else (bare(stripped),)


def bare(text: str) -> str:
    """Without spaces and marks that documents and loaders write differently."""
    return "".join(character for character in text.casefold() if character.isalnum() or character in ".%¥$€£+-")


def calibration_names() -> list[str]:
    """The businesses that are kept out of training."""
    lines = (BUSINESSES.parent / "calibration.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def squad(path: Path, group: str) -> Folder:
    """A SQuAD-like file: each paragraph a file, a sentence answers when the gold answer's place lies in it."""
    files: dict[str, str] = {}
    asked: list[Asked] = []
    for number, article in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"]):
        for place, paragraph in enumerate(article["paragraphs"]):
            source = f"a{number:03}p{place:02}.txt"
            files[source] = paragraph["context"]
            asked += [
                Asked(id=row["id"], text=row["question"], is_answerable=True, answers=_gold(source, row["answers"]))
                for row in paragraph["qas"]
            ]
    return Folder(group=group, files=files, asked=asked)


def _gold(source: str, answers: Sequence[dict[str, Any]]) -> Callable[[Passage, Sentence], bool]:
    texts = [answer["text"] for answer in answers]
    start = int(answers[0]["answer_start"])

    def is_gold(passage: Passage, sentence: Sentence) -> bool:
        holds = passage.source == source and any(text in sentence.text for text in texts)
        return holds and sentence.start - 40 <= start <= sentence.end + 40

    return is_gold


def bot(folder: Path, group: str) -> Folder:
    """A folder with questions and expected facts, for measuring only."""
    path = folder / "questions.yaml" if (folder / "questions.yaml").is_file() else folder / "tests" / "questions.yaml"
    asked = []
    for dialogue in load_dialogues(path):
        for turn in dialogue.turns[:1]:
            asked.append(
                Asked(
                    id=f"{folder.name}-{dialogue.id}",
                    text=turn.text,
                    is_answerable=turn.expect == "answered",
                    answers=lambda _, sentence, facts=turn.facts: bool(facts) and holds_facts(sentence.text, facts),
                )
            )
    return Folder(group=group, files={}, asked=asked, path=folder / "knowledge")


async def searched(folder: Folder, embedder: OpenVinoE5Embedder, tokenizer: E5Tokenizer) -> list[dict[str, Any]]:
    """The folder ingested and every question searched in it."""
    with tempfile.TemporaryDirectory() as temporary:
        knowledge = folder.path or Path(temporary) / "knowledge"
        knowledge.mkdir(exist_ok=True)
        for name, text in folder.files.items():
            (knowledge / name).write_text(text, encoding="utf-8")
        index = Index(Path(temporary) / "index.sqlite3")
        ingest(knowledge, index, embedder, progress=False)
        retriever = HybridRetriever(index, embedder)
        found = [await _example(folder.group, asked, retriever, tokenizer) for asked in folder.asked]
        index.close()
    return found


async def _example(group: str, asked: Asked, retriever: HybridRetriever, tokenizer: E5Tokenizer) -> dict[str, Any]:
    passages = await retriever.search(asked.text, NUM_PASSAGES)
    sentences = await retriever.sentences([passage.id for passage in passages])
    rows = [
        {
            **_tokens(tokenizer, asked.text, passage, sentences[passage.id]),
            "labels": [int(asked.answers(passage, sentence)) for sentence in sentences[passage.id]],
            "texts": [sentence.text for sentence in sentences[passage.id]],
            "score": passage.score,
            "source": passage.source,
        }
        for passage in passages
    ]
    return {"group": group, "id": asked.id, "question": asked.text, "answerable": asked.is_answerable,
            "passages": rows}  # fmt: skip


def _tokens(tokenizer: E5Tokenizer, question: str, passage: Passage, sentences: Sequence[Sentence]) -> dict[str, Any]:
    pair: PairTokens = pair_tokens(
        tokenizer, Pair.of(question, passage, tuple(sentence.text for sentence in sentences))
    )
    return {"tokens": pair.token_ids, "spans": pair.spans}


def folders(options: argparse.Namespace) -> Iterator[Folder]:
    for path in sorted(options.businesses.glob("*.yaml")) if options.businesses else ():
        yield business(path)
    if options.cmrc:
        yield squad(options.cmrc, "cmrc")
    if options.xquad:
        for language in ("en", "zh"):
            yield squad(options.xquad / f"xquad.{language}.first_half.json", f"xquad {language}")
    if options.bots:
        for folder in sorted((ROOT / "benchmarks" / "held_out").iterdir()):
            yield bot(folder, "held out")
        yield bot(ROOT / "benchmarks" / "calibration" / "library", "library")
        yield bot(ROOT / "examples" / "support", "support")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--businesses", type=Path)
    parser.add_argument("--cmrc", type=Path)
    parser.add_argument("--xquad", type=Path)
    parser.add_argument("--bots", action="store_true")
    options = parser.parse_args()
    embedder = OpenVinoE5Embedder(Settings().models_dir / "multilingual-e5-small")
    tokenizer = E5Tokenizer(read_weights().vocabulary)
    with options.out.open("w", encoding="utf-8") as out:
        for folder in folders(options):
            examples = asyncio.run(searched(folder, embedder, tokenizer))
            for example in examples:
                out.write(json.dumps(example, ensure_ascii=False) + "\n")
            answerable = [e for e in examples if e["answerable"]]
            held = sum(any(any(p["labels"]) for p in e["passages"]) for e in answerable)
            name = folder.path.parent.name if folder.path else folder.asked[0].id
            print(f"{folder.group} {name}: {len(examples)} questions, found in {held} of {len(answerable)} answerable")


if __name__ == "__main__":
    main()
