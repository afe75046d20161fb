"""Reads a short reply to "shall I?" as yes, no, wait, change, a question or a courtesy, with a probability for each.

In: a reply, and the words of the process that waits. Out: Reading. A logistic regression over words, their neighbours
and the letters they are made of, learned once from `reply_examples.py` (about a second). The process's own words and
values are replaced by signs, so that 退吧 and "book it" are one kind of reply. Never decides what is done with it.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from chatwright.dialogue.understanding.intent_terms import Vocabulary, learn_vocabulary
from chatwright.dialogue.understanding.process_words import ProcessWords
from chatwright.dialogue.understanding.reply_examples import EXAMPLES, KINDS
from chatwright.language.in_place import fold_in_place

ReplyKind = Literal["yes", "no", "wait", "change", "ask", "courtesy"]
Floats = NDArray[np.float64]

MAX_CHARS = 80  # a longer message is no short reply
DO, VALUE = "@", "#"
_NO_WORDS = ProcessWords()
_TOKEN = re.compile(r"[a-z]+|[㐀-鿿]|[@#?+]|[^\w\s\x00-\x7f、。，！…「」·-]")
_VALUE = re.compile(r"(?:[a-z]{1,4}-?)?\d[\d:./-]*(?:\s?(?:am|pm|th|st|nd|rd)\b)?|[周星期礼拜]+[一二三四五六日天](?!个)|(?<![a-z])(?:mon|tues|wednes|thurs|fri|satur|sun)day(?![a-z])")  # fmt: skip  # noqa: E501
# Words that say nothing of their own, beside those of the examples.
_HARMLESS = frozenset(["a", "an", "the", "this", "that", "these", "those", "it", "its", "me", "my", "us", "we", "you", "your", "i", "to", "up", "in", "on", "for", "of", "back", "new", "slot", "one", "day", "time", "pls", "plz", "y", "as", "is", "am", "are", "be", "will", "们", "他", "她", "它", "的", "了", "吧", "啊", "呀", "哦", "这", "那", "个", "时", "间", "上", "去", "下", "到", "来", "给", "我", "你", "您", "请", "再", "又", "也", "就", "都", "很", "太", "真"])  # fmt: skip  # noqa: E501
_MAX_RUN = 3
_RIDGE = 1.2  # chosen by cross-validation over the examples, as the sharpness is
_SHARPNESS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """chances: of each kind, adding up to 1. is_known: every word of the reply is one that a yes is made of.
    is_heard: every word is one of the examples'."""

    chances: dict[str, float]
    is_known: bool
    is_heard: bool

    @property
    def kind(self) -> str:
        return max(self.chances, key=lambda kind: self.chances[kind])

    @property
    def confidence(self) -> float:
        return self.chances[self.kind]


def masked(reply: str, words: ProcessWords = _NO_WORDS) -> str:
    """The reply folded, with the process's words as `@`, its things and values as `#`; "don't" and "dont" are one."""
    text = _VALUE.sub(VALUE, fold_in_place(reply[: MAX_CHARS * 2]).replace("'", ""))
    for group, sign in ((words.doing, DO), (words.things, VALUE)):
        if group:
            text = _pattern(tuple(sorted(group, key=lambda word: (-len(word), word)))).sub(sign, text)
    return text


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the words; a verb before what it turns something into stays: "change it to" and 改成 correct."""
    forms = [
        rf"(?<![a-z]){re.escape(word)}(?:s|d|ed|ing|es)?(?![a-z])(?!(?: \w+){{0,3}} (?:to|in)\b)"
        if word.isascii()
        else rf"{re.escape(word)}(?![成为到在])"
        for word in words
    ]
    return re.compile("|".join(forms))


def tokens(text: str) -> list[str]:
    """The words of a masked text; each Chinese character and each sign is one."""
    return _TOKEN.findall(text)


def read_reply(reply: str, words: ProcessWords = _NO_WORDS, known: Collection[str] = ()) -> Reading:
    """What the reply is. known: words besides that a yes may be made of, such as those of the values shown."""
    model = _model()
    text = masked(reply, words)
    chances = dict(zip(KINDS, model.scores([text])[0].tolist(), strict=True))
    found = tokens(text)
    is_known = bool(found) and all(token in model.yes_words or token in known or token in _HARMLESS for token in found)
    is_heard = bool(found) and all(token in model.words or token in known for token in found)
    return Reading(chances=chances, is_known=is_known, is_heard=is_heard)


def learn_replies() -> None:
    """Learns the examples now, so that no turn has to. Blocking: under a second."""
    _model()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyModel:
    """weights: (terms, kinds) float64. words: those of all examples; yes_words: those of any example of a yes."""

    vocabulary: Vocabulary
    weights: Floats
    words: frozenset[str]
    yes_words: frozenset[str]

    def scores(self, texts: Sequence[str]) -> Floats:
        """(replies, kinds), each row a distribution. texts: masked."""
        scores = _SHARPNESS * np.asarray(self.vocabulary.vectors(texts, _terms) @ self.weights)
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances: Floats = raised / raised.sum(axis=1, keepdims=True)
        return chances


@cache
def _model() -> ReplyModel:
    texts = [masked(reply) for kind in KINDS for reply in EXAMPLES[kind]]
    labels = np.array([place for place, kind in enumerate(KINDS) for _ in EXAMPLES[kind]])
    return fit_replies(texts, labels)


def fit_replies(texts: Sequence[str], labels: NDArray[np.int64]) -> ReplyModel:
    """The model of masked replies. labels: places in KINDS. Deterministic."""
    vocabulary = learn_vocabulary(texts, _terms)
    rows = vocabulary.vectors(texts, _terms).astype(np.float64)
    yes = (text for text, label in zip(texts, labels, strict=True) if label == 0)
    return ReplyModel(
        vocabulary=vocabulary,
        weights=_fit(rows, labels),
        words=frozenset(token for text in texts for token in tokens(text)),
        yes_words=frozenset(token for text in yes for token in tokens(text)),
    )


def _fit(rows: sparse.csr_array, labels: NDArray[np.int64]) -> Floats:
    """(terms, kinds). Every kind weighs the same, however many examples it has."""
    num_kinds = len(KINDS)
    wanted = np.eye(num_kinds)[labels]  # (replies, kinds)
    share = 1.0 / np.maximum(1, np.bincount(labels, minlength=num_kinds))[labels] / num_kinds * len(labels)
    shape = (rows.shape[1], num_kinds)

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(shape)
        scores = rows @ weights
        scores -= scores.max(axis=1, keepdims=True)
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        slope = rows.T @ ((np.exp(logs) - wanted) * share[:, None]) + _RIDGE * 0.02 * weights
        value = -(logs * wanted).sum(axis=1) @ share + _RIDGE * 0.01 * float(flat @ flat)
        return float(value), slope.ravel()

    found = minimize(loss, np.zeros(shape[0] * num_kinds), jac=True, method="L-BFGS-B", options={"maxiter": 80})
    fitted: Floats = found.x.reshape(shape)
    return fitted


def _terms(text: str) -> Iterator[str]:
    """Runs of one to three words with the edges, and runs of letters within a word: what is left of typos."""
    found = tokens(text)
    edged = ["^", *found, "$"]
    for size in range(1, _MAX_RUN + 1):
        yield from (" ".join(edged[at : at + size]) for at in range(len(edged) - size + 1))
    for word in found:
        if word.isascii() and len(word) > 2:
            padded = f"<{word}>"
            for size in (2, 3, 4):
                yield from (f"~{padded[at : at + size]}" for at in range(len(padded) - size + 1))
    yield f"%{min(len(found), 8)}"
