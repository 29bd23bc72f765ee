"""Re-check of a stress: everything that follows from its draws, by plain arithmetic.

The value of a plan in a draw is not proved, since no flow is kept of it: it is listed as a claim,
and the same seed makes it again.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from flowopt.errors import InputError
from flowopt.network.chances import may_fail
from flowopt.network.network import Network
from flowopt.planning.recheck.certificate_reader import summary_of
from flowopt.planning.recheck.json_values import MalformedError, read_json
from flowopt.planning.recheck.result_networks import check_copy, network_files, own_network
from flowopt.planning.recheck.verdict import Check, Comparison, Verdict, unreadable
from flowopt.reading import input_text
from flowopt.result_names import EACH, FORMAT, table_now

SUMMARY = "summary.json"
_DIGITS = 1e-8  # relative: numbers worked out from others that were rounded to ten digits
_FEW, _THROWN = 7, 100  # chances of a plan that are counted in every draw, and throws beyond
_OBJECTIVES, _TIES = ("flow", "profit", "bilevel"), ("pessimistic", "optimistic")
_GRADES = ("A", "B", "C", "X")
_ESCAPED = ("'=", "'+", "'-", "'@")
_PLAN_COLUMNS = (
    "plan value mean sd p05 p25 p50 p75 p95 cut_mean cut_p05 cut_p50 cut_p95 cuts_nothing "
    "best_share behind_mean behind_p95 behind_max"
)
Table = list[dict[str, str]]


def is_stress(folder: Path) -> bool:
    """Return whether a folder holds a stress, by its summary."""
    try:
        return {"draws", "seed", "common"} <= set(read_json(folder / SUMMARY))
    except MalformedError:
        return False


def verify_stress(folder: Path, given: Network | None) -> Verdict:
    """Re-check a stress.

    Parameters
    ----------
    folder
        A folder that ``flowopt stress --out`` wrote.
    given
        Another copy of the network, to compare with that in the folder; needed where it holds none.
    """
    copies = []
    try:
        held = network_files(folder)
        network = given if given is not None and not held else own_network(folder)
        summary = summary_of(folder)
        if given is not None and held:
            copies.append(check_copy(held[0], given))
        checks = [*copies, *_Checks(folder, network, summary).checks()]
    except (MalformedError, InputError, OSError, ValueError, KeyError, TypeError) as error:
        about = "" if given is None else given.info.id
        return unreadable(folder, about, repr(error))
    claims = (
        "the values of draws.csv are those of best responses to drawn numbers: no flow is kept to "
        "prove them; the same command with the same seed makes them again",
        "what the plans are worth as things stand: `flowopt evaluate` proves it",
        "cuts at the ends of ranges, flips, rivals and R2 of drivers.csv and summary.json",
        "that the factors of factors.csv are those of the seed and the ranges: the same command "
        "draws them again",
    )
    return Verdict(str(folder), network.info.id, tuple(checks), claims)


class _Checks:
    """Checks of one stress; each reads what it needs."""

    def __init__(self, folder: Path, network: Network, summary: Mapping[str, Any]) -> None:
        for part in ("plans", "ranges"):
            if not isinstance(summary[part], dict):
                raise MalformedError(f"{SUMMARY}: {part} is no object with names")
        self.network, self.summary = network, summary
        self.plans: list[str] = list(summary["plans"])
        self.tolerance = float(summary["tolerance"])
        self.draws = _table(folder / "draws.csv")
        if len(self.draws) < 2:
            raise MalformedError(f"draws.csv: {len(self.draws)} draws, where 2 are the least")
        self.plan_rows = _table(folder / "plans.csv")
        self.drivers = _table(folder / "drivers.csv")
        self.factors = _table(folder / "factors.csv")
        self.columns = {name: f"value{EACH}{name}" for name in self.plans}
        self.values = {
            name: [float(row[column]) for row in self.draws]
            for name, column in self.columns.items()
        }
        self.baseline = [float(row["baseline"]) for row in self.draws]

    def checks(self) -> Iterator[Check]:
        """Yield every check."""
        yield self._network()
        yield self._asked()
        yield self._draws()
        yield self._plans()
        yield self._factors()
        yield self._drivers()
        yield self._summary()

    def _network(self) -> Check:
        check = Comparison("the stress is about this network, and its plans are of it")
        check.equal("the network", self.summary["network"], self.network.info.id)
        check.equal("the hash", self.summary["input_sha256"], self.network.sha256)
        thrown, lucky = self.summary.get("luck_draws"), may_fail(self.network)
        check.equal("that its measures may fail", thrown is not None, lucky)
        if lucky:
            coins = [_coins(self.network, each) for each in self.summary["plans"].values()]
            check.equal("throws of coins", thrown, _THROWN if max(coins) > _FEW else 0)
        known = [row.measure for row in self.network.measures]
        for name, measures in self.summary["plans"].items():
            in_order = [measure for measure in known if measure in measures]
            check.equal(f"the measures of {name}", list(measures), in_order)
        return check.check()

    def _asked(self) -> Check:
        check = Comparison("what was asked for is what the command takes")
        said = self.summary
        check.equal("that the objective is one", said["objective"] in _OBJECTIVES, True)
        check.equal("that ties are settled in a way there is", said["ties"] in _TIES, True)
        check.equal("the grades of ranges", sorted(said["ranges"]), sorted(_GRADES))
        for grade, most in said["ranges"].items():
            check.at_most(f"1 beside the range of {grade}", 1.0, float(most))
        check.equal("that the seed is a whole number", type(said["seed"]) is int, True)
        check.at_most("0 beside the seed", 0.0, said["seed"])
        check.at_most("0 beside what is common", 0.0, float(said["common"]))
        check.at_most("what is common", float(said["common"]), 1.0)
        asked = said["budget"] is not None
        check.equal("that draws are solved for a budget", asked, said["resolved"] > 0)
        if asked:
            check.at_most("0 beside the budget", 0.0, float(said["budget"]))
        return check.check()

    def _draws(self) -> Check:
        check = Comparison("draws.csv: every draw is there, and no plan helps the trafficker")
        expected = ["draw", "baseline", *self.columns.values(), "best_plans"]
        if self.summary["resolved"]:
            expected += ["own_best", "own_bound"]
        check.equal("the columns", list(self.draws[0]) if self.draws else [], expected)
        numbers = [row["draw"] for row in self.draws]
        check.equal("the draws", numbers, [str(i + 1) for i in range(self.summary["draws"])])
        for i, row in enumerate(self.draws):
            check.about = f"draw {i + 1}: "
            least = min(self.values[name][i] for name in self.plans)
            best = [n for n in self.plans if self.values[n][i] <= least + self.tolerance]
            check.equal("best_plans", row["best_plans"], ";".join(best))
            nothing = self.baseline[i]
            if self.summary["objective"] != "bilevel":
                for name in self.plans:
                    check.at_most(name, self.values[name][i], nothing, floor=self.tolerance)
            if i < self.summary["resolved"]:
                own = float(row["own_best"])
                check.at_most("own_best", own, self.values[self.plans[0]][i])
                if row["own_bound"]:
                    check.at_most("own_bound", float(row["own_bound"]), own, floor=self.tolerance)
        return check.check()

    def _plans(self) -> Check:
        check = Comparison("plans.csv follows from draws.csv", _DIGITS)
        columns = _PLAN_COLUMNS.split()
        check.equal("the columns", list(self.plan_rows[0]) if self.plan_rows else [], columns)
        check.equal("the plans", [row["plan"] for row in self.plan_rows], self.plans)
        largest = max(map(abs, self.baseline), default=0.0)
        for row in self.plan_rows:
            check.about = f"{row['plan']}: "
            for name, number in self._expected(row["plan"]).items():
                check.close(name, float(row[name]), number, side=largest)
            if self.summary["objective"] != "bilevel":
                most = float(self.summary["baseline"])
                check.at_most("value", float(row["value"]), most, floor=self.tolerance)
            else:
                check.at_most("0 beside value", 0.0, float(row["value"]))
        return check.check()

    def _expected(self, plan: str) -> dict[str, float]:
        """Return what follows from the draws for a plan."""
        values, nothing = self.values[plan], self.baseline
        least = [min(each) for each in zip(*(self.values[n] for n in self.plans), strict=True)]
        cut = [self._next_to_0(a - b) for a, b in zip(nothing, values, strict=True)]
        regret = [max(0.0, self._next_to_0(a - b)) for a, b in zip(values, least, strict=True)]
        count, mean = len(values), math.fsum(values) / len(values)
        squares = math.fsum((value - mean) ** 2 for value in values)
        return {
            "mean": mean,
            "sd": math.sqrt(squares / (count - 1)),
            **{f"p{p:02}": _quantile(values, p) for p in (5, 25, 50, 75, 95)},
            "cut_mean": math.fsum(cut) / count,
            **{f"cut_p{p:02}": _quantile(cut, p) for p in (5, 50, 95)},
            "cuts_nothing": sum(each <= 0.0 for each in cut) / count,
            "best_share": sum(each <= 0.0 for each in regret) / count,
            "behind_mean": math.fsum(regret) / count,
            "behind_p95": _quantile(regret, 95),
            "behind_max": max(regret),
        }

    def _next_to_0(self, number: float) -> float:
        return 0.0 if abs(number) <= self.tolerance else number

    def _factors(self) -> Check:
        check = Comparison("factors.csv has a factor of every group in every draw")
        groups = sorted(row["group"] for row in self.drivers)
        expected = [(str(i + 1), g) for i in range(self.summary["draws"]) for g in groups]
        check.equal(
            "that it has", [(r["draw"], r["group"]) for r in self.factors] == expected, True
        )
        reach = self._reach() * (1.0 + _DIGITS)
        within = all(1.0 / reach <= float(r["factor"]) <= reach for r in self.factors)
        check.equal("that they are within the widest range", within, True)
        return check.check()

    def _reach(self) -> float:
        """Return the largest factor that any number may have, or one over the least."""
        rows = self.network.ranges
        own = [row.high for row in rows if row.high is not None]
        own += [1.0 / row.low for row in rows if row.low is not None]
        return max([*map(float, self.summary["ranges"].values()), *own])

    def _drivers(self) -> Check:
        check = Comparison("drivers.csv: rank correlations follow from the draws", 1e-6)
        plan = self.plans[0]
        pairs = zip(self.baseline, self.values[plan], strict=True)
        cut = _ranks([self._next_to_0(a - b) for a, b in pairs])
        by_group: dict[str, list[float]] = {}
        for row in self.factors:
            by_group.setdefault(row["group"], []).append(float(row["factor"]))
        for row in self.drivers:
            check.about = f"{row['group']}: "
            check.equal("the grades", _graded(row["grades"]), int(row["numbers"]))
            if row["correlation"]:
                expected = _correlation(_ranks(by_group[row["group"]]), cut)
                check.close("correlation", float(row["correlation"]), expected, side=1.0)
            flips = [float(row[name]) for name in ("flip_low", "flip_high") if row[name]]
            check.equal("that a rival is named", bool(row["rival"]), bool(flips))
            rivals = set(filter(None, row["rival"].split(";")))
            check.equal("that rivals are plans", rivals <= set(self.plans[1:]), True)
        check.about = ""
        widths = [self._width(row) for row in self.drivers]
        falls = all(after <= before + 1 for before, after in pairwise(widths))  # but for rounding
        check.equal("that the widest comes first", falls, True)
        return check.check()

    def _width(self, row: Mapping[str, str]) -> float:
        """Return by how many tolerances a group moves the cut, -1 where nothing hangs on it."""
        if not (row["cut_low"] and row["cut_high"]):
            return -1.0
        wide = abs(float(row["cut_high"]) - float(row["cut_low"]))
        return round(wide / self.tolerance) if self.tolerance > 0.0 else 0.0

    def _summary(self) -> Check:
        check = Comparison("summary.json follows from the tables", _DIGITS)
        summary = self.summary
        check.equal("the format", summary["format"], FORMAT)
        check.equal("the status", summary["status"], "sampled")
        check.equal("groups", summary["groups"], len(self.drivers))
        check.equal("numbers", summary["numbers"], sum(int(r["numbers"]) for r in self.drivers))
        least = [min(each) for each in zip(*(self.values[n] for n in self.plans), strict=True)]
        pairs = list(zip(self.baseline, least, strict=True))
        share = sum(a - b <= self.tolerance for a, b in pairs) / len(pairs)
        check.close("nothing_cut", summary["nothing_cut"], share)
        base = 1e-6 * max(abs(summary["baseline"]), 1e-9)
        check.close("tolerance", self.tolerance, base)
        count = summary["resolved"]
        check.equal("the names in regret", bool(summary["regret"]), count > 0)
        check.equal("that regret lists names", isinstance(summary["regret"], dict), True)
        if count:
            own = [float(row["own_best"]) for row in self.draws[:count]]
            regret = [a - b for a, b in zip(self.values[self.plans[0]], own, strict=False)]
            side = max(map(abs, own))
            stated = summary["regret"]
            check.close("regret: mean", stated["mean"], math.fsum(regret) / count, side=side)
            check.close("regret: max", stated["max"], max(regret), side=side)
        return check.check()


def _graded(grades: str) -> int | None:
    """Return how many numbers have a grade, or none, as a cell counts them; None where it can't."""
    counted = 0
    for each in grades.split("; "):
        grade, _, count = each.partition(" ")
        if grade not in (*_GRADES, "none") or not count.isdigit():
            return None
        counted += int(count)
    return counted


