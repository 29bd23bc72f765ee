"""The table of Peru's campaigns: `python -m tests.docs.campaign_table` writes it again.

It values the seven campaigns of `networks/peru-2015-2019` and finds the best schedule for 20 M USD
a year, which takes minutes, and puts what it finds between the marks of `docs/over-time.md`. The
test of the page values the schedules of the table anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flowopt.network.network import Network
from flowopt.planning.evaluate_over_time import evaluate_over_time
from flowopt.planning.trafficker_over_time import TraffickerOverTime
from flowopt.results.over_time import EvaluationOverTime
from tests.networks import ROOT, shipped

PAGE = ROOT / "docs" / "over-time.md"
NETWORK, BUDGET, BEST = "peru-2015-2019", 20, "best"
SECONDS = 300.0  # those of the command, for all of it
AGAIN = "out of date: python -m tests.docs.campaign_table"
COMMAND = f"flowopt evaluate networks/{NETWORK} --campaign all --budget {BUDGET} --best"
_MARKED = re.compile(r"(<!-- campaigns -->\n\n).*?(?=<!-- end of campaigns -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """One schedule of the table: its name, and its numbers as they are printed."""

    name: str
    numbers: tuple[str, ...]


def valued(network: Network, best: Iterable[str]) -> list[Row]:
    """Return the rows of all campaigns and a best schedule, each valued by both objectives."""
    found, profits = evaluated(network, best)
    return list(rows_of(found, profits))


def evaluated(network: Network, best: Iterable[str]) -> tuple[EvaluationOverTime, dict[str, float]]:
    """Return all campaigns and a best schedule by tonnes, and what each and nothing earn.

    Nothing is under "". What less foresight earns takes long to find, and is in no table.
    """
    held = list(best)
    tonnes = evaluate_over_time(network, ["all"], schedules={BEST: held} if held else {})
    trafficker = TraffickerOverTime(network, objective="profit")
    profits = {name: trafficker.value(each.measures) for name, each in tonnes.after.items()}
    return tonnes, {"": trafficker.value(), **profits}


def rows_of(found: EvaluationOverTime, profits: Mapping[str, float]) -> Iterator[Row]:
    for row in found.campaigns:
        simulated = found.baseline - (row.value_myopic or 0.0)
        tonnes = [row.spent, row.cut, row.cut_without_openings, simulated]
        less = profits[""] - profits[row.campaign]
        yield Row(row.campaign, (*(f"{each:.1f}" for each in tonnes), f"{less:.0f}"))


def table(rows: Iterable[Row]) -> str:
    """Return the table."""
    heads = ("campaign", "M USD", "cut, t", "if nothing opened", "without foresight",
             "cut of profit, M USD")  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    lines += [f"| {' | '.join((row.name, *row.numbers))} |" for row in rows]
    return "\n".join(lines) + "\n"


def schedule_table(best: Iterable[str]) -> str:
    """Return the table of a schedule, a row for each period."""
    periods: dict[str, list[str]] = {}
    for label in best:
        measure, _, period = label.rpartition("@")
        periods.setdefault(period, []).append(measure)
    lines = ["| period | the best schedule |", "| --- | --- |"]
    lines += [f"| {period} | {' '.join(names)} |" for period, names in periods.items()]
    return "\n".join(lines) + "\n"


def read(text: str) -> tuple[list[Row], list[str]]:
    """Return the rows of a page's table, and its best schedule as ``m01@2015``."""
    found = _MARKED.search(text)
    assert found is not None
    rows, best = [], []
    for line in found[0].splitlines():
        name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if len(cells) == 1 and name.isdigit():
            best += [f"{measure}@{name}" for measure in cells[0].split()]
        elif len(cells) > 1 and re.fullmatch(r"-?[\d.]+", cells[0]):
            rows.append(Row(name, tuple(cells)))
    return rows, best


def main() -> None:
    network = shipped(NETWORK)
    found = evaluate_over_time(
        network, ["all"], budget=BUDGET, best=True, workers=2, time_limit=SECONDS
    )
    best = list(found.after[BEST].measures)
    row = next(each for each in found.campaigns if each.campaign == BEST)
    most = found.baseline - (row.bound or 0.0)
    proved = "Proved" if row.status == "optimal" else "Not proved"
    sure = f"{proved}: no schedule for {BUDGET} M USD a year cuts more than {most:.2f} t.\n"
    made = f"{table(valued(network, best))}\n{schedule_table(best)}\n{sure}\n"
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_MARKED.sub(lambda marks: marks[1] + made, text), encoding="utf-8")


if __name__ == "__main__":
    main()
