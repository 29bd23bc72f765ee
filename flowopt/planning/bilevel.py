"""A task for the planner who counts tonnes against a trafficker who counts money."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from flowopt.model.activities import Objective
from flowopt.model.programme import Bilevel
from flowopt.model.search import Plan
from flowopt.model.solver import Progress
from flowopt.planning.task import Found, Task

_SHARES: dict[Objective, float] = {"flow": 0.15, "profit": 0.6}  # of the time that is left


class BilevelTask(Task):
    """One solve of `bilevel`, which first asks the two zero-sum questions about the same money.

    Their plans are good starts, and no plan leaves the trafficker less profit than the proof of
    `profit` says.
    """

    def _hints(self) -> Iterator[Plan]:
        for objective, share in _SHARES.items():
            if self.interrupted or self._late():
                return
            found = self._zero_sum(objective, share)
            yield found.plan
            if objective == "profit" and isinstance(self.programme, Bilevel):
                self.programme.floor = max(self.programme.floor, found.bound)

    def _zero_sum(self, objective: Objective, share: float) -> Found:
        """Answer the same question for another objective, in a share of the time that is left."""
        rest = self._rest()
        if rest.time_limit is not None:
            rest = replace(rest, time_limit=share * rest.time_limit)

        def report(_: Progress) -> None:
            if self._on_progress is not None:
                self._on_progress(Progress(self._elapsed(), None, None))

        task = Task(
            self.model,
            objective,
            self.limits,
            rest,
            time.perf_counter(),
            report,
            keep_on_interrupt=True,
        )
        found = task.run(task.value(()))
        self.build_seconds += task.build_seconds
        if task.interrupted:
            self._stopped_by_user()
        return found


def task_for(objective: Objective) -> type[Task]:
    """Return the kind of task that finds the best plan of an objective."""
    return BilevelTask if objective == "bilevel" else Task
