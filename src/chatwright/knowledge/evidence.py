"""Selects the sentences, table rows and list items that answer a question, and says how likely it is that they do.

In: a question and the passages that retrieval found. Out: Evidence: spans that are exact quotations, and a calibrated
probability. A cross-encoder reads the question with each passage and ranks the sentences; the language model is not
asked: a 0.5B model says that it cannot answer in half of the cases in which it cannot (docs/decisions.md). Without a
cross-encoder sentences are ranked by vectors and words alone. Never words anything.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from operator import or_
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from chatwright.knowledge.answerability import Signals, answer_probability
from chatwright.knowledge.asked import offers, sought_by
from chatwright.knowledge.cross_encoder_input import Pair
from chatwright.knowledge.index import Sentence, Vector
from chatwright.language.detect import detect_language, has_han
from chatwright.language.fold import fold
from chatwright.language.words import content_words, stem
from chatwright.messages import Citation, Evidence, Passage

MAX_SPANS = 3
# A further span is taken when its score is at most this much below the best; measured by benchmarks/answers.py.
SPAN_MARGIN = 0.07
# The same of candidates that were read, in logits; and what the score by vectors and words weighs beside the reading.
# Both chosen on a sixth of XQuAD, the held-out businesses and three others (n 438): by the reading alone, with a margin
# of 1.5, quotations held the fact of 0.64 and 0.61 of the held-out questions (English, Chinese), so of 0.75 and 0.68.
READING_MARGIN = 4.0
NEARNESS_WEIGHT = 15.0
FAQ_MARGIN = 1.0  # a curated answer is one to its own question: beside another answer only when it is about as likely
WORDS_WEIGHT = 0.10
OWN_WEIGHT = 0.04
RANK_PENALTY = 0.002
KIND_BONUS = 0.03
PART_SHARE = 0.8  # of a long Chinese word of which only pairs of characters are there
ROW_SHARE = 0.9
NUM_READ = 24  # of the nearest sentences, how many are looked through for the kind of thing asked for
_REFERS_BACK = re.compile(
    r"^(?:[-\d.)\s]*)(?:it|its|they|them|their|this|these|that|those|he|she|such)\b|^(?:其|该|此|它|他们|这|上述|前述|否则|但|不过|因此)",
    re.IGNORECASE,
)
_LEAD_IN = re.compile(r"[:：]\s*$")
_LIST_ITEM = re.compile(r"^(?:[-*•]|\d{1,2}[.)、])\s*")
_CODE = re.compile(r"(?<![a-z0-9])(?=[a-z0-9-]*\d)(?=[a-z0-9-]*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*(?![a-z0-9])")


class SentenceSource(Protocol):
    """What the selector needs of a retriever."""

    async def sentences(self, passage_ids: Iterable[int]) -> Mapping[int, tuple[Sentence, ...]]: ...

    async def query_vector(self, text: str) -> Vector: ...

    async def rarities(self, terms: Iterable[str]) -> Mapping[str, float]: ...


class SentenceScorer(Protocol):
    """What the selector needs of a cross-encoder: a logit for each sentence of each pair. Blocking."""

    def score(self, pairs: Sequence[Pair]) -> Sequence[NDArray[np.float32]]: ...


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One sentence as an answer: how near it is in meaning, what share of the question's words is around it.

    own_coverage: in the sentence alone; coverage: with the headings above it; passage_coverage: in its whole passage.
    reading: the cross-encoder's logit that it answers; None when nobody read it.
    """

    passage: Passage
    sentences: tuple[Sentence, ...]
    position: int
    cosine: float
    own_coverage: float
    coverage: float
    passage_coverage: float
    score: float
    reading: float | None = None

    @property
    def sentence(self) -> Sentence:
        return self.sentences[self.position]


@dataclass(frozen=True, slots=True)
class SentenceSelector:
    """Implements protocols.EvidenceSelector: about 2 ms for eight passages, and what `scorer` needs to read them."""

    source: SentenceSource
    scorer: SentenceScorer | None = None

    async def select(self, question: str, passages: Sequence[Passage]) -> Evidence:
        """At most MAX_SPANS spans, best first; none when there are no passages."""
        candidates, signals = await self.ranked(question, passages)
        if not candidates:
            return Evidence(spans=(), probability=0.0)
        probability = answer_probability(signals)
        spans = choose_spans(candidates, probability)
        return Evidence(spans=spans, probability=probability, signals=signals.as_dict())

    async def ranked(self, question: str, passages: Sequence[Passage]) -> tuple[list[_Candidate], Signals]:
        """Every sentence of the passages, best first, and what the probability is computed from."""
        vector = await self.source.query_vector(question)
        sentences = await self.source.sentences([passage.id for passage in passages])
        terms = question_terms(question)
        weights = await self.source.rarities(terms)
        candidates = rank_sentences(question, vector, weights, passages, sentences)
        if candidates and self.scorer is not None:
            candidates = await self._read(question, passages, sentences, candidates)
        unseen = 1 - len(weights) / len(terms) if terms else 0.0
        return candidates, measure(question, passages, candidates, unseen)

    async def _read(
        self,
        question: str,
        passages: Sequence[Passage],
        sentences: Mapping[int, tuple[Sentence, ...]],
        candidates: Sequence[_Candidate],
    ) -> list[_Candidate]:
        """The candidates with what the cross-encoder says of each, by that order."""
        assert self.scorer is not None
        own = {passage.id: sentences.get(passage.id, ()) for passage in passages}
        pairs = [Pair.of(question, passage, tuple(one.text for one in own[passage.id])) for passage in passages]
        logits = dict(zip(own, await asyncio.to_thread(self.scorer.score, pairs), strict=True))
        read = [replace(each, reading=float(logits[each.passage.id][each.position])) for each in candidates]
        return sorted(read, key=lambda candidate: -_worth(candidate))


