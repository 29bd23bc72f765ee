"""Checks of `alternatives.csv` over time: conditions and values of the best schedules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from flowopt.network.network import Network
from flowopt.planning.recheck.alternative_checks import check_rank
from flowopt.planning.recheck.period_conditions import check_schedule
from flowopt.planning.recheck.period_context import Shown, about_of
from flowopt.planning.recheck.period_luck import ScheduleLuck, alternatives_of
from flowopt.planning.recheck.period_proofs import TimeProofs, Years
from flowopt.planning.recheck.stated_over_time import (
    StatedResponse,
    TimeCertificate,
)
from flowopt.planning.recheck.table_checks import Difference, compare_cell, read_table
from flowopt.planning.recheck.verdict import Check, Comparison

FILE = "alternatives.csv"
COLUMNS = "rank value rank_bound rank_gap status spent measures bought"


def check_alternatives(
    folder: Path,
    years: Years,
    certificate: TimeCertificate,
    network: Network,
    failing: dict[tuple[int, ...], Years],
) -> Iterator[Check]:
    """Yield the checks of the best schedules; none where there is no list of them.

    Parameters
    ----------
    folder, certificate
        The result.
    years, network, failing
        Years of the network when all works that can, the network with its chances, and years where
        rows of effects fail.
    """
    stated, lucky = certificate.alternatives, certificate.under_luck
    if not stated and not (folder / FILE).exists():
        return
    check = Comparison(f"{FILE} lists schedules, none of which holds an earlier one")
    columns = f"{COLUMNS} half_width" if lucky else COLUMNS
    rows = read_table(folder / FILE, columns, check, about_of(certificate))
    check.equal("the number of schedules", len(rows), len(stated))
    before = Shown(years, certificate.before)
    baseline = certificate.before.open
    proofs = TimeProofs(years, certificate.ties, "under each alternative", baseline)
    campaigns = list(alternatives_of(certificate))
    conditions: list[Check] = []
    plans: list[set[str]] = []
    for rank, (each, cells) in enumerate(zip(stated, rows, strict=False), start=1):
        check.about = f"row {rank + 1}: "
        shown = Shown(years, StatedResponse(each.open, each.closed or each.open), each.bought)
        about = f"alternative {rank}: "
        found = check_schedule(replace(certificate, bought=each.bought), shown)
        conditions.append(replace(found, name=f"{about}{found.name}"))
        proofs.add(shown.in_force, each.open, about)
        value, drawn = each.open.value, False
        if lucky:
            campaign = campaigns[rank - 1]
            luck = ScheduleLuck(network, certificate, before, campaign, shown, failing)
            conditions += luck.checks()
            mean = luck.mean(None, Comparison("not told"))
            value, drawn = mean.value, mean.drawn
            compare_cell(check, "half_width", cells[8], Difference(mean.half_width, abs(value)))
        check_rank(rank, cells, shown.spent, baseline.value, check, drawn=drawn)
        compare_cell(check, "value", cells[1], value)
        compare_cell(check, "measures", cells[6], ";".join(each.open.measures))
        compare_cell(check, "bought", cells[7], ";".join(each.bought))
        plan = set(each.open.measures)
        if any(earlier <= plan for earlier in plans):
            check.fault("the schedule holds all of an earlier one")
        plans.append(plan)
    check.about = ""
    if stated and certificate.after is not None:
        first = (stated[0].open.measures, stated[0].bought)
        check.equal("the first", first, (certificate.after.open.measures, certificate.bought))
    yield check.check()
    yield from conditions
    if stated:
        yield from proofs.checks()
        if lucky:
            yield from _closed(years, certificate).checks()


def _closed(years: Years, certificate: TimeCertificate) -> TimeProofs:
    """Return the checks of what each alternative leaves if nothing opened, when all works."""
    baseline = certificate.before.closed
    about = "under each alternative if nothing opened"
    proofs = TimeProofs(years, certificate.ties, about, baseline, opens=False)
    for rank, each in enumerate(certificate.alternatives, start=1):
        if each.closed is not None:
            proofs.add(Shown(years, StatedResponse(each.open, each.open)).in_force, each.closed,
                       f"alternative {rank}: ")  # fmt: skip
    return proofs
