"""Finds passages by meaning and by words at once, and the curated question that was asked.

In: a question. Out: passages best first; a FaqMatch with a calibrated probability; sentences and vectors for whoever
chooses the answering sentences. Never decides whether something is answered. Blocking work runs off the event loop.
"""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from threading import Lock

import numpy as np

from chatwright.errors import ConfigError
from chatwright.knowledge.index import EmbedderStamp, Index, IndexVectors, Sentence, Vector, WordHits, WordingHit
from chatwright.knowledge.index_memory import Contents, IndexMemory
from chatwright.knowledge.terms import index_terms
from chatwright.language.fold import fold_script
from chatwright.language.words import content_words, stem
from chatwright.messages import DocumentText, FaqMatch, Passage
from chatwright.protocols import Embedder

_NUM_CANDIDATES = 50  # of each of the two searches

# The score of a passage is _COSINE_WEIGHT * cosine + bm25 / max(best bm25, _WORDS_FLOOR * ceiling). Measured by
# benchmarks/retrieval.py against reciprocal rank fusion (k = 60) of the same two lists, hit@1: CMRC 2018 (n = 1,002)
# 0.985 and 0.978; XQuAD (n = 632 each) English 0.975 and 0.967, Chinese 0.957 and 0.930, Chinese questions on English
# paragraphs 0.710 and 0.701, English on Chinese 0.778 and 0.345: there ranks give a chance word the vote of a match,
# while the floor leaves it the small share of the question's words that it is.
_COSINE_WEIGHT = 15.0
_WORDS_FLOOR = 0.3
_SENTENCE_SHARE = 0.5
_NUM_WORDINGS = 8
_NUM_REMEMBERED_QUERIES = 1024

# P(same question) = 1 / (1 + exp(-(intercept + cosine weight * cosine + overlap weight * overlap))). Fitted on curated
# wordings by benchmarks/retrieval.py --fit-faq. At 0.8 it keeps 0.99 of wordings with a greeting, in capitals or in
# traditional characters (n = 328) and lets 0.04 of the questions through whose own entry is missing (n = 82), 0.00 of
# foreign ones (n = 567). Free paraphrases mostly stay below (0.06 kept, n = 82): search finds those.
FAQ_INTERCEPT = -30.66
FAQ_COSINE = 31.86
FAQ_OVERLAP = 2.48


class HybridRetriever:
    """Implements protocols.Retriever over one index. Raises ConfigError when its vectors are of another embedder."""

    def __init__(self, index: Index, embedder: Embedder) -> None:
        self._index = index
        self._embedder = embedder
        self._memory = IndexMemory(index)
        self._adopted: Contents | None = None
        self._queries: OrderedDict[str, Vector] = OrderedDict()
        self._queries_lock = Lock()

    async def search(self, query: str, num_passages: int = 5) -> list[Passage]:
        """At most `num_passages` passages, best first. score: in [-15, 16], comparable within one search only."""
        return await asyncio.to_thread(self._search, query, num_passages)

    async def match_faq(self, query: str) -> FaqMatch | None:
        """The curated question nearest to `query`; None when there are none."""
        return await asyncio.to_thread(self._match_faq, query)

    async def document(self, source: str) -> DocumentText | None:
        return await asyncio.to_thread(self._index.document, source)

    async def sentences(self, passage_ids: Iterable[int]) -> Mapping[int, tuple[Sentence, ...]]:
        """The sentences of these passages with their vectors, in reading order."""
        wanted = list(passage_ids)
        known = self._memory.latest
        if known is not None and known.has_sentences(wanted):  # as after a search: a thread would cost more
            return known.sentences(wanted)
        return await asyncio.to_thread(lambda: self._memory.current().sentences(wanted))

    async def rarities(self, terms: Iterable[str]) -> Mapping[str, float]:
        """How rare each term of this index is (inverse document frequency); terms it does not hold are left out."""
        wanted = list(terms)
        known = self._memory.latest
        if known is not None and known.has_counts(wanted):
            return known.rarities(wanted)
        return await asyncio.to_thread(lambda: self._memory.current().rarities(wanted))

    async def query_vector(self, text: str) -> Vector:
        """The query vector of `text`, remembered for the last 1,024 texts."""
        remembered = self._remembered_vector(text)
        return await asyncio.to_thread(self._query_vector, text) if remembered is None else remembered

    def _search(self, query: str, num_passages: int) -> list[Passage]:
        if not query.strip():
            return []
        contents = self._contents()
        vector = self._query_vector(query)
        num_candidates = max(_NUM_CANDIDATES, num_passages)
        word_hits = contents.matching_passages(index_terms(query), num_candidates)
        if contents.vectors is not None:
            scores = best_scores(contents.vectors, vector, word_hits, num_passages)
        else:
            similarities = dict(self._index.nearest_passages(vector, num_candidates))
            similarities |= self._index.similarities(vector, word_hits.scores.keys() - similarities.keys())
            scores = fuse_scores(similarities, word_hits, num_passages)
        # What whoever chooses sentences asks for next, while a thread is at it.
        contents.sentences(list(scores))
        contents.rarities({stem(word) for word in content_words(query)})
        return contents.passages(scores)

    def _match_faq(self, query: str) -> FaqMatch | None:
        if not query.strip():
            return None
        contents = self._contents()
        near = self._index if contents.vectors is None else contents.vectors
        hits = near.nearest_wordings(self._query_vector(query), _NUM_WORDINGS)
        if not hits:
            return None
        probability, best = max(((same_question(query, hit), hit) for hit in hits), key=lambda pair: pair[0])
        passages = contents.passages({best.passage_id: probability})
        return FaqMatch(passage=passages[0], probability=probability) if passages else None

    def _contents(self) -> Contents:
        contents = self._memory.current()
        if contents is not self._adopted:
            self._refuse_foreign_vectors()
            self._adopted = contents
        return contents

    def _query_vector(self, text: str) -> Vector:
        remembered = self._remembered_vector(text)
        if remembered is not None:
            return remembered
        vector: Vector = self._embedder.embed_queries([query_text(text)])[0]
        with self._queries_lock:
            self._queries[text] = vector
            if len(self._queries) > _NUM_REMEMBERED_QUERIES:
                self._queries.popitem(last=False)
        return vector

    def _remembered_vector(self, text: str) -> Vector | None:
        with self._queries_lock:
            if text in self._queries:
                self._queries.move_to_end(text)
            return self._queries.get(text)

    def _refuse_foreign_vectors(self) -> None:
        stamp = self._index.stamp()
        if stamp is not None and stamp != EmbedderStamp.of(self._embedder):
            raise ConfigError(
                f"The index {self._index.path} was made with the embedder {stamp.name!r} ({stamp.sha256[:12]}…), "
                f"this bot uses {self._embedder.name!r} ({self._embedder.sha256[:12]}…).",
                hint="Make it again: chatwright ingest DIR",
                code="index_foreign",
            )


