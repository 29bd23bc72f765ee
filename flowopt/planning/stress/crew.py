"""Draws valued in this process, or side by side in processes of this machine."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from multiprocessing import get_context

from flowopt.model.activities import Floats
from flowopt.objectives import Objective, Ties
from flowopt.planning.stress.draw_values import DrawValues
from flowopt.planning.stress.moving import MovingNumbers
from flowopt.planning.workers import begin_work, deaths_in_words, quiet_start

Found = Generator[tuple[int, list[float]], None, None]
_AHEAD = 4  # draws handed over per worker, so that none waits for the next


def each_draw(values: DrawValues, factors: Floats, draws: Sequence[int]) -> Found:
    """Yield the values of draws, one after the other."""
    for draw in draws:
        yield draw, values.values(factors[draw])


def side_by_side(
    moving: MovingNumbers,
    plans: Sequence[Sequence[int]],
    factors: Floats,
    draws: Sequence[int],
    *,
    objective: Objective,
    ties: Ties,
    workers: int,
) -> Found:
    """Yield the values of draws as they are finished, by several processes.

    Raises
    ------
    SolverError
        When a worker dies.
    """
    pool = ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=(moving, plans, objective, ties),
    )
    left, running = list(reversed(draws)), dict[Future[list[float]], int]()
    try:
        while left or running:
            with deaths_in_words(), quiet_start():
                while left and len(running) < workers * _AHEAD:
                    draw = left.pop()
                    running[pool.submit(_values, factors[draw])] = draw
            finished, _ = wait(running, return_when="FIRST_COMPLETED")
            for future in finished:
                with deaths_in_words():
                    values = future.result()
                yield running.pop(future), values
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_working: dict[str, DrawValues] = {}  # in a worker, what it values draws with


def _begin(
    moving: MovingNumbers, plans: Sequence[Sequence[int]], objective: Objective, ties: Ties
) -> None:
    begin_work()
    _working["own"] = DrawValues(moving, plans, objective=objective, ties=ties)


def _values(factors: Floats) -> list[float]:
    return _working["own"].values(factors)
