"""Capacities that openings add, period by period."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from flowopt.model.activities import Floats
from flowopt.model.build_over_time import OverTime
from flowopt.network.schema import Opening


def opened_at_once(built: OverTime, openings: tuple[Opening, ...]) -> Floats:
    """Return the openings that keep the most open at any time: all that can be, as early as can be.

    Parameters
    ----------
    built
        The programme over time.
    openings
        The table `openings`.

    Returns
    -------
    array
        t/yr that each of `built.opened` adds.
    """
    added = []
    for (_, row), group in groupby(built.opened, key=lambda each: (each.capacity, each.row)):
        opening = openings[row]
        left = np.inf if opening.limit is None else opening.limit
        for each in group:
            years = built.timeline.periods[each.period].years
            most = left if opening.most is None else min(left, opening.most * years)
            left -= most
            added.append(most)
    return np.array(added)


def open_in_each(built: OverTime, opened: Floats) -> list[Floats]:
    """Return what is open of each capacity row of a period beside the table's, by period, t/yr.

    Parameters
    ----------
    built
        The programme over time.
    opened
        t/yr that each of `built.opened` adds.
    """
    raised = [np.zeros(len(year.limit)) for year in built.yearly]
    for each, amount in zip(built.opened, opened.tolist(), strict=True):
        for period in each.ready:
            raised[period][each.capacity] += amount
    return raised
