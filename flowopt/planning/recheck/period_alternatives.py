"""Checks of `alternatives.csv` over time: conditions and values of the best schedules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from flowopt.planning.recheck.alternative_checks import check_rank
from flowopt.planning.recheck.period_conditions import check_schedule
from flowopt.planning.recheck.period_context import Shown, about_of
from flowopt.planning.recheck.period_proofs import TimeProofs, Years
from flowopt.planning.recheck.stated_over_time import StatedResponse, TimeCertificate
from flowopt.planning.recheck.table_checks import compare_cell, read_table
from flowopt.planning.recheck.verdict import Check, Comparison

FILE = "alternatives.csv"
COLUMNS = "rank value rank_bound rank_gap status spent measures bought"


def check_alternatives(folder: Path, years: Years, certificate: TimeCertificate) -> Iterator[Check]:
    """Yield the checks of the best schedules; none where there is no list of them."""
    stated = certificate.alternatives
    if not stated and not (folder / FILE).exists():
        return
    check = Comparison(f"{FILE} lists schedules, none of which holds an earlier one")
    rows = read_table(folder / FILE, COLUMNS, check, about_of(certificate))
    check.equal("the number of schedules", len(rows), len(stated))
    baseline = certificate.before.open
    proofs = TimeProofs(years, certificate.ties, "under each alternative", baseline)
    conditions: list[Check] = []
    plans: list[set[str]] = []
    for rank, (each, cells) in enumerate(zip(stated, rows, strict=False), start=1):
        check.about = f"row {rank + 1}: "
        shown = Shown(years, StatedResponse(each.open, each.open), each.bought)
        about = f"alternative {rank}: "
        found = check_schedule(replace(certificate, bought=each.bought), shown)
        conditions.append(replace(found, name=f"{about}{found.name}"))
        proofs.add(shown.in_force, each.open, about)
        check_rank(rank, cells, shown.spent, baseline.value, check)
        compare_cell(check, "value", cells[1], each.open.value)
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
