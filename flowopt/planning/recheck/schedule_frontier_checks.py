"""Re-check of the best schedules for many budgets: each of them, and the tables of all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowopt.network.network import Network
from flowopt.planning.recheck import result_networks
from flowopt.planning.recheck.budget_order import AtBudget, check_order
from flowopt.planning.recheck.certificate_reader import summary_of
from flowopt.planning.recheck.frontier_options import budgets_of
from flowopt.planning.recheck.json_values import MalformedError, read_json
from flowopt.planning.recheck.period_checks import verify_over_time
from flowopt.planning.recheck.period_context import Shown
from flowopt.planning.recheck.period_proofs import Years
from flowopt.planning.recheck.period_reader import read_time_certificate
from flowopt.planning.recheck.period_summary import compare_entry, of_the_question
from flowopt.planning.recheck.period_tables import YEARLY
from flowopt.planning.recheck.side_by_side_checks import (
    check_options,
    compare_options,
    plan_folders,
    results_checked,
)
from flowopt.planning.recheck.stated_over_time import TimeCertificate
from flowopt.planning.recheck.summary_checks import relative_gap
from flowopt.planning.recheck.table_checks import Cell, Difference, ExpectedRow, compare_table
from flowopt.planning.recheck.verdict import Check, Comparison, Verdict, unreadable
from flowopt.reading import input_text

SUMMARY, CERTIFICATE = "summary.json", "certificate.json"
_FRONTIER = (
    "budget status spent value bound gap cut cut_share marginal value_without_openings "
    "value_myopic measures bought"
)
_PERIODS = (
    "period years tonne_weight budget spent setup carried baseline value delivered weighted profit "
    "opened_baseline opened value_myopic"
)
_STACKED = ("schedule.csv", "plan.csv", "openings.csv", "markets.csv", "displacement.csv")
_UNCHECKED = ("flowopt", "interrupted", "seconds", "warnings")
# Those that only the schedule of one budget has.
_OWN_OPTIONS = frozenset({"budget", "threads", "target"})


@dataclass(frozen=True, slots=True)
class _Schedule:
    """The schedule of one budget: its folder, summary and certificate, and what this states."""

    folder: Path
    summary: Mapping[str, Any]
    certificate: TimeCertificate
    before: Shown
    after: Shown | None

    @property
    def budget(self) -> float:
        """M USD a year, in every period."""
        budget = self.certificate.budget
        if not isinstance(budget, float):
            raise MalformedError(f"{self.folder.name}: it has no budget of all periods")
        return budget

    @property
    def baseline(self) -> float:
        """The objective over all periods without measures."""
        return self.before.stated.open.value

    @property
    def value(self) -> float | None:
        """The objective over all periods; None without a schedule."""
        return None if self.after is None else float(self.summary["value"])  # which is checked

    @property
    def half_width(self) -> float:
        """Of the interval of a mean over what works; 0 where nothing is left to luck."""
        luck = self.summary.get("luck")
        return float(luck["half_width"]) if isinstance(luck, dict) else 0.0

    @property
    def bound(self) -> float | None:
        """The solver's claim of what no schedule goes below."""
        claim = self.certificate.claim
        return None if claim is None else claim.bound


def is_schedule_frontier(folder: Path) -> bool:
    """Return whether a folder holds the schedules of many budgets, by its summary."""
    try:
        return {"years", "frontier", "plans"} <= set(read_json(folder / SUMMARY))
    except MalformedError:
        return False


def verify_schedule_frontier(path: Path, copies: Sequence[Network]) -> Verdict:
    """Re-check the schedules in a folder.

    Raises
    ------
    RequestError, InputError
        As `flowopt.planning.verify.verify`.
    """
    network, checks = result_networks.network_and_copy(path, copies)
    try:
        folders = plan_folders(path)
        own, claims = results_checked(folders, network, verify_over_time)
        checks += own
        if all(check.passed for check in checks):
            checks += _of_all(path, network, folders)
        else:
            why = "a schedule of them did not pass"
            checks.append(
                Check("the tables of all budgets", False, "they were not checked", (why,))
            )
    except (MalformedError, KeyError, TypeError) as error:
        return unreadable(path, network.info.id, str(error), checks)
    claims.append(f"{', '.join(_UNCHECKED)} in summary.json stand as they were written")
    return Verdict(str(path), network.info.id, tuple(checks), tuple(claims))


def _of_all(path: Path, network: Network, folders: Sequence[Path]) -> Iterator[Check]:
    """Yield the checks of what the folder holds of all budgets together."""
    found = list(_schedules(network, folders))
    about: dict[str, Cell] = {"network": network.info.id}
    about["objective"] = found[0].certificate.objective if found else None
    yield _summary(path, found)
    yield compare_table(path / "frontier.csv", _columns(found), list(_rows(found)), about)
    periods = [row for each in found for row in each.summary["periods"]]
    columns = f"{_PERIODS} {YEARLY}" if _under_luck(found) else _PERIODS
    cells: list[ExpectedRow] = [[row[name] for name in columns.split()] for row in periods]
    yield compare_table(path / "frontier_periods.csv", columns, cells, about)
    for name in _STACKED:
        yield _stacked(path, name, folders)
    yield check_order(
        [
            AtBudget(
                each.folder.name,
                each.budget,
                each.value,
                each.bound,
                abs(each.baseline),
                each.half_width,
            )
            for each in found
        ]
    )


