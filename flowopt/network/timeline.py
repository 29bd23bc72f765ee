"""Times of a network: when its periods begin, and what leads and windows come to in them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import accumulate

from flowopt.network import schema

_SLACK = 1e-9  # years by which two times may differ and still be the same


class Timeline:
    """Periods in their order, with the time at which each begins.

    Parameters
    ----------
    periods
        Rows of the table `periods`, in file order.

    Attributes
    ----------
    periods : tuple of schema.Period
        The rows.
    starts : tuple of float
        When each begins, in years after the beginning of the first.
    index : dict
        Place of each period by id.
    """

    def __init__(self, periods: Sequence[schema.Period]) -> None:
        self.periods = tuple(periods)
        self.starts = tuple(accumulate((p.years for p in self.periods), initial=0.0))[:-1]
        self.index = {period.period: place for place, period in enumerate(self.periods)}

    def __len__(self) -> int:
        return len(self.periods)

    @property
    def years(self) -> float:
        """Years of all periods together."""
        return sum(period.years for period in self.periods)

    def described(self) -> str:
        """Return the periods in words.

        >>> years = [schema.Period(period=f"{year}") for year in range(2015, 2020)]
        >>> Timeline(years).described()
        '5 periods, 2015 to 2019, 5 years'
        >>> Timeline([schema.Period(period="now", years=1.5)]).described()
        '1 period, now, 1.5 years'
        """
        count, years = len(self), self.years
        names = [each.name or each.period for each in (self.periods[0], self.periods[-1])]
        return (
            f"{count} period{'s' * (count != 1)}, {' to '.join(dict.fromkeys(names))}, "
            f"{years:.10g} year{'s' * (years != 1)}"
        )

    def since(self, period: int, lead: float) -> Iterator[int]:
        """Yield the periods that begin at least a lead after one begins."""
        ready = self.starts[period] + lead - _SLACK
        return (place for place, start in enumerate(self.starts) if start >= ready)

    def between(self, row: schema.Measure | schema.Campaign) -> range:
        """Return the periods from the first to the last that a row names."""
        first = self.index[row.from_] if row.from_ else 0
        return range(first, (self.index[row.until] if row.until else len(self) - 1) + 1)

    def serves(self, measure: schema.Measure, period: int) -> list[int]:
        """Return the periods that a purchase of a measure serves, its window left aside."""
        lasts = float("inf") if measure.lasts is None else measure.lasts
        end = self.starts[period] + measure.lead + lasts - _SLACK
        return [place for place in self.since(period, measure.lead) if self.starts[place] < end]

    def purchases(self, measure: schema.Measure, period: int) -> list[int]:
        """Return the periods in which a purchase serves a period; none for nothing to buy."""
        if not measure.setup:
            return []
        return [q for q in range(period + 1) if period in self.serves(measure, q)]

    def latest_purchases(
        self, measure: schema.Measure, periods: Iterable[int], barred: Container[int] = ()
    ) -> list[int]:
        """Return purchases that serve a measure in force in some periods: the fewest, and latest.

        Parameters
        ----------
        measure, periods
            The measure, and when it is in force.
        barred
            Periods in which it is not bought.
        """
        bought: list[int] = []
        for period in sorted(periods):
            serving = [q for q in self.purchases(measure, period) if q not in barred]
            if serving and not any(q in bought for q in serving):
                bought.append(serving[-1])
        return bought

    def possible(self, measure: schema.Measure) -> list[int]:
        """Return the periods in which a measure can be in force, whatever a purchase costs."""
        window = self.between(measure)
        if measure.setup:
            return [place for place in window if self.purchases(measure, place)]
        ready = set(self.since(0, measure.lead)) if len(self) else set()
        return [place for place in window if place in ready]

    def most_open(self, opening: schema.Opening) -> list[float]:
        """Return the most that can be open in each period of what a row says may open.

        All of them at once: what opens early counts in every later period too.
        """
        opened, left = [0.0] * len(self), float("inf") if opening.limit is None else opening.limit
        for period, row in enumerate(self.periods):
            added = left if opening.most is None else min(left, opening.most * row.years)
            left -= added
            for place in self.since(period, opening.lead):
                opened[place] += added
        return opened
