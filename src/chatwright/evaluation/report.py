"""Sums judgements up: shares with confidence intervals, by language, and every miss by name.

No bare score: each line carries n and the Wilson 95% interval (Wilson 1927), the report its signature.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import sqrt

import orjson

from chatwright.evaluation.judgement import Judgement

_Z = 1.959964  # two-sided 95%


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`count` of `n`, with the bounds of its 95% interval."""

    count: int
    n: int

    @property
    def value(self) -> float:
        return self.count / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson score interval; (0, 1) for no observations."""
        if not self.n:
            return (0.0, 1.0)
        centre = (self.value + _Z**2 / (2 * self.n)) / (1 + _Z**2 / self.n)
        half = _Z / (1 + _Z**2 / self.n) * sqrt(self.value * (1 - self.value) / self.n + _Z**2 / (4 * self.n**2))
        return (max(0.0, centre - half), min(1.0, centre + half))

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3f} [{low:.3f}, {high:.3f}] n={self.n}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The figures of one run by name, and what was wrong."""

    shares: Mapping[str, Share]
    misses: tuple[Judgement, ...]
    signature: str


def make_report(judgements: Sequence[Judgement], facts: Mapping[str, object]) -> Report:
    """facts: what the figures depend on (bot, model, embedder, thresholds, version); they are the signature."""
    shares: dict[str, Share] = {}
    for language in ("all", "zh", "en"):
        chosen = [item for item in judgements if language in ("all", item.language)]
        answerable = [item for item in chosen if item.question.expect == "answered"]
        unanswerable = [item for item in chosen if item.question.expect == "abstained"]
        shares[f"answerable right, {language}"] = _share([item.is_right for item in answerable])
        shares[f"unanswerable abstained, {language}"] = _share([item.is_correct for item in unanswerable])
        shares[f"right, {language}"] = _share([item.is_right for item in chosen])
    shares["quotations exact"] = _share(["differs" not in item.reason for item in judgements])
    return Report(
        shares=shares,
        misses=tuple(item for item in judgements if not item.is_right),
        signature=_signature(judgements, facts),
    )


def report_lines(report: Report) -> list[str]:
    """The report as lines of Markdown."""
    lines = ["| figure | value [95% interval] |", "|---|---|"]
    lines += [f"| {name} | {share} |" for name, share in report.shares.items() if share.n]
    lines += ["", f"Signature: `{report.signature}`", "", f"{len(report.misses)} misses."]
    for miss in report.misses:
        answer = " ".join(miss.reply.answer.split())
        lines.append(f"- **{miss.id}** ({miss.question.expect}) {miss.question.text} → {miss.reason}: {answer[:200]}")
    return lines


def _share(outcomes: Sequence[bool]) -> Share:
    return Share(count=sum(outcomes), n=len(outcomes))


def _signature(judgements: Sequence[Judgement], facts: Mapping[str, object]) -> str:
    asked = orjson.dumps([[item.id, item.question.text, item.question.expect] for item in judgements])
    shown = " ".join(f"{name}:{value}" for name, value in facts.items())
    return f"{shown} n:{len(judgements)} questions:{sha256(asked).hexdigest()[:8]}"
