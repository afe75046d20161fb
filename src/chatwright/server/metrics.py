"""Counters for Prometheus, in a registry of their own. Labels are routes and names, never what people wrote."""

import time
from collections.abc import AsyncIterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from chatwright.messages import Delta
from chatwright.server.stream import closing

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """One per server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "chatwright_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.request_seconds = Histogram(
            "chatwright_request_seconds", "Whole request.", ("route",), buckets=_SECONDS, registry=self.registry
        )
        self.turn_seconds = Histogram(
            "chatwright_turn_seconds", "Whole turn or generation.", ("model",), buckets=_SECONDS, registry=self.registry
        )
        self.first_token_seconds = Histogram(
            "chatwright_first_token_seconds", "Until first text.", ("model",), buckets=_SECONDS, registry=self.registry
        )
        self.turns_in_flight = Gauge(
            "chatwright_turns_in_flight", "Turns waiting or running.", ("model",), registry=self.registry
        )
        self.outcomes = Counter("chatwright_turns", "How turns ended.", ("model", "outcome"), registry=self.registry)
        self.tokens = Counter(
            "chatwright_tokens", "Tokens of finished turns.", ("model", "kind"), registry=self.registry
        )

    def exposition(self) -> bytes:
        return generate_latest(self.registry)

    async def watch(self, model: str, deltas: AsyncIterator[Delta]) -> AsyncIterator[Delta]:
        """The same deltas, measured. A turn that ends without its last delta counts as "interrupted"."""
        started_s = time.monotonic()
        outcome, has_text = "interrupted", False
        with self.turns_in_flight.labels(model).track_inprogress():
            try:
                async with closing(deltas) as source:
                    async for delta in source:
                        if delta.text and not has_text:
                            has_text = True
                            self.first_token_seconds.labels(model).observe(time.monotonic() - started_s)
                        if delta.finish_reason is not None:
                            outcome = delta.reply.outcome if delta.reply else delta.finish_reason
                            self._count_tokens(model, delta)
                        yield delta
            finally:
                self.outcomes.labels(model, outcome).inc()
                self.turn_seconds.labels(model).observe(time.monotonic() - started_s)

    def _count_tokens(self, model: str, delta: Delta) -> None:
        usage = delta.reply.usage if delta.reply else delta.usage
        if usage is not None:
            self.tokens.labels(model, "prompt").inc(usage.prompt_tokens)
            self.tokens.labels(model, "completion").inc(usage.completion_tokens)
            self.tokens.labels(model, "cached").inc(usage.cached_tokens)
