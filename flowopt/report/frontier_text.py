"""Text of a frontier: budgets, roles of measures, ladder.

Sentences and tables for stdout, and a live table of progress for a terminal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from flowopt.clock import LimitReason
from flowopt.network.checks.scenarios import as_it_stands
from flowopt.network.network import Network
from flowopt.plain_text import plain_number
from flowopt.planning.sweep.progress import RowProgress, SweepProgress
from flowopt.report.certainty import stopped_by
from flowopt.report.part_text import part_sentences
from flowopt.report.plan_words import MeasureNames
from flowopt.report.scenario_text import print_scenarios_aside
from flowopt.report.terminal import Terminal, new_console, new_table, plain, print_table
from flowopt.report.units import Units
from flowopt.results.budget_rows import FrontierRow, LadderRow
from flowopt.results.frontier import Frontier, SweepSummary

_MOST_LIVE = 24  # rows of the live table
_MOST_ROWS = 60  # rows of a printed table; the rest is in the files
_SOON = 1.0  # seconds: an estimate below it is used up
_NOTHING = 0.005  # of the objective: less is not printed
_NO_GAP = 5e-6  # a smaller one would be printed as 0.000%


def frontier_report(networks: Sequence[Network], frontier: Frontier) -> None:
    """Print every sweep of a comparison."""
    console = new_console()
    by_id = {network.info.id: network for network in networks}
    for number, sweep in enumerate(frontier.sweeps):
        if number:
            console.print()
        _SweepText(console, by_id[sweep.network], frontier, sweep).print()
    for network in networks:
        print_scenarios_aside(console, network, plans=True)


def no_plan(rows: Sequence[FrontierRow], limit: LimitReason | None) -> str:
    """Return the sentence for a comparison without a plan: only a proof rules all out."""
    if all(row.status == "infeasible" for row in rows):
        return "There is no plan for any of these budgets."
    return f"No plan was found for any of these budgets{stopped_by(limit)}."


class _SweepText:
    """Text of one network and objective."""

    def __init__(
        self, console: Console, network: Network, frontier: Frontier, sweep: SweepSummary
    ) -> None:
        self._console = console
        self._network = network
        self._units = Units(network, sweep.objective, frontier.of)
        self._names = MeasureNames(network)
        self._sweep = sweep
        self._rows = frontier.rows_of(sweep)
        self._ladder = frontier.ladder_of(sweep)
        self._gap = frontier.allowed_gap
        self._asked = {} if frontier.ties is None else {"ties": frontier.ties}
        self._limit, self._budgets = frontier.limit, frontier.budgets
        self._several = len({each.objective for each in frontier.sweeps}) > 1

    def print(self) -> None:
        """Print the whole text."""
        info, units, baseline = self._network.info, self._units, self._sweep.baseline
        which = f", objective {self._sweep.objective}" if self._several else ""
        self._console.print(plain(f"{info.title} ({info.label}{which})", style="bold"))
        self._print(
            f"What budgets do to {units.quantity}: {baseline:,.2f} {units.unit} a year without any "
            "measure."
        )
        about = {"objective": self._sweep.objective, **self._asked}
        for sentence in part_sentences(about, units, lambda tonnes: f"{tonnes:,.2f}"):
            self._print(sentence)
        if self._limit == "interrupted":
            self._print(self._interrupted())
        self._print(self._certainty(), style="green" if self._proved else "yellow")
        if any(row.value is not None for row in self._rows):
            self._print_budgets()
            for sentence in self._summary():
                self._print(sentence)
            self._print_ladder()
        for warning in as_it_stands(self._sweep.warnings):
            self._print(f"warning: {warning}")

    def _print(self, sentence: str, style: str = "") -> None:
        self._console.print(plain(sentence, style=style), soft_wrap=False)

    def _interrupted(self) -> str:
        """Return the sentence on the rows that an interrupted comparison lacks."""
        if self._budgets == "all":
            return "Interrupted: further budgets at which the best plan changes may be missing."
        return (
            f"Interrupted: {len(self._rows)} of {len(self._budgets)} budgets were finished; the "
            "others are missing."
        )

    def _certainty(self) -> str:
        """Return the certainty of the rows."""
        count = sum(row.value is not None for row in self._rows)
        proved, gap = self._sweep.proved, self._gap
        if not count:
            return no_plan(self._rows, self._limit)
        rows = f"{count} budget{'s' if count != 1 else ''}"
        certainty = (
            f"{rows}, each proved to {gap:.2%} or closer."
            if proved == count
            else f"{rows}, {proved} of them proved to {gap:.2%}; ? marks the others"
            f"{stopped_by(self._limit)}, whose gap says what a better plan may still gain."
        )
        if len(self._rows) > count:
            certainty += f" For {len(self._rows) - count} there is no plan."
        if self._sweep.complete is None:
            return certainty
        placed = sum(row.step == "proved" for row in self._rows)
        if self._sweep.complete:
            place = f"for {placed} of {count} no cheaper plan does the same, proved"
            return f"{certainty} Every change of the best plan above {gap:.2%} is here; {place}."
        cause = "Time ran out: further" if self._limit == "time" else "Further"
        return (
            f"{certainty} {cause} changes of the best plan may be missing. {count - placed} of "
            f"{count} are marked ~: a cheaper plan may do the same, or changes before it may be "
            f"missing, and what it cuts per {self._units.money} is a mean over the hole."
        )

    def _print_budgets(self) -> None:
        units = self._units
        headers = [
            "budget",
            "spent",
            f"{units.unit} left",
            "cut",
            f"per {units.money}",
            "measures",
            "gap",
            "",
        ]
        table = _numbers(headers)
        knees = set(self._sweep.knees)
        for row in self._rows[:_MOST_ROWS]:
            mark = "knee" if row.budget in knees else ""
            doubt = "" if row.status in ("optimal", "infeasible") else "?"
            hole = "~" if self._sweep.complete is False and row.step == "open" else ""
            table.add_row(*_cells(row), f"{mark}{doubt}{hole}")
        more = len(self._rows) - _MOST_ROWS
        note = f"and {more} more budgets in frontier.csv" if more > 0 else ""
        qualifier = "" if self._proved else " found"
        title = f"The best plan{qualifier} for each budget, {units.money} a year"
        print_table(self._console, title, table, note)
        self._console.print()

    def _summary(self) -> Iterator[str]:
        sweep, money = self._sweep, self._units.money
        count = sum(row.value is not None for row in self._rows)
        if sweep.complete is False and count > 1:
            yield "Of the budgets found so far:"
        if sweep.knees:
            listed = _list([plain_number(budget) for budget in sweep.knees])
            yield (
                f"Knees at {listed} {money}: beyond each, a million buys at most three quarters "
                "of what it bought before."
            )
        elif count > 1:
            yield (
                "No knee in this range: nowhere does a million buy three quarters or less of what "
                "it bought before."
            )
        if sweep.core:
            yield f"In every plan that buys anything: {self._names.listed(sweep.core)}."
        else:
            yield "No measure is in every plan that buys anything."
        if sweep.stays:
            yield f"Once in, in every plan for more: {self._names.listed(sweep.stays)}."
        if sweep.switches:
            parts = [
                f"{self._names.of(name)} at {spell}" for name, spell in self._spells(sweep.switches)
            ]
            yield f"Come and go: {'; '.join(parts)}."

    def _spells(self, switches: Mapping[str, Sequence[float]]) -> Iterator[tuple[str, str]]:
        """Yield each switch with the stretches of budgets whose plans hold it."""
        places = {row.budget: place for place, row in enumerate(self._rows)}
        for name, budgets in switches.items():
            spells = []
            numbered = [(places[budget] - n, budget) for n, budget in enumerate(budgets)]
            for _, spell in groupby(numbered, key=lambda pair: pair[0]):
                ends = [budget for _, budget in spell]
                spells.append(
                    f"{plain_number(ends[0])}"
                    if len(ends) == 1
                    else f"{plain_number(ends[0])} to {plain_number(ends[-1])}"
                )
            yield name, _list(spells)

    def _print_ladder(self) -> None:
        bought = [row for row in self._ladder if row.buy]
        if not bought:
            return
        unit = self._units.unit
        table = Table(box=None, pad_edge=False)
        for header in ("budget", "spent"):
            table.add_column(header, justify="right", no_wrap=True)
        table.add_column("buy, in this order", overflow="fold")
        table.add_column(f"{unit} left", justify="right")
        table.add_column("lost", justify="right", no_wrap=True)
        for row in bought[:_MOST_ROWS]:
            numbers = (f"{plain_number(row.budget)}", f"{row.spent:,.2f}")
            lost = f"{row.regret:,.2f}" if row.regret >= _NOTHING else "-"
            table.add_row(
                *numbers, plain(self._names.listed(row.buy.split(";"))), f"{row.value:,.2f}", lost
            )
        title = "A ladder: what to buy first, if nothing bought is given up again"
        print_table(self._console, title, table)
        self._print(self._regret())

    def _regret(self) -> str:
        """Return the loss of following the ladder."""
        unit = self._units.unit
        worst: LadderRow = max(self._ladder, key=lambda row: row.regret)
        free = sum(row.regret < _NOTHING for row in self._ladder)
        known = "the best plan" if self._proved else "the best plan known"
        if worst.regret < _NOTHING:
            return f"Following it loses nothing: each step is {known} for its budget."
        share = "" if worst.regret_share is None else f", {worst.regret_share:.0%} of what it cuts"
        return (
            f"Following it loses at most {worst.regret:,.2f} {unit} against {known}{share} "
            f"(at {plain_number(worst.budget)}), and nothing at {free} of {len(self._ladder)} "
            "budgets. Found by search: a better ladder may exist."
        )

    @property
    def _proved(self) -> bool:
        """True where every row is proved."""
        return self._sweep.proved == sum(row.value is not None for row in self._rows)


def _cells(row: FrontierRow) -> Iterator[str]:
    yield f"{plain_number(row.budget)}"
    if row.value is None:
        yield from ("-", "no plan", "", "", "", "")
        return
    yield f"{row.spent:,.2f}"
    yield f"{row.value:,.2f}"
    yield f"{row.cut:,.2f}"
    yield "" if row.marginal is None else f"{row.marginal:,.3f}"
    yield str(row.n_measures)
    yield f"{row.gap:.3%}" if row.gap and row.gap >= _NO_GAP else "0"


def _numbers(headers: Sequence[str]) -> Table:
    table = new_table([])
    for header in headers:
        table.add_column(header, justify="right" if header else "left", no_wrap=len(header) < 9)
    return table


def _list(names: Sequence[str]) -> str:
    """Return words as an enumeration.

    >>> _list(["a"]), _list(["a", "b"]), _list(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


# -- while it runs --------------------------------------------------------------------------------


@contextmanager
def live_table(watch: SweepProgress, gap: float) -> Iterator[None]:
    """Show the rows on stderr while they are solved: a bar for each, and the time left."""
    with Live(
        console=Terminal(stderr=True),
        refresh_per_second=2,
        transient=True,
        get_renderable=lambda: _live(watch, gap),
    ):
        yield


def _live(watch: SweepProgress, gap: float) -> RenderableType:
    """Return the live table: rows in progress, and the last that are done."""
    rows = watch.rows()
    working = [row for row in rows if row.state == "working"]
    done = [row for row in rows if row.state == "done"]
    hidden = max(0, len(rows) - _MOST_LIVE)
    shown = {id(row) for row in [*working, *done[::-1]][:_MOST_LIVE]} if hidden else None
    table = Table(box=None, pad_edge=False)
    for header in ("network", "objective", "budget", "", "best plan", "bound", "gap", "time"):
        table.add_column(header, justify="left" if header in ("network", "objective") else "right")
    for row in rows:
        if shown is None or id(row) in shown:
            table.add_row(*_live_cells(row, gap))
    remaining = plain(_remaining(watch))
    if not watch.total:
        return Group(table, remaining)
    return Group(table, ProgressBar(total=watch.total, completed=watch.done, width=40), remaining)


def _live_cells(row: RowProgress, gap: float) -> Iterator[RenderableType]:
    yield plain(row.network)
    yield row.objective
    yield f"{plain_number(row.budget)}"
    yield ProgressBar(total=1.0, completed=closed(row, gap), width=20)
    yield "" if row.value is None else f"{row.value:,.2f}"
    yield "" if row.bound is None else f"{row.bound:,.2f}"
    yield "" if row.gap is None else f"{row.gap:.2%}"
    yield f"{row.seconds:,.0f} s"


def closed(row: RowProgress, gap: float) -> float:
    """Return the share of a row that is done: its gap on a logarithmic scale to the target gap."""
    if row.state == "done":
        return 1.0
    if row.gap is None:
        return 0.0
    least = max(gap, 1e-9)
    return min(1.0, max(0.0, math.log(max(row.gap, least)) / math.log(least)))


def _remaining(watch: SweepProgress) -> str:
    total = watch.total
    of = "" if total is None else f" of {total}"
    return f"{watch.done}{of} rows done{_rest(watch)}; Ctrl-C stops"


def _rest(watch: SweepProgress) -> str:
    """Return what is left, as far as finished rows tell: nothing is promised that is over."""
    left = watch.left
    if watch.done == watch.total:
        return ", the ladder and the files to go"
    if left is None:
        return ""
    if left < _SOON:
        return ", longer than the rows before"
    return f", about {_clock(left)} to go"


def _clock(seconds: float) -> str:
    """Return a time with its unit.

    >>> _clock(42), _clock(200), _clock(8000)
    ('42 s', '3 min', '2.2 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
