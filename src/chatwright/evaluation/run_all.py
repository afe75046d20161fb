"""Runs tests, several at once where wished, and stops at the first that does not pass where wished.

In: functions that each run one test. Out: their results, in the order of the tests whatever finished first.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from chatwright.evaluation.case_result import CaseResult

Run = Callable[[], Awaitable[CaseResult]]


async def run_all(
    runs: Sequence[Run], *, num_jobs: int = 1, is_fail_fast: bool = False, on_done: Callable[[int], None] | None = None
) -> list[CaseResult]:
    """The results of all that were run. num_jobs: conversations at once, 1 or more."""
    results: dict[int, CaseResult] = {}
    waiting = list(enumerate(runs))

    async def work() -> None:
        while waiting and not (is_fail_fast and any(not result.is_passed for result in results.values())):
            place, run = waiting.pop(0)
            results[place] = await run()
            if on_done:
                on_done(1)

    async with asyncio.TaskGroup() as group:
        for _ in range(max(1, num_jobs)):
            group.create_task(work())
    return [results[place] for place in sorted(results)]