def _schedules(network: Network, folders: Sequence[Path]) -> Iterator[_Schedule]:
    years: Years | None = None
    for folder in folders:
        certificate = read_time_certificate(folder / CERTIFICATE)
        if certificate.result != "schedule":
            raise MalformedError(f"{folder.name}: {certificate.result} is no schedule")
        years = years or Years(network, certificate.objective)
        after = certificate.after
        yield _Schedule(
            folder,
            summary_of(folder),
            certificate,
            Shown(years, certificate.before),
            None if after is None else Shown(years, after, certificate.bought),
        )


def _under_luck(found: Sequence[_Schedule]) -> bool:
    return any(each.certificate.under_luck for each in found)


def _columns(found: Sequence[_Schedule]) -> str:
    """Return the columns of `frontier.csv`."""
    return f"{_FRONTIER} half_width all_works_value" if _under_luck(found) else _FRONTIER


def _summary(path: Path, found: Sequence[_Schedule]) -> Check:
    """Check that the schedules answer one question, and that the summary repeats it."""
    check = Comparison("the schedules answer one question, each for its own budget")
    stated = read_json(path / SUMMARY)
    check_options(stated)
    if not found:
        check.fault("there is no schedule")
        return check.check()
    first = found[0]
    names = [f"budget-{each.budget:.10g}" for each in found]
    expected = of_the_question(first.certificate, first.before) | {
        "carry": first.certificate.carry,
        "baseline": first.baseline,
        "plans": names,
    }
    expected.pop("options")
    check.equal("the folders", sorted(e.name for e in path.iterdir() if e.is_dir()), sorted(names))
    check.equal("that each budget is there once", len(set(names)), len(names))
    keys = {*expected, *_UNCHECKED, "frontier", "options"}
    check.equal("the keys", sorted(stated), sorted(keys))
    for key, value in expected.items():
        compare_entry(check, key, stated[key], value, abs(first.baseline))
    asked, there = budgets_of(str(stated["options"].get("budgets"))), [e.budget for e in found]
    if stated["interrupted"] is not True:
        check.equal("the budgets that were asked for", asked, tuple(there))
    check.equal("the number of rows", len(stated["frontier"]), len(found))
    for row, cells in zip(stated["frontier"], _rows(found), strict=False):
        check.about = f"budget {row['budget']}: "
        for name, cell in zip(_columns(found).split(), cells, strict=True):
            if isinstance(cell, Difference):
                check.close(name, row[name], cell.value, side=cell.side)
            else:
                compare_entry(check, name, row[name], cell, 0.0)
    for each in found:
        check.about = f"{each.folder.name}: "
        check.equal("the objective", each.certificate.objective, first.certificate.objective)
        check.equal("ties", each.certificate.ties, first.certificate.ties)
        check.equal("a target", each.certificate.target, None)
        compare_options(check, stated, each.certificate.options, _OWN_OPTIONS)
    return check.check()


def _rows(found: Sequence[_Schedule]) -> Iterator[ExpectedRow]:
    """Yield the rows of `frontier.csv`."""
    before: tuple[float, float] | None = None  # the budget below with a schedule, and its value
    lucky = _under_luck(found)
    for each in found:
        claim, after, value, bound = each.certificate.claim, each.after, each.value, each.bound
        status = "" if claim is None else claim.status
        if after is None or value is None:
            yield (each.budget, status, *(None,) * 9, "", "", *((None, None) if lucky else ()))
            continue
        cut, side = each.baseline - value, abs(each.baseline)
        marginal = None
        if before is not None:
            more = each.budget - before[0]
            marginal = Difference(max(0.0, before[1] - value) / more, side / more)
        gap = None if bound is None else relative_gap(value, min(bound, value), each.baseline)
        yield (
            each.budget,
            status,
            after.spent,
            value,
            bound,
            None if gap is None else Difference(gap, 1.0),
            Difference(cut, side),
            Difference(cut / each.baseline, 1.0) if each.baseline > 0.0 else None,
            marginal,
            each.summary.get("value_without_openings"),
            each.summary.get("value_myopic"),
            ";".join(after.stated.open.measures),
            ";".join(each.certificate.bought),
            *((each.half_width, after.stated.open.value) if lucky else ()),
        )
        before = (each.budget, value)


def _stacked(path: Path, name: str, folders: Sequence[Path]) -> Check:
    """Check that a table holds the rows of that of each budget, one after the other."""
    check = Comparison(f"{name} holds the rows of every budget")
    header: list[str] | None = None
    expected: list[list[str]] = []
    for folder in folders:
        if (folder / name).exists():
            first, *rows = _cells(folder / name)
            header = header or first
            expected += rows
    stated = _cells(path / name)
    if header is not None:
        check.equal("the header", stated[0], header)
    check.equal("the number of rows", len(stated) - 1, len(expected))
    for number, (row, other) in enumerate(zip(stated[1:], expected, strict=False), start=2):
        check.equal(f"row {number}", row, other)
    return check.check()


def _cells(file: Path) -> list[list[str]]:
    """Return the cells of a table with its header.

    Raises
    ------
    MalformedError
        When it cannot be read.
    """
    try:
        return list(csv.reader(io.StringIO(input_text(file), newline=""))) or [[]]
    except (OSError, ValueError, csv.Error) as error:
        raise MalformedError(f"{file.name} can't be read: {error}") from error
