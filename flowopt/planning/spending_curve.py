"""Curve of what a period leaves for the money that is spent in it, as far as that is known.

It falls with the money. At some points a bound is known on all plans for so much money or less: a
plan that costs more than one point and no more than the next leaves at least what the dearer one
says. Lines of the relaxed programme say something for every amount. So a curve is one of steps,
each between two amounts, as narrow as is of use.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from flowopt.model.feasible_plans import slack
from flowopt.planning.relaxed_money import Line
from flowopt.planning.solve_run import FoundPlan


@dataclass(frozen=True, slots=True)
class Point:
    """A bound on a year of a period for so much money, M USD a year.

    Attributes
    ----------
    money, bound : float
        Every plan that costs no more than the one leaves no less than the other; infinity where
        there is no such plan.
    found : FoundPlan or None
        What was found for it; None where nothing was looked for.
    """

    money: float
    bound: float
    found: FoundPlan | None = None


class Piece(NamedTuple):
    """Plans that cost more than `above` and no more than `money`, M USD a year.

    `above` is below 0 for those that cost least. They leave at least `bound` in a year, by the
    lines alone where the point, the first for as much money, has a lower one.
    """

    above: float
    money: float
    bound: float
    point: Point


class SpendingCurve:
    """Points of one period, by their money, and lines below all that it can leave.

    Parameters
    ----------
    points
        At least one; the last one holds for all the money that there can be.
    lines
        Lines; none by default.
    amounts
        Further amounts at which steps end.
    """

    def __init__(
        self,
        points: Iterable[Point],
        lines: Iterable[Line] = (),
        amounts: Iterable[float] = (),
    ) -> None:
        self.points = sorted(points, key=lambda point: point.money)
        self._lines, self._amounts = tuple(lines), set(amounts)
        self._raise()

    def add(self, point: Point) -> None:
        """Add a point, in the place of one for the same money."""
        place = bisect_left([p.money + slack(p.money) for p in self.points], point.money)
        same = place < len(self.points) and _same(self.points[place].money, point.money)
        self.points[place : place + same] = [point]
        self._raise()

    def knows(self, money: float) -> bool:
        """Return whether something was found for so much money."""
        return any(p.found is not None and _same(p.money, money) for p in self.points)

    def _raise(self) -> None:
        """Raise each bound to that for more money: what costs less leaves no less."""
        for place in range(len(self.points) - 2, -1, -1):
            dearer = self.points[place + 1].bound
            if self.points[place].bound < dearer < math.inf:
                self.points[place] = replace(self.points[place], bound=dearer)

    def up_to(self, most: float, keeps: Callable[[Point], bool]) -> SpendingCurve:
        """Return the curve up to some money, without plans that may not be there.

        Parameters
        ----------
        most
            M USD a year.
        keeps
            Whether the plan of a point may be.
        """
        kept = [p for p in self.points if p.money < most and not _same(p.money, most)]
        last = self.points[min(len(kept), len(self.points) - 1)]
        kept.append(replace(last, money=most))
        points = (p if p.found is None or keeps(p) else replace(p, found=None) for p in kept)
        return SpendingCurve(points, self._lines, (a for a in self._amounts if a < most))

    def halve(self, piece: Piece) -> None:
        """Let a step end in the middle of a piece."""
        self._amounts.add(0.5 * (max(0.0, piece.above) + piece.money))

    def pieces(self) -> list[Piece]:
        """Return the steps of the curve, each of which leaves less than the one before."""
        found: list[Piece] = []
        above, place = -math.inf, 0
        for money in sorted({point.money for point in self.points} | self._amounts):
            while self.points[place].money < money:
                place += 1
            point = self.points[place]
            bound = max(point.bound, self.line_at(money))
            if not found or bound < found[-1].bound:
                found.append(Piece(above, money, bound, point))
            above = money
        return found

    def line_at(self, money: float) -> float:
        """Return what the lines say of so much money; nothing of use without any."""
        return max((line.at(money) for line in self._lines), default=-math.inf)


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= slack(other)
