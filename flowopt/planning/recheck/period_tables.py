"""Checks of the tables of a result over periods."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flowopt.planning.recheck import organisation_checks, table_checks
from flowopt.planning.recheck.period_context import (
    OpeningLine,
    ScheduleMean,
    Shown,
    about_of,
    contexts,
    lost,
    opening_lines,
)
from flowopt.planning.recheck.stated_over_time import StatedCampaign, TimeCertificate
from flowopt.planning.recheck.table_checks import (
    ANY_NUMBER,
    Cell,
    Difference,
    ExpectedRow,
    FlowContext,
    compare_table,
)
from flowopt.planning.recheck.verdict import Check, Comparison

OPENED = (
    "period on id commodity opened_before opened capacity_before capacity_after opening_cost "
    "shadow_price"
)
SCHEDULE = "period measure name kind bought in_force setup cost lost_if_dropped"
SCHEDULED = "campaign period measure name kind bought in_force setup cost"
PLAN = "rank measure name kind cost bought in_force lost_if_dropped"
CAMPAIGNS = (
    "campaign value cut cut_share spent value_without_openings cut_without_openings value_myopic "
    "breaks status bound"
)
YEARLY = "value_mean"  # of tables of periods, where measures may fail
Rows = Callable[[FlowContext], Iterable[ExpectedRow]]


def _earned(context: FlowContext) -> Iterator[ExpectedRow]:
    return organisation_checks.organisation_rows(context, solution=False)


def _earned_change(context: FlowContext) -> Iterator[ExpectedRow]:
    return organisation_checks.organisation_rows(context, solution=True)


_OF_BOTH: tuple[tuple[str, str, Rows], ...] = (
    ("markets.csv", table_checks.MARKETS, table_checks.market_rows),
    ("displacement.csv", table_checks.DISPLACEMENT, table_checks.displacement_rows),
)
_OF_SCHEDULE: tuple[tuple[str, str, Rows], ...] = (
    ("flows.csv", table_checks.FLOWS, table_checks.flow_rows),
    *_OF_BOTH,
    ("binding.csv", table_checks.BINDING, table_checks.binding_rows),
    (organisation_checks.FILE, organisation_checks.CHANGES, _earned_change),
)
_OF_RESPONSE: tuple[tuple[str, str, Rows], ...] = (
    ("flows.csv", table_checks.RESPONSE_FLOWS, table_checks.response_flow_rows),
    ("sites.csv", table_checks.SITES, table_checks.site_rows),
    ("supplies.csv", table_checks.SUPPLIES, table_checks.supply_rows),
    ("markets.csv", table_checks.RESPONSE_MARKETS, table_checks.response_market_rows),
    ("binding.csv", table_checks.BINDING, table_checks.binding_rows),
    (organisation_checks.FILE, organisation_checks.EARNED, _earned),
)
FILES = ("schedule.csv", "plan.csv", "openings.csv", *(name for name, _, _ in _OF_SCHEDULE))


@dataclass(frozen=True, slots=True)
class TableChecks:
    """Checks of the tables of one folder."""

    folder: Path
    certificate: TimeCertificate

    @property
    def about(self) -> dict[str, Cell]:
        """The first columns of each table."""
        return about_of(self.certificate)

    def of_response(self, shown: Shown) -> Iterator[Check]:
        """Yield the checks of the tables of a response."""
        lines = opening_lines(None, shown)
        yield self._compare("openings.csv", OPENED, [line.cells for line in lines])
        for name, columns, rows in _OF_RESPONSE:
            if self._there(name, shown):
                found = [(t, *row) for t, each in contexts(shown, shown) for row in rows(each)]
                yield self._compare(name, f"period {columns}", found)
            else:
                yield from self._absent(name)

    def of_schedule(
        self, before: Shown, after: Shown, mean: ScheduleMean | None = None
    ) -> Iterator[Check]:
        """Yield the checks of the tables of a schedule; `mean` is what it does over what works."""
        lines = opening_lines(before, after)
        yield self._compare("schedule.csv", SCHEDULE, list(self._schedule(after, mean)))
        yield self._compare("plan.csv", PLAN, list(self._plan(after, mean)))
        yield self._compare("openings.csv", f"{OPENED} opened_baseline", _changed(lines))
        for name, columns, rows in _OF_SCHEDULE:
            if self._there(name, after):
                found = [(t, *row) for t, each in contexts(before, after) for row in rows(each)]
                yield self._compare(name, f"period {columns}", found)
            else:
                yield from self._absent(name)

    def of_campaigns(
        self,
        before: Shown,
        campaigns: list[tuple[StatedCampaign, Shown]],
        yearly: Mapping[str, tuple[float, ...] | None] | None = None,
    ) -> Iterator[Check]:
        """Yield the checks of the tables of campaigns; `yearly` are means of years under luck."""
        opened: list[ExpectedRow] = []
        bought: list[ExpectedRow] = []
        for stated, shown in campaigns:
            name = stated.campaign
            opened += [(name, *row) for row in _changed(opening_lines(before, shown))]
            bought += [(name, *row[:-1]) for row in self._schedule(shown)]
        yield self._compare("openings.csv", f"campaign {OPENED} opened_baseline", opened)
        yield self._compare("schedule.csv", SCHEDULED, bought)
        for file, columns, rows in _OF_BOTH:
            found = [
                (stated.campaign, t, *row)
                for stated, shown in campaigns
                for t, each in contexts(before, shown)
                for row in rows(each)
            ]
            yield self._compare(file, f"campaign period {columns}", found)
        none = self.certificate.objective == "bilevel"
        periods = [
            (stated.campaign, period, *self._value_of(shown, t), shown.money[t].a_year,
             None if none else ANY_NUMBER, *_mean_of(yearly, stated.campaign, t))
            for stated, shown in campaigns
            for t, period in enumerate(shown.horizon.names)
        ]  # fmt: skip
        columns = "campaign period value spent value_myopic"
        columns += "" if yearly is None else f" {YEARLY}"
        yield self._compare("campaign_periods.csv", columns, periods)

    def _value_of(self, shown: Shown, t: int) -> tuple[Difference]:
        year = shown.totals[t]
        if self.certificate.objective == "profit":
            return (Difference(year.profit, year.revenue + year.expenses),)
        return (Difference(year.weighted, year.weighted),)

    def _compare(self, name: str, columns: str, rows: Sequence[ExpectedRow]) -> Check:
        return compare_table(self.folder / name, columns, rows, self.about)

    def _there(self, name: str, shown: Shown) -> bool:
        return name != organisation_checks.FILE or bool(shown.network.earnings)

    def _absent(self, name: str) -> Iterator[Check]:
        if (self.folder / name).exists():
            check = Comparison(f"there is no {name} where nobody earns")
            check.fault(f"{name} is there, but the network has no earnings")
            yield check.check()

    def _without(
        self, shown: Shown, mean: ScheduleMean | None
    ) -> tuple[Mapping[str, float], float]:
        """Return what is left without each measure, and with all."""
        if mean is not None:
            return mean.without, mean.value
        dropped = {name: proof.value for name, proof in self.certificate.dropped.items()}
        return dropped, shown.stated.open.value

    def _schedule(self, shown: Shown, mean: ScheduleMean | None = None) -> Iterator[ExpectedRow]:
        """Yield each measure that is bought or in force in a period."""
        objective = self.certificate.objective
        dropped, value = self._without(shown, mean)
        rows = {row.measure: row for row in shown.network.measures}
        order = {name: place for place, name in enumerate(rows)}
        running, buying = set(shown.in_force), set(shown.bought)
        for each in sorted(running | buying, key=lambda e: (e[1], order[e[0]])):
            row, label = rows[each[0]], shown.horizon.label(each)
            worth = lost(dropped.get(label), value, objective) if each in running else None
            yield (
                shown.horizon.names[each[1]],
                row.measure,
                row.name,
                row.kind,
                "yes" if each in buying else None,
                "yes" if each in running else None,
                row.setup if each in buying else 0.0,
                row.cost if each in running else 0.0,
                None if worth is None else Difference(worth, abs(value) + abs(worth)),
            )

    def _plan(self, shown: Shown, mean: ScheduleMean | None) -> Iterator[ExpectedRow]:
        """Yield each measure over all periods, the one that would be missed most first."""
        dropped, value = self._without(shown, mean)
        names = shown.horizon.names
        periods = shown.network.periods
        found = []
        for row in shown.network.measures:
            running = [t for m, t in shown.in_force if m == row.measure]
            bought = [t for m, t in shown.bought if m == row.measure]
            if not running and not bought:
                continue
            key = row.measure if len(running) != 1 else f"{row.measure}@{names[running[0]]}"
            worth = lost(dropped.get(key), value, self.certificate.objective)
            cost = math.fsum(row.cost * periods[t].years for t in running)
            found.append((row, cost + row.setup * len(bought), bought, running, worth))
        found.sort(key=lambda each: math.inf if each[4] is None else -round(each[4], 9))
        for rank, (row, cost, bought, running, worth) in enumerate(found, start=1):
            yield (
                float(rank),
                row.measure,
                row.name,
                row.kind,
                cost,
                ";".join(names[t] for t in bought),
                ";".join(names[t] for t in running),
                None if worth is None else Difference(worth, abs(value) + abs(worth)),
            )


def _changed(lines: list[OpeningLine]) -> list[ExpectedRow]:
    return [(*line.cells, line.baseline) for line in lines]


def _mean_of(
    yearly: Mapping[str, tuple[float, ...] | None] | None, name: str, period: int
) -> tuple[float | None, ...]:
    """Return the cell of the mean of a year, if tables have such a column."""
    if yearly is None:
        return ()
    means = yearly[name]
    return (None if means is None else means[period],)
