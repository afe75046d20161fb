"""How often the evidence holds the answer, and how often the bot abstains when it cannot.

    python -m benchmarks.answers [--data ../shared/data] [--fit] [--plot docs/img/answer_curve.png] [--unread]
                                [--every N]

XQuAD, both languages: every paragraph of a language is searched; answerable: the question as it is; not answerable: the
right paragraph's passages are withheld. Business: the folders of `benchmarks/calibration` and the businesses that the
cross-encoder was not trained on (`cross_encoder/calibration.txt`), questions as customers ask them and near misses that
no document answers. One threshold serves all. `--fit` writes knowledge/answerability.json from weighted logistic
regressions (iteratively reweighted least squares, L2 1e-2; XQuAD and business have half of the weight each; no chance
in it). The figures printed are always of folds fitted without the article, or the business, that they are tested on
(5 folds). The folders of `benchmarks/held_out` are businesses that no weight is fitted on. `--unread`: without the
cross-encoder.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from benchmarks.cross_encoder.examples import BUSINESSES, bare, business, calibration_names
from chatwright.evaluation.judgement import holds_facts
from chatwright.evaluation.questions import load_dialogues
from chatwright.knowledge.answerability import Signals, fitted_signals, kind_of
from chatwright.knowledge.cross_encoder import CrossEncoder
from chatwright.knowledge.cross_encoder_input import Pair
from chatwright.knowledge.embedders import OpenVinoE5Embedder
from chatwright.knowledge.embedders.e5_weights import E5_NAME
from chatwright.knowledge.evidence import SentenceSelector, choose_spans
from chatwright.knowledge.index import Index
from chatwright.knowledge.ingest import ingest
from chatwright.knowledge.retriever import HybridRetriever
from chatwright.messages import Passage
from chatwright.settings import Settings

NUM_PASSAGES = 8
NUM_FOLDS = 5
BUSINESS_SHARE = 0.5  # of the weight of all cases
L2 = 1e-2
CALIBRATION = Path(__file__).parent / "calibration"
HELD_OUT = Path(__file__).parent / "held_out"
EXAMPLES = Path(__file__).parents[1] / "examples"
GROUPS = {CALIBRATION: "business", HELD_OUT: "held out", EXAMPLES: "example"}
NEVER_FITTED = -1  # the fold of cases that are only judged
WEIGHTS = Path(__file__).parents[1] / "src" / "chatwright" / "knowledge" / "answerability.json"
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """One question with or without its paragraph: what was measured, whether the answer's text holds the gold one."""

    group: str
    fold: int
    is_answerable: bool
    signals: Signals
    holds_answer: bool
    num_chars: int


@dataclass(frozen=True, slots=True)
class Question:
    article: int
    source: str
    text: str
    answers: tuple[str, ...]


class RememberingScorer:
    """A cross-encoder that reads each pair once: a withheld paragraph leaves the readings of the others as they are."""

    def __init__(self, scorer: CrossEncoder) -> None:
        self._scorer = scorer
        self._known: dict[Pair, NDArray[np.float32]] = {}

    def score(self, pairs: Sequence[Pair]) -> list[NDArray[np.float32]]:
        new = [pair for pair in pairs if pair not in self._known]
        self._known |= dict(zip(new, self._scorer.score(new), strict=True))
        return [self._known[pair] for pair in pairs]


def read_questions(path: Path, folder: Path) -> list[Question]:
    """Writes each paragraph as a file of its own into `folder`; the questions on them."""
    folder.mkdir(parents=True)
    questions: list[Question] = []
    for number, article in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"]):
        for place, paragraph in enumerate(article["paragraphs"]):
            source = f"a{number:03}p{place:02}.txt"
            (folder / source).write_text(paragraph["context"], encoding="utf-8")
            for row in paragraph["qas"]:
                answers = tuple(answer["text"] for answer in row["answers"])
                questions.append(Question(number, source, row["question"], answers))
    return questions


