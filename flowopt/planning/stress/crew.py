"""Draws valued in this process, in several of this machine, or on a Dask cluster.

Each draw has the same values wherever it is found.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from flowopt.defaults import SOLVER
from flowopt.model.activities import Floats
from flowopt.objectives import Objective, Ties
from flowopt.planning.stress.draw_values import DrawValues
from flowopt.planning.stress.moving import MovingNumbers
from flowopt.planning.sweep.cluster import Cluster
from flowopt.planning.sweep.environment import Environment, check_environment, environment
from flowopt.planning.workers import begin_work, deaths_in_words, started_quietly

Found = Generator[tuple[int, list[float]], None, None]
_AHEAD = 4  # draws handed over per worker, so that none waits for the next
_MOST_IDLE = 300.0  # seconds without a worker of the cluster
_TOGETHER = 25  # draws of a cluster's task, which begins with a programme of its own


def each_draw(values: DrawValues, factors: Floats, draws: Sequence[int]) -> Found:
    """Yield the values of draws, one after the other."""
    for draw in draws:
        yield draw, values.values(factors[draw])


@dataclass(frozen=True, slots=True)
class Work:
    """Work of a stress: the plans that every draw values, and how."""

    moving: MovingNumbers
    plans: Sequence[Sequence[int]]
    objective: Objective
    ties: Ties

    def begin(self) -> DrawValues:
        """Return what values draws."""
        return DrawValues(self.moving, self.plans, objective=self.objective, ties=self.ties)


@dataclass(frozen=True, slots=True)
class Crew:
    """Crew of a stress.

    Attributes
    ----------
    workers : int
        Processes of this machine.
    cluster : str or None
        Address of a Dask scheduler, whose workers take their place.
    on_message : callable or None
        Takes a line while the cluster has no worker.
    """

    workers: int = 1
    cluster: str | None = None
    on_message: Callable[[str], None] | None = None

    @property
    def alone(self) -> bool:
        """True where this process has nobody to share the draws with."""
        return self.workers == 1 and self.cluster is None

    def found(self, work: Work, factors: Floats, draws: Sequence[int]) -> Found:
        """Yield the values of draws as they are finished.

        Raises
        ------
        RequestError
            When there is no such cluster, or a worker of it has other versions or code.
        SolverError, OutOfTime
            When a worker dies; when the cluster is lost, or has no worker for long.
        """
        if self.cluster is None:
            return side_by_side(work, factors, draws, workers=self.workers)
        versions = environment(SOLVER)
        cluster = Cluster(
            self.cluster, versions, SOLVER, limit=_MOST_IDLE, on_message=self.on_message
        )
        return on_cluster(cluster, versions, work, factors, draws)


def side_by_side(work: Work, factors: Floats, draws: Sequence[int], *, workers: int) -> Found:
    """Yield the values of draws as they are finished, by several processes."""
    pool = ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=(work,),
    )
    left, running = list(reversed(draws)), dict[Future[list[float]], int]()
    try:
        while left or running:
            with deaths_in_words():
                while left and len(running) < workers * _AHEAD:
                    draw = left.pop()
                    submit = partial(pool.submit, _values, factors[draw])
                    running[started_quietly(submit)] = draw
            finished, _ = wait(running, return_when="FIRST_COMPLETED")
            for future in finished:
                with deaths_in_words():
                    values = future.result()
                yield running.pop(future), values
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def on_cluster(
    cluster: Cluster, versions: Environment, work: Work, factors: Floats, draws: Sequence[int]
) -> Found:
    """Yield the values of draws as they are finished, by the workers of a cluster."""
    parts = [draws[first : first + _TOGETHER] for first in range(0, len(draws), _TOGETHER)]
    done = False
    try:
        running = {
            cluster.hand_over(_values_of, versions, work, factors[part]): part for part in parts
        }
        while running:
            finished, _ = wait(running, cluster.poll_interval, return_when="FIRST_COMPLETED")
            if not finished:
                cluster.check()
            for future in finished:
                try:
                    found = future.result()
                except Exception as error:
                    explained = cluster.explain(error)
                    if explained is None:
                        raise
                    raise explained from error
                yield from zip(running.pop(future), found, strict=True)
        done = True
    finally:
        cluster.close(at_once=not done)


def _values_of(versions: Environment, work: Work, factors: Floats) -> list[list[float]]:
    """Return the values of some draws, in a worker of a cluster."""
    check_environment(versions, SOLVER, "the stress")
    values = work.begin()
    return [values.values(each) for each in factors]


_working: dict[str, DrawValues] = {}  # in a worker, what it values draws with


def _begin(work: Work) -> None:
    begin_work()
    _working["own"] = work.begin()


def _values(factors: Floats) -> list[float]:
    return _working["own"].values(factors)
