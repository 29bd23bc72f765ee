"""Openings over all periods, thing by thing: when, how much, and what the schedule changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flowopt.network.network import Network
from flowopt.report.digits import amount
from flowopt.report.labels import capacity_label
from flowopt.report.period_figures import period_name
from flowopt.results.over_time_rows import OpeningChange

_LEAST = 0.005  # t/yr: less is rounding
_NAMED = 3  # things named in a sentence
PREVENTED, ONLY, SAME, MORE, LESS = (
    "prevented",
    "only because of it",
    "the same",
    "more",
    "less",
)


@dataclass(frozen=True, slots=True)
class OpenedThing:
    """A thing that opens in some periods.

    Attributes
    ----------
    on, target, commodity : str
        What grows.
    label : str
        The same by name.
    capacity : float
        Its capacity where nothing is open, in the first period in which something counts.
    opened, opened_baseline : mapping
        What opens by period, under the schedule and without measures, t/yr.
    cost : float
        What it costs under the schedule, M USD.
    """

    on: str
    target: str
    commodity: str
    label: str
    capacity: float
    opened: Mapping[str, float]
    opened_baseline: Mapping[str, float]
    cost: float

    @property
    def added(self) -> float:
        """Capacity opened under the schedule in all, t/yr."""
        return sum(self.opened.values())

    @property
    def added_baseline(self) -> float:
        """Capacity opened without measures in all, t/yr."""
        return sum(self.opened_baseline.values())

    @property
    def effect(self) -> str:
        """Effect of the schedule on it, in a word."""
        change = self.added - self.added_baseline
        if abs(change) < _LEAST:
            return SAME
        if self.added < _LEAST:
            return PREVENTED
        if self.added_baseline < _LEAST:
            return ONLY
        return MORE if change > 0.0 else LESS


def opened_things(network: Network, rows: Iterable[OpeningChange]) -> list[OpenedThing]:
    """Return what opens, thing by thing: what is opened only because of the schedule first."""
    by_thing: dict[tuple[str, str, str], list[OpeningChange]] = {}
    for row in rows:
        by_thing.setdefault((row.on, row.id, row.commodity), []).append(row)
    order = {each.period: place for place, each in enumerate(network.periods)}
    found = []
    for (on, target, commodity), each in by_thing.items():
        each.sort(key=lambda row: order[row.period])
        found.append(
            OpenedThing(
                on=on,
                target=target,
                commodity=commodity,
                label=capacity_label(network, on, target, commodity),
                capacity=each[0].capacity_before,
                opened={row.period: row.opened for row in each if row.opened >= _LEAST},
                opened_baseline={
                    row.period: row.opened_baseline for row in each if row.opened_baseline >= _LEAST
                },
                cost=sum(row.opening_cost for row in each),
            )
        )
    ranks = (ONLY, MORE, PREVENTED, LESS, SAME)
    found.sort(key=lambda e: (ranks.index(e.effect), -max(e.added, e.added_baseline)))
    return found


def when_opened(network: Network, opened: Mapping[str, float]) -> str:
    """Return when a thing opens and how much, as "2015 to 2018: 380.0 each"."""
    stretches: list[list[int]] = []
    names = [period_name(each) for each in network.periods]
    amounts = [opened.get(each.period, 0.0) for each in network.periods]
    for place, value in enumerate(amounts):
        if value < _LEAST:
            continue
        last = stretches[-1] if stretches else []
        if last and last[-1] == place - 1 and abs(amounts[last[-1]] - value) < _LEAST:
            last.append(place)
        else:
            stretches.append([place])
    texts = []
    for stretch in stretches:
        first, last_name = names[stretch[0]], names[stretch[-1]]
        when = first if len(stretch) == 1 else f"{first} to {last_name}"
        each = " each" if len(stretch) > 1 else ""
        texts.append(f"{when}: {amount(amounts[stretch[0]])}{each}")
    return "; ".join(texts) or "\u2013"


def opened_sentences(things: Sequence[OpenedThing], money: str) -> Iterator[str]:
    """Yield what opens, and what the schedule prevents and provokes, in words."""
    open_ = [each for each in things if each.opened]
    cost = sum(each.cost for each in open_)
    count = "1 capacity" if len(open_) == 1 else f"{len(open_)} capacities"
    yield (
        f"Under the schedule the trafficker adds to {count}, for {cost:,.2f} {money}."
        if open_
        else "Under the schedule the trafficker opens nothing."
    )
    for effect, words in (
        (PREVENTED, "The schedule prevents what would open without measures"),
        (ONLY, "Only because of the schedule it opens"),
    ):
        some = [each.label for each in things if each.effect == effect]
        if some:
            rest = len(some) - _NAMED
            more = f"; and {rest} more" if rest > 0 else ""
            yield f"{words}: {'; '.join(some[:_NAMED])}{more}."