def _coins(network: Network, plan: Sequence[str]) -> int:
    """Return on how many chances a plan hangs."""
    working = {row.measure for row in network.measures if row.measure in plan and row.success > 0}
    rows = (*network.measures, *network.effects)
    return sum(0.0 < row.success < 1.0 for row in rows if row.measure in working)


def _table(path: Path) -> Table:
    """Return the rows of a CSV file by column, without the apostrophes against formulas."""
    first, *others = list(csv.reader(io.StringIO(input_text(path), newline=""), strict=True)) or [
        []
    ]
    header, rows = table_now(path, first, others)
    return [
        {
            name: cell[1:] if cell.startswith(_ESCAPED) else cell
            for name, cell in zip(header, row, strict=True)
        }
        for row in filter(None, rows)
    ]


def _quantile(values: Sequence[float], percent: float) -> float:
    """Return a quantile, straight between the two values beside it."""
    ordered = sorted(values)
    place = percent / 100 * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def _ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value; equal ones share the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    first = 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        for i in order[first : last + 1]:
            ranks[i] = (first + last) / 2
        first = last + 1
    return ranks


def _correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return the correlation of two lists; None where one does not vary."""
    mean = (len(one) - 1) / 2
    both = math.fsum((a - mean) * (b - mean) for a, b in zip(one, other, strict=True))
    squares = [math.fsum((a - mean) ** 2 for a in each) for each in (one, other)]
    return both / math.sqrt(squares[0] * squares[1]) if min(squares) > 0.0 else None
