"""Who gets in, in which order, and what the others are told."""

import asyncio

import pytest

from chatwright.engines.turnstile import Turnstile
from chatwright.errors import EngineError


async def wait_until(is_true):
    async with asyncio.timeout(20):
        while not is_true():  # noqa: ASYNC110 - a turn of the loop, not a wait
            await asyncio.sleep(0)


def test_first_come_first_served():
    async def scenario():
        turnstile, order = Turnstile(1, 10), []
        held = await turnstile.enter(10)

        async def visit(number):
            entry = await turnstile.enter(10)
            order.append(number)
            entry.leave()

        visits = []
        for number in range(5):
            visits.append(asyncio.create_task(visit(number)))
            await wait_until(lambda: turnstile.num_waiting == len(visits))
        held.leave()
        await asyncio.gather(*visits)
        return order, turnstile.num_inside, turnstile.num_waiting

    assert asyncio.run(scenario()) == ([0, 1, 2, 3, 4], 0, 0)


@pytest.mark.parametrize(("slots", "queue_size"), [(1, 0), (1, 2), (3, 1)])
def test_a_full_queue_turns_away_with_a_whole_number_of_seconds(slots, queue_size):
    async def scenario():
        turnstile = Turnstile(slots, queue_size)
        entries = [await turnstile.enter(10) for _ in range(slots)]
        waiting = [asyncio.create_task(turnstile.enter(10)) for _ in range(queue_size)]
        await wait_until(lambda: turnstile.num_waiting == queue_size)
        with pytest.raises(EngineError) as caught:
            await turnstile.enter(10)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        for entry in entries:
            entry.leave()
        return caught.value, turnstile.num_inside

    error, num_inside = asyncio.run(scenario())
    assert (error.status, error.code, num_inside) == (429, "queue_full", 0)
    assert isinstance(error.retry_after_s, int)
    assert error.retry_after_s >= 1


def test_waiting_too_long_is_told_and_leaves_no_trace():
    async def scenario():
        turnstile = Turnstile(1, 5)
        entry = await turnstile.enter(10)
        with pytest.raises(EngineError) as caught:
            await turnstile.enter(0.001)
        waiting = turnstile.num_waiting
        entry.leave()
        entry.leave()
        return caught.value.code, waiting, turnstile.num_inside

    assert asyncio.run(scenario()) == ("queue_timeout", 0, 0)


def test_retry_after_grows_with_the_measured_service_time():
    turnstile = Turnstile(2, 10)
    before = turnstile.retry_after_s()
    for _ in range(50):
        turnstile.measure(60.0)
    assert before <= 2
    assert 30 <= turnstile.retry_after_s() <= 38