def _worth(candidate: _Candidate) -> float:
    """What candidates are ordered by when they were read: the reading, and of equals the nearer one."""
    return (candidate.reading or 0.0) + NEARNESS_WEIGHT * candidate.score


def question_terms(question: str) -> set[str]:
    """The terms that an answer's surroundings should hold."""
    return {stem(word) for word in content_words(question)}


def rank_sentences(
    question: str,
    vector: Vector,
    weights: Mapping[str, float],
    passages: Sequence[Passage],
    sentences: Mapping[int, tuple[Sentence, ...]],
) -> list[_Candidate]:
    """Every sentence of the passages, best first."""
    candidates: list[_Candidate] = []
    coverage_of = _Coverage(weights)
    for rank, passage in enumerate(passages):
        own = sentences.get(passage.id, ())
        if not own:
            continue
        around = coverage_of.bits(f"{passage.title}\n{passage.heading}\n{passage.question}")
        bits = [coverage_of.bits(sentence.text) for sentence in own]
        passage_coverage = coverage_of(around, *bits)
        cosines = np.stack([sentence.vector for sentence in own]) @ vector  # (num_sentences,)
        for position, alone_bits in enumerate(bits):
            if _leads_into_list(own, position):
                continue  # "These cannot be returned:" says nothing by itself; it comes along with its items
            coverage = coverage_of(around, alone_bits)
            alone = coverage_of(alone_bits)
            score = float(cosines[position]) + WORDS_WEIGHT * coverage + OWN_WEIGHT * alone - RANK_PENALTY * rank
            candidates.append(
                _Candidate(passage, own, position, float(cosines[position]), alone, coverage, passage_coverage, score)
            )
    candidates.sort(key=lambda candidate: -candidate.score)
    return _with_kind_asked_for(question, candidates)


def _leads_into_list(sentences: Sequence[Sentence], position: int) -> bool:
    """True for "These cannot be returned:" above the items; running text may end with a colon and say something."""
    following = sentences[position + 1 : position + 2]
    is_above_item = bool(following) and _LIST_ITEM.match(following[0].text) is not None
    return is_above_item and _LEAD_IN.search(sentences[position].text) is not None


def _with_kind_asked_for(question: str, candidates: list[_Candidate]) -> list[_Candidate]:
    """The nearest sentences again, those first that hold a price where a price was asked for."""
    kind = sought_by(question)
    if kind == "other":
        return candidates
    near = [
        replace(item, score=item.score + KIND_BONUS) if offers(item.sentence.text, kind) else item
        for item in candidates[:NUM_READ]
    ]
    near.sort(key=lambda candidate: -candidate.score)
    return near + candidates[NUM_READ:]


def measure(question: str, passages: Sequence[Passage], candidates: Sequence[_Candidate], unseen: float) -> Signals:
    """What the probability is computed from, of the best sentences. unseen: share of words the folder never uses."""
    if not candidates:
        return Signals.of_nothing()
    best = candidates[0]
    is_cross = detect_language(question) != detect_language(best.sentence.text, detect_language(question))
    near = "\n".join(
        f"{item.passage.title} {item.passage.heading} {item.passage.question} {item.passage.text}"
        for item in candidates[:MAX_SPANS]
    )
    scores = [passage.score for passage in passages]
    kind = sought_by(question)
    is_told = kind != "other"
    return Signals(
        cosine=max(candidate.cosine for candidate in candidates[:MAX_SPANS]),
        coverage=best.coverage,
        passage_coverage=max(candidate.passage_coverage for candidate in candidates[:MAX_SPANS]),
        unseen=unseen,
        lead=scores[0] - sum(scores[1:]) / (len(scores) - 1) if len(scores) > 1 else 0.0,
        is_offered=is_told and offers(best.sentence.text, kind),
        lacks_kind=is_told and not any(offers(item.sentence.text, kind) for item in candidates[:MAX_SPANS]),
        is_chinese=has_han(question),
        is_cross_language=is_cross,
        has_foreign_code=bool(_codes(question) - _codes(near)),
        reading=max((item.reading for item in candidates[:MAX_SPANS] if item.reading is not None), default=None),
    )


