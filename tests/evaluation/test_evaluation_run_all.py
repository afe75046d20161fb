"""Several conversations at once, results in order; and the first failure may end the run."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from chatwright.evaluation.case_result import CaseResult
from chatwright.evaluation.run_all import run_all


def result(number: int, error: str = "") -> CaseResult:
    return CaseResult(kind="test case", name=str(number), path=Path("t"), line=1, error=error)


@pytest.mark.parametrize("num_jobs", [1, 2, 7])
def test_results_are_in_the_order_of_the_tests(num_jobs: int) -> None:
    async def run(number: int) -> CaseResult:
        for _ in range(5 - number):  # the first ones take longest
            await asyncio.sleep(0)
        return result(number)

    done: list[int] = []
    results = asyncio.run(run_all([partial(run, n) for n in range(5)], num_jobs=num_jobs, on_done=done.append))
    assert [each.name for each in results] == ["0", "1", "2", "3", "4"]
    assert sum(done) == 5


def test_as_many_at_once_as_wished() -> None:
    async def whole() -> int:
        running, most = 0, 0
        both = asyncio.Event()

        async def run(number: int) -> CaseResult:
            nonlocal running, most
            running += 1
            most = max(most, running)
            if running == 2:
                both.set()
            if number < 2:
                await both.wait()
            running -= 1
            return result(number)

        await run_all([partial(run, n) for n in range(4)], num_jobs=2)
        return most

    assert asyncio.run(whole()) == 2


def test_fail_fast() -> None:
    async def run(number: int) -> CaseResult:
        return result(number, "no" if number == 1 else "")

    results = asyncio.run(run_all([partial(run, n) for n in range(4)], is_fail_fast=True))
    assert [each.name for each in results] == ["0", "1"]
