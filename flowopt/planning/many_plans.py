"""Answers to many plans from several processes, each with a trafficker of its own."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any

from flowopt.planning.overrides import Changes
from flowopt.planning.workers import begin_work, deaths_in_words, started_quietly

_CHUNKS = 4  # handed over per worker: fewer are uneven, more lose the last plan's basis


def answers(
    trafficker: Any,
    verb: str,
    plans: Sequence[list[str]],
    changes: Sequence[Changes | None],
    count: int,
) -> list[Any]:
    """Return the answers to all plans, in their order.

    Parameters
    ----------
    trafficker
        The one that is made anew in each process.
    verb
        Its method that is called, with a plan and changes.
    plans, changes
        What is asked, plan by plan.
    count
        Number of processes.

    Raises
    ------
    SolverError
        When a worker dies.
    """
    pool = ProcessPoolExecutor(
        count, mp_context=get_context("spawn"), initializer=_begin, initargs=(trafficker,)
    )
    try:
        size = -(-len(plans) // (count * _CHUNKS))
        with deaths_in_words():
            whole = partial(pool.map, _answer, [verb] * len(plans), plans, changes, chunksize=size)
            return list(started_quietly(whole))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_working: dict[str, Any] = {}  # in a worker, the one that it answers for


def _begin(trafficker: Any) -> None:
    begin_work()
    _working["own"] = trafficker


def _answer(verb: str, plan: list[str], changes: Changes | None) -> Any:
    return getattr(_working["own"], verb)(plan, changes=changes)
