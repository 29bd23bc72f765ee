"""Leading activities of one network under plan after plan.

Activities that can run and lead to a delivery that counts (see `runnable_activities.leading`) are
the same for all plans that stop the same ones. What a plan leaves of them lies within those of no
measures: whatever lets such an activity run, and whatever takes what it makes further, leads too.
So a plan that stops none of them leaves all, and for others only those are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from flowopt.model.activities import ActivityModel, Flags, Floats
from flowopt.model.runnable_activities import leading

_LARGE = 5_000  # activities from which sweeps over arrays are quicker than one at a time
_FLAGS_KEPT = 2_000_000  # of all answers that are cached


class Leading(NamedTuple):
    """Activities that lead to a delivery that counts, and goods that none of them uses."""

    activities: Flags
    unused: Flags


@dataclass(frozen=True, slots=True)
class _Lists:
    """The activities that lead without measures and their goods, as lists.

    `inputs` and `outputs` of each activity, none for the others, and `users` and `makers` of each
    good.
    """

    inputs: list[list[int]]
    outputs: list[list[int]]
    users: list[list[int]]
    makers: list[list[int]]
    sources: list[int]
    counting: list[int]


class LeadingActivities:
    """Leading activities of a network whose limits are zero, and which earns, at the same places.

    Parameters
    ----------
    model
        The trafficker's programme; another one with other numbers has the same answers.
    """

    def __init__(self, model: ActivityModel) -> None:
        self._model = model
        nothing = np.zeros(len(model.activities), dtype=np.bool_)
        self._without_measures = self._with_unused(leading(model, model.limit, nothing))
        takes = model.takes
        self._taker = np.repeat(np.arange(takes.shape[1]), np.diff(takes.indptr))
        self._known: dict[bytes, Leading] = {}
        self._lists: _Lists | None = None

    def under(self, limit: Floats, closed: Flags) -> Leading:
        """Return what leads under a plan.

        Parameters
        ----------
        limit, closed
            What the plan leaves of each capacity, t/yr, and which activities it shuts.
        """
        first, stopped = self._without_measures, closed.copy()
        stopped[self._taker[limit[self._model.takes.indices] <= 0.0]] = True
        stopped &= first.activities
        gone = np.flatnonzero(stopped)
        if not len(gone):
            return first
        key = gone.tobytes()
        found = self._known.get(key)
        if found is None:
            if (len(self._known) + 1) * len(stopped) > _FLAGS_KEPT:
                self._known.clear()
            if len(stopped) < _LARGE:
                flags = self._without(gone.tolist())
            else:
                flags = leading(self._model, limit, closed)
            found = self._known[key] = self._with_unused(flags)
        return found

    def _with_unused(self, activities: Flags) -> Leading:
        used = self._model.used
        unused = np.ones(len(self._model.goods), dtype=np.bool_)
        unused[used.indices[np.repeat(activities, np.diff(used.indptr))]] = False
        return Leading(activities, unused)

    def _without(self, gone: list[int]) -> Flags:
        """Return what leads where some of the activities that do without measures are stopped."""
        if self._lists is None:
            self._lists = _lists(self._model, self._without_measures.activities)
        lists, stopped = self._lists, set(gone)
        missing = [len(each) for each in lists.inputs]
        runs, arrived = set(lists.sources) - stopped, set[int]()
        queue = list(runs)
        while queue:
            for good in lists.outputs[queue.pop()]:
                if good in arrived:
                    continue
                arrived.add(good)
                for user in lists.users[good]:
                    missing[user] -= 1
                    if not missing[user] and user not in stopped:
                        runs.add(user)
                        queue.append(user)
        queue = [place for place in lists.counting if place in runs]
        leads, wanted = set(queue), set[int]()
        while queue:
            for good in lists.inputs[queue.pop()]:
                if good in wanted:
                    continue
                wanted.add(good)
                new = [each for each in lists.makers[good] if each in runs and each not in leads]
                leads.update(new)
                queue += new
        flags = np.zeros(len(lists.inputs), dtype=np.bool_)
        flags[list(leads)] = True
        return flags


def _lists(model: ActivityModel, leads: Flags) -> _Lists:
    """Return the activities that lead without measures, and their goods, as lists."""
    inputs: list[list[int]] = [[] for _ in leads]
    outputs: list[list[int]] = [[] for _ in leads]
    users: list[list[int]] = [[] for _ in model.goods]
    makers: list[list[int]] = [[] for _ in model.goods]
    for matrix, of_activity, of_good in (
        (model.used, inputs, users),
        (model.made, outputs, makers),
    ):
        start, goods = matrix.indptr.tolist(), matrix.indices.tolist()
        for place in np.flatnonzero(leads).tolist():
            of_activity[place] = goods[start[place] : start[place + 1]]
            for good in of_activity[place]:
                of_good[good].append(place)
    places = np.flatnonzero(leads).tolist()
    counts = (model.weight_anywhere > 0.0) | (model.price > 0.0)
    return _Lists(
        inputs=inputs,
        outputs=outputs,
        users=users,
        makers=makers,
        sources=[place for place in places if not inputs[place]],
        counting=[place for place in places if counts[place]],
    )
