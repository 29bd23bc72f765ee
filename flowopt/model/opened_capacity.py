"""Capacities that openings add, period by period."""

from __future__ import annotations

import numpy as np

from flowopt.model.activities import Floats
from flowopt.model.build_over_time import OverTime
from flowopt.network.schema import Opening


def most_open_in_each(built: OverTime, openings: tuple[Opening, ...]) -> list[Floats]:
    """Return the most that can be open of each capacity row of a period, by period, t/yr.

    Parameters
    ----------
    built
        The programme over time.
    openings
        The table `openings`.
    """
    raised = _nothing(built)
    for capacity, row in {(each.capacity, each.row) for each in built.opened}:
        for period, most in enumerate(built.timeline.most_open(openings[row])):
            raised[period][capacity] = most
    return raised


def open_in_each(built: OverTime, opened: Floats) -> list[Floats]:
    """Return what is open of each capacity row of a period beside the table's, by period, t/yr.

    Parameters
    ----------
    built
        The programme over time.
    opened
        t/yr that each of `built.opened` adds.
    """
    raised = _nothing(built)
    for each, amount in zip(built.opened, opened.tolist(), strict=True):
        for period in each.ready:
            raised[period][each.capacity] += amount
    return raised


def _nothing(built: OverTime) -> list[Floats]:
    return [np.zeros(len(year.limit)) for year in built.yearly]