async def measured(
    group: str,
    retriever: HybridRetriever,
    scorer: RememberingScorer | None,
    questions: Sequence[Question],
    asked: Sequence[str],
) -> list[Case]:
    """Both cases of every question; `asked` are its words, perhaps in the other language."""
    cases: list[Case] = []
    selector = SentenceSelector(retriever, scorer)
    for question, text in zip(questions, asked, strict=True):
        found = await retriever.search(text, NUM_PASSAGES + 4)
        others = [passage for passage in found if passage.source != question.source]
        for passages, is_answerable in ((found, True), (others, False)):
            chosen = passages[:NUM_PASSAGES]
            quotes, signals = await _evidence(selector, text, chosen)
            holds = any(answer in quotes for answer in question.answers)
            cases.append(Case(group, question.article % NUM_FOLDS, is_answerable, signals, holds, len(quotes)))
    return cases


async def measured_folder(folder: Path, retriever: HybridRetriever, scorer: RememberingScorer | None) -> list[Case]:
    """The questions of one bot folder; an answer holds the facts that the question file names."""
    is_fitted = folder.parent == CALIBRATION
    selector = SentenceSelector(retriever, scorer)
    cases: list[Case] = []
    for dialogue in load_dialogues(question_file(folder)):
        question = dialogue.turns[0]
        passages = await retriever.search(question.text, NUM_PASSAGES)
        quotes, signals = await _evidence(selector, question.text, passages)
        is_answerable = question.expect == "answered"
        holds = is_answerable and holds_facts(quotes, question.facts)
        group = f"{GROUPS[folder.parent]} {dialogue.language}"
        fold = 0 if is_fitted else NEVER_FITTED
        cases.append(Case(group, fold, is_answerable, signals, holds, len(quotes)))
    return cases


def question_file(folder: Path) -> Path:
    own = folder / "questions.yaml"
    return own if own.is_file() else folder / "tests" / "questions.yaml"


async def measured_business(
    path: Path, number: int, retriever: HybridRetriever, scorer: RememberingScorer | None
) -> list[Case]:
    """The questions of one business file; an answer holds a sentence that the file names."""
    selector = SentenceSelector(retriever, scorer)
    cases: list[Case] = []
    for asked in business(path).asked:
        passages = await retriever.search(asked.text, NUM_PASSAGES)
        quotes, signals = await _evidence(selector, asked.text, passages)
        holds = asked.is_answerable and any(all(cell in bare(quotes) for cell in cells) for cells in asked.copies)
        group = f"business {path.stem.rsplit('-', 1)[-1]}"
        cases.append(Case(group, number % NUM_FOLDS, asked.is_answerable, signals, holds, len(quotes)))
    return cases


async def _evidence(selector: SentenceSelector, text: str, passages: list[Passage]) -> tuple[str, Signals]:
    """What would be quoted, and what was measured."""
    candidates, signals = await selector.ranked(text, passages)
    return "\n".join(span.quote for span in choose_spans(candidates, 1.0)) if candidates else "", signals


def matrix(cases: Sequence[Case]) -> tuple[Floats, Floats]:
    """(n, 1 + signals) with a column of ones, and (n,) of 0 and 1: evidence that misses the fact answers nothing."""
    rows = [[1.0, *(getattr(case.signals, name) for name in fitted_signals(case.signals))] for case in cases]
    return np.array(rows, dtype=float), np.array(
        [case.is_answerable and case.holds_answer for case in cases], dtype=float
    )