def choose_spans(candidates: Sequence[_Candidate], probability: float) -> tuple[Citation, ...]:
    """The best sentence, those nearly as good, and what they need to be understood; merged where adjacent."""
    best = candidates[0]
    chosen = [item for item in candidates[:MAX_SPANS] if _belongs(item, best)]
    spans: list[Citation] = []
    for item in chosen:
        start, end = _stretch(item)
        citation = Citation(
            source=item.passage.source,
            title=item.passage.title,
            start=start,
            end=end,
            quote=item.passage.text[start - item.passage.start : end - item.passage.start],
            score=probability,
        )
        spans = _merged(spans, citation, item.passage)
    return tuple(spans)


def _belongs(item: _Candidate, best: _Candidate) -> bool:
    """True for a sentence nearly as good as the best; of a table, only for rows that name as much of what was asked:
    the row of another place or model is not an answer."""
    are_rows = best.passage.kind == "table" and item.passage.kind == "table"
    if are_rows and item.own_coverage < ROW_SHARE * best.own_coverage:
        return False
    if item.reading is not None:
        margin = FAQ_MARGIN if item.passage.kind == "faq" else READING_MARGIN
        return _worth(item) >= _worth(best) - margin
    return item.score >= best.score - SPAN_MARGIN


def _stretch(item: _Candidate) -> tuple[int, int]:
    """Where the quotation begins and ends; a curated answer is never quoted in part."""
    if item.passage.kind == "faq":
        return item.passage.start, item.passage.end
    return item.sentences[_with_antecedent(item)].start, item.sentence.end


def _with_antecedent(item: _Candidate) -> int:
    """The sentence to begin with: one earlier for "It takes…", the lead-in for an item of a list."""
    position = item.position
    text = item.sentence.text
    if position and _LIST_ITEM.match(text):
        lead = position - 1
        while lead > 0 and _LIST_ITEM.match(item.sentences[lead].text):
            lead -= 1
        return lead if lead == position - 1 and _LEAD_IN.search(item.sentences[lead].text) else position
    if position and (_REFERS_BACK.match(text) or _LEAD_IN.search(item.sentences[position - 1].text)):
        return position - 1
    return position


def _merged(spans: list[Citation], new: Citation, passage: Passage) -> list[Citation]:
    """`spans` with `new` in it: inside another it adds nothing, next to another they become one."""
    for index, old in enumerate(spans):
        if old.source != new.source:
            continue
        if old.start <= new.start and new.end <= old.end:
            return spans
        start, end = min(old.start, new.start), max(old.end, new.end)
        gap = end - start - (old.end - old.start) - (new.end - new.start)
        is_inside = passage.start <= start and end <= passage.end
        if is_inside and gap <= 2:
            quote = passage.text[start - passage.start : end - passage.start]
            merged = Citation(
                source=old.source, title=old.title, start=start, end=end, quote=quote, score=old.score
            )  # fmt: skip
            return [*spans[:index], merged, *spans[index + 1 :]]
    return [*spans, new]


@lru_cache(maxsize=20_000)
def _held(text: str) -> tuple[frozenset[str], str]:
    """The stems of a text and the text folded; sentences and headings come back with every question on their topic."""
    return frozenset(stem(word) for word in content_words(text)), fold(text)


_WHOLE = -1  # of what is held of a word: every bit; else one bit for each pair of its characters


class _Coverage:
    """The share of the question's words, weighted by rarity, that texts hold; Chinese words also by their parts."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        total = sum(weights.values())
        self._terms = tuple(weights)
        self._shares = [weight / total for weight in weights.values()] if total else []

    def bits(self, text: str) -> tuple[int, ...]:
        """What `text` holds of each term: `_WHOLE`, or the pairs of its Chinese characters that are there."""
        return _bits_held(text, self._terms)

    def __call__(self, *held: tuple[int, ...]) -> float:
        """In [0, 1], of the texts that hold these bits, together."""
        bits_of_terms = held[0] if len(held) == 1 else [reduce(or_, bits) for bits in zip(*held, strict=True)]
        return sum(
            share if bits == _WHOLE else share * _share(term, bits)
            for share, bits, term in zip(self._shares, bits_of_terms, self._terms, strict=False)
            if bits
        )


@lru_cache(maxsize=2048)
def _bits_held(text: str, terms: tuple[str, ...]) -> tuple[int, ...]:
    stems, flat = _held(text)
    return tuple(_WHOLE if term in stems else _pairs_held(term, flat) for term in terms)


def _pairs_held(term: str, flat: str) -> int:
    if len(term) < 2 or not has_han(term):
        return 0
    if term in flat:
        return _WHOLE
    return sum(1 << place for place in range(len(term) - 1) if term[place : place + 2] in flat)


def _share(term: str, bits: int) -> float:
    return PART_SHARE * bits.bit_count() / (len(term) - 1) if len(term) > 2 else 0.0


def _codes(text: str) -> set[str]:
    """Model numbers and the like: letters with digits."""
    return set(_CODE.findall(fold(text)))