def best_scores(vectors: IndexVectors, query: Vector, word_hits: WordHits, num_passages: int) -> dict[int, float]:
    """The best passages of all with their scores: meaning weighted, half of it the passage's own cosine and half that
    of its nearest sentence, plus its share of the words' best score."""
    own, nearest = vectors.similarities(query)  # (P,) each
    scores = _COSINE_WEIGHT * ((1 - _SENTENCE_SHARE) * own + _SENTENCE_SHARE * nearest)
    if word_hits.scores:
        hit_ids = np.array(list(word_hits.scores), dtype=np.int64)
        is_known = np.isin(hit_ids, vectors.passage_ids)  # the words may be of a newer state of the file
        places = np.searchsorted(vectors.passage_ids, hit_ids[is_known])
        shares = np.array(list(word_hits.scores.values())) / _full_marks(word_hits)
        scores[places] += shares[is_known].astype(np.float32)
    best = np.argsort(-scores, kind="stable")[:num_passages]
    return dict(zip(vectors.passage_ids[best].tolist(), scores[best].tolist(), strict=True))


def fuse_scores(similarities: Mapping[int, float], word_hits: WordHits, num_passages: int) -> dict[int, float]:
    """The same of passages of which only their own cosine is known."""
    full_marks = _full_marks(word_hits)
    fused = {
        passage_id: _COSINE_WEIGHT * similarity + word_hits.scores.get(passage_id, 0.0) / full_marks
        for passage_id, similarity in similarities.items()
    }
    best = sorted(fused, key=lambda passage_id: (-fused[passage_id], passage_id))[:num_passages]
    return {passage_id: fused[passage_id] for passage_id in best}


def _full_marks(word_hits: WordHits) -> float:
    """What a passage's word score is divided by."""
    return max(max(word_hits.scores.values(), default=0.0), _WORDS_FLOOR * word_hits.ceiling, 1e-9)


def query_text(text: str) -> str:
    """`text` as it is embedded: simplified, half width; what is all in capitals in lower case (the model knows
    names by their capitals, and reads a shouted question badly)."""
    folded = fold_script(text)
    return folded.lower() if folded.isupper() else folded


def same_question(query: str, hit: WordingHit) -> float:
    """Probability in (0, 1) that `query` asks what the wording asks."""
    overlap = word_overlap(query, hit.wording)
    return 1.0 / (1.0 + math.exp(-(FAQ_INTERCEPT + FAQ_COSINE * hit.similarity + FAQ_OVERLAP * overlap)))


def word_overlap(one: str, other: str) -> float:
    """Share of content words in common (Dice), in [0, 1]."""
    words, others = ({stem(word) for word in content_words(text)} for text in (one, other))
    return 2 * len(words & others) / (len(words) + len(others)) if words and others else 0.0