def fit(cases: Sequence[Case]) -> Floats:
    """(1 + signals,) coefficients, intercept first; business has BUSINESS_SHARE of the weight."""
    x, y = matrix(cases)
    is_business = np.array([case.group.startswith("business") for case in cases])
    share = is_business.mean()
    w = (
        np.where(is_business, BUSINESS_SHARE / share, (1 - BUSINESS_SHARE) / (1 - share))
        if 0 < share < 1
        else np.ones(len(y))
    )
    scale = np.maximum(x.std(axis=0), 1e-6)
    centre = x.mean(axis=0)
    scale[0], centre[0] = 1.0, 0.0
    z = (x - centre) / scale
    beta = np.zeros(z.shape[1])
    penalty = L2 * len(y) * np.eye(z.shape[1])
    penalty[0, 0] = 0.0
    for _ in range(50):
        p = 1 / (1 + np.exp(-z @ beta))
        gradient = z.T @ (w * (y - p)) - penalty @ beta
        hessian = (z * (w * p * (1 - p))[:, None]).T @ z + penalty
        step = np.linalg.solve(hessian, gradient)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    slopes = beta[1:] / scale[1:]
    return np.concatenate([[beta[0] - slopes @ centre[1:]], slopes])


def probabilities(beta: Floats, cases: Sequence[Case]) -> Floats:
    return 1 / (1 + np.exp(-matrix(cases)[0] @ beta))


def out_of_fold(cases: Sequence[Case]) -> Floats:
    """The probability of every case by weights that have not seen its article or business."""
    found = np.zeros(len(cases))
    for fold in {case.fold for case in cases}:
        train = [case for case in cases if case.fold not in (fold, NEVER_FITTED)]
        places = [place for place, case in enumerate(cases) if case.fold == fold]
        found[places] = probabilities(fit(train), [cases[place] for place in places])
    return found


def rates(cases: Sequence[Case], p: Floats, threshold: float) -> tuple[float, float]:
    """(answered with the gold answer among the answerable, abstained among the others)."""
    good = [p[n] >= threshold and case.holds_answer for n, case in enumerate(cases) if case.is_answerable]
    calm = [p[n] < threshold for n, case in enumerate(cases) if not case.is_answerable]
    return float(np.mean(good)), float(np.mean(calm))


def auroc(cases: Sequence[Case], p: Floats) -> float:
    """Chance that an answerable case scores above one that is not (Mann and Whitney 1947)."""
    yes = np.array([case.is_answerable for case in cases])
    ranks = np.argsort(np.argsort(p)) + 1
    return float((ranks[yes].sum() - yes.sum() * (yes.sum() + 1) / 2) / (yes.sum() * (~yes).sum()))


async def collect(data: Path | None, scorer: RememberingScorer | None, every: int) -> list[Case]:
    """XQuAD within and across both languages where `data` is given, and all businesses."""
    embedder = OpenVinoE5Embedder(Settings().models_dir / "multilingual-e5-small")
    with tempfile.TemporaryDirectory() as temporary:
        cases = await collect_xquad(data, Path(temporary), embedder, scorer, every) if data else []
        for folder in sorted(path for parent in GROUPS for path in parent.iterdir() if question_file(path).is_file()):
            with ingested(folder / "knowledge", Path(temporary) / f"{folder.name}.sqlite3", embedder) as retriever:
                cases += await measured_folder(folder, retriever, scorer)
        for number, name in enumerate(calibration_names()):
            path = BUSINESSES / f"{name}.yaml"
            folder = Path(temporary) / name
            folder.mkdir()
            for source, text in business(path).files.items():
                (folder / source).write_text(text, encoding="utf-8")
            with ingested(folder, Path(temporary) / f"{name}.sqlite3", embedder) as retriever:
                cases += await measured_business(path, number, retriever, scorer)
    return cases


async def collect_xquad(
    data: Path, temporary: Path, embedder: OpenVinoE5Embedder, scorer: RememberingScorer | None, every: int
) -> list[Case]:
    """Same-language cases of both languages, and Chinese questions on English paragraphs and the other way round."""
    folders = {language: temporary / language for language in ("en", "zh")}
    questions = {
        language: read_questions(data / "xquad" / f"xquad.{language}.first_half.json", folder)
        for language, folder in folders.items()
    }
    cases: list[Case] = []
    for language, other in (("en", "zh"), ("zh", "en")):
        with ingested(folders[language], temporary / f"{language}.sqlite3", embedder) as retriever:
            for asked in (language, other):
                group = language if asked == language else f"{asked}→{language}"
                texts = [question.text for question in questions[asked]]
                cases += await measured(group, retriever, scorer, questions[language][::every], texts[::every])
    return cases


