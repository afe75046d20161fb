"""The chance that the selected evidence answers the question: a logistic function of a few signals.

Coefficients are fitted by `benchmarks/answers.py --fit` on XQuAD in both languages (answerable: the right paragraph is
searched; not answerable: it is withheld) and kept in `answerability.json` with how they were had. Monotone in every
signal, so that what it does can be explained: nearer in meaning and more of the question's words can only help.
"""

from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from math import exp

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What the evidence shows. Cosines in [-1, 1], coverages and shares in [0, 1].

    coverage: of the question's words that the folder uses at all, the share, weighted by rarity, that the best
    sentence holds with its headings; passage_coverage: its passage. unseen: share of words that the folder never uses.
    lead: how far the first passage's score is above the mean of the others. is_offered: a price, a time or whatever
    kind of thing was asked for is in the best sentence; lacks_kind: it is in none of the selected ones; both are false
    when the kind cannot be told. is_chinese: of the question; cosines of the two languages are not on one scale.
    has_foreign_code: the question names a model number that the evidence does not. reading: the cross-encoder's logit
    of the best sentence; None when nobody read it.
    """

    cosine: float
    coverage: float
    passage_coverage: float
    unseen: float
    lead: float
    is_offered: bool
    lacks_kind: bool
    is_chinese: bool
    is_cross_language: bool
    has_foreign_code: bool
    reading: float | None = None

    @classmethod
    def of_nothing(cls) -> "Signals":
        """No sentence at all."""
        return cls(
            cosine=0.0, coverage=0.0, passage_coverage=0.0, unseen=1.0, lead=0.0, is_offered=False, lacks_kind=False,
            is_chinese=False, is_cross_language=False, has_foreign_code=False,
        )  # fmt: skip

    def as_dict(self) -> dict[str, float]:
        """The numbers, for the record of a turn."""
        return {name: float(value) for name, value in asdict(self).items() if value is not None}


FITTED_SIGNALS = (
    "cosine",
    "coverage",
    "passage_coverage",
    "unseen",
    "lead",
    "is_offered",
    "lacks_kind",
    "is_chinese",
)
FOREIGN_CODE_FACTOR = 0.3


def kind_of(signals: Signals) -> str:
    """Which set of coefficients applies: read by the cross-encoder or not, within one language or across."""
    language = "cross" if signals.is_cross_language else "same"
    return language if signals.reading is None else f"{language}_read"


def fitted_signals(signals: Signals) -> tuple[str, ...]:
    return FITTED_SIGNALS if signals.reading is None else (*FITTED_SIGNALS, "reading")


def answer_probability(signals: Signals) -> float:
    """Calibrated probability in [0, 1]."""
    weights = _weights()[kind_of(signals)]
    logit = weights["intercept"] + sum(weights[name] * getattr(signals, name) for name in fitted_signals(signals))
    probability = 1 / (1 + exp(-max(-30.0, min(30.0, logit))))
    return probability * (FOREIGN_CODE_FACTOR if signals.has_foreign_code else 1.0)


@cache
def _weights() -> dict[str, dict[str, float]]:
    fitted: dict[str, dict[str, float]] = orjson.loads(
        files("chatwright.knowledge").joinpath("answerability.json").read_bytes()
    )["weights"]
    return fitted