@contextmanager
def ingested(knowledge: Path, index_path: Path, embedder: OpenVinoE5Embedder) -> Iterator[HybridRetriever]:
    index = Index(index_path)
    ingest(knowledge, index, embedder, progress=False)
    yield HybridRetriever(index, embedder)
    index.close()


def plot(curves: dict[str, list[tuple[float, float, float]]], path: Path) -> None:
    """The trade: right answers given against wrong questions left alone, as the threshold moves."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.6))
    for name, points in curves.items():
        axes.plot([calm for _, _, calm in points], [good for _, good, _ in points], label=name, linewidth=2)
    axes.axvline(0.8, color="0.6", linestyle=":")
    axes.axhline(0.85, color="0.6", linestyle=":")
    axes.set_xlabel("abstained, right paragraph withheld")
    axes.set_ylabel("answer text holds the gold answer")
    axes.set_xlim(0.4, 1.0)
    axes.set_ylim(0.4, 1.0)
    axes.grid(alpha=0.3)
    axes.legend(title="question → paragraphs")
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--unread", action="store_true")
    parser.add_argument("--every", type=int, default=1, help="of XQuAD's questions, take each Nth")
    parser.add_argument("--threshold", type=float, default=0.5)
    options = parser.parse_args()
    scorer = None if options.unread else RememberingScorer(CrossEncoder(Settings().models_dir / E5_NAME))
    cases = asyncio.run(collect(options.data if options.data.is_dir() else None, scorer, options.every))
    kinds: dict[str, list[Case]] = {}
    for case in cases:
        kinds.setdefault(kind_of(case.signals), []).append(case)
    found: list[tuple[Case, float]] = []
    for of_kind in kinds.values():
        found += zip(of_kind, out_of_fold(of_kind).tolist(), strict=True)
    curves: dict[str, list[tuple[float, float, float]]] = {}
    print(
        f"{'questions':<12}{'n':>6}{'AUROC':>8}{'right':>8}{'abstained':>11}{'chars':>7}  threshold {options.threshold}"
    )
    for group in sorted({case.group for case in cases}):
        chosen = [case for case, _ in found if case.group == group]
        p = np.array([probability for case, probability in found if case.group == group])
        good, calm = rates(chosen, p, options.threshold)
        chars = np.mean([case.num_chars for case in chosen if case.is_answerable])
        num_answerable = sum(case.is_answerable for case in chosen)
        print(f"{group:<12}{num_answerable:>6}{auroc(chosen, p):>8.3f}{good:>8.3f}{calm:>11.3f}{chars:>7.0f}")
        curves[group] = [(t, *rates(chosen, p, t)) for t in np.linspace(0.02, 0.98, 49)]
    for group, points in curves.items():
        shown = " ".join(f"{t:.2f}:{good:.3f}/{calm:.3f}" for t, good, calm in points[4::5])
        print(f"{group} threshold:right/abstained {shown}")
    if options.plot:
        plot(curves, options.plot)
    if options.fit:
        write_weights({kind: [case for case in own if case.fold != NEVER_FITTED] for kind, own in kinds.items()})


def write_weights(fitted_on: dict[str, list[Case]]) -> None:
    """The coefficients of these kinds beside those of the others in knowledge/answerability.json."""
    weights = orjson.loads(WEIGHTS.read_bytes())["weights"]
    for kind, cases in fitted_on.items():
        names = ("intercept", *fitted_signals(cases[0].signals))
        weights[kind] = dict(zip(names, (round(float(b), 4) for b in fit(cases)), strict=True))
    facts = {
        "fitted_by": "python -m benchmarks.answers --fit",
        "data": "XQuAD first half, benchmarks/calibration, benchmarks/cross_encoder/calibration.txt",
        "n": sum(map(len, fitted_on.values())),
    }
    WEIGHTS.write_bytes(orjson.dumps({**facts, "weights": weights}, option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    main()
