"""What people read in a terminal: sentences first, then tables that fit 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from flowopt.model.solver import Progress
from flowopt.network.network import Network
from flowopt.results import Displacement, Response, Solution

_WIDTH = 80
_MOST_ROWS = 15
_SMALL = 0.05  # t/yr: smaller changes are not listed
_SMALL_MONEY = 0.005  # M USD/yr


def check_report(network: Network) -> None:
    """Print what a sound network holds, file by file, and its warnings."""
    console = _console()
    for warning in network.warnings:
        console.print(Text(f"warning: {warning}"), soft_wrap=True)
    console.print(Text(f"{network.info.title} ({network.info.id})", style="bold"))
    table = _table(["file", "rows", "assumed or not graded", "warnings"])
    for name, rows in network.tables().items():
        if rows:
            file = f"{name}.csv"
            assumed = sum(row.grade in (None, "X") for row in rows)
            odd = sum(warning.startswith(f"{file}:") for warning in network.warnings)
            table.add_row(file, f"{len(rows):,}", f"{assumed:,}", f"{odd:,}" if odd else "-")
    console.print(table)
    warnings = len(network.warnings)
    console.print(
        f"no errors, {warnings} warning{'s' if warnings != 1 else ''}; "
        f"sha256 {network.sha256[:12]}..."
    )


def response_report(network: Network, response: Response) -> None:
    """Print the trafficker's best response."""
    console, units = _console(), _Units(network, response.objective)
    console.print(Text(f"{network.info.title} ({network.info.id})", style="bold"))
    console.print(
        f"Without measures the trafficker delivers {response.delivered:,.1f} {units.mass} a year, "
        f"earns {response.revenue:,.1f} and spends {response.cost:,.1f}: "
        f"a profit of {response.profit:,.1f} {units.money}."
    )
    table = _table(["market", "commodity", f"{units.mass}/yr", "it would take"])
    for row in response.markets:
        if row.delivered > 0.0:
            wanted = "" if row.quantity is None else f"{row.quantity:,.1f}"
            table.add_row(Text(row.name), row.commodity, f"{row.delivered:,.1f}", wanted)
    _print(console, "Deliveries by market", table)
    for by, title in _TITLES.items():
        amounts = [(k, v) for b, k, v in response.totals if b == by and v > 0.0]
        if amounts:
            table = _table([by, f"{units.mass}/yr"])
            for key, amount in sorted(amounts, key=lambda item: -item[1])[:_MOST_ROWS]:
                table.add_row(Text(_named(network, by, key)), f"{amount:,.1f}")
            _print(console, title, table)
    if response.organisations:
        table = _table(["organisation", units.money])
        for earner in response.organisations:
            table.add_row(Text(earner.organisation), f"{earner.earned:,.2f}")
        _print(console, _WHO.format(units.money), table, _GROSS)


def solution_report(network: Network, solution: Solution) -> None:
    """Print a plan, how sure it is, what it costs, and where the flow went."""
    console, units = _console(), _Units(network, solution.objective)
    console.print(Text(f"{network.info.title} ({network.info.id})", style="bold"))
    if solution.value is None:
        console.print(f"There is no plan: {solution.status}.")
        return
    for sentence in _answer(solution, units):
        console.print(Text(sentence), soft_wrap=False)
    if solution.plan:
        _print_plan(console, solution, units)
    if solution.alternatives:
        _print_alternatives(console, solution, units)
    limited = [(name, amount) for name, amount in solution.used.items() if amount > 0.0]
    for name, amount in limited:
        limit = solution.resources.get(name)
        of = "" if limit is None else f" of {limit:,g}"
        console.print(Text(f"It takes {amount:,g}{of} {name}."))
    _print_changes(console, network, solution, units)
    if solution.organisations:
        _print_organisations(console, solution, units)
    for warning in solution.warnings:
        console.print(Text(f"warning: {warning}"), soft_wrap=True)


@contextmanager
def progress_line() -> Iterator[Callable[[Progress], None]]:
    """Show a live line on stderr: time, best plan so far, bound and gap."""
    with Live(console=Console(stderr=True), refresh_per_second=4, transient=True) as live:

        def update(progress: Progress) -> None:
            parts = [f"{progress.seconds:6.1f} s"]
            best, bound = progress.incumbent, progress.bound
            parts.append("no plan yet" if best is None else f"best plan {best:,.2f}")
            parts.append("no bound yet" if bound is None else f"bound {bound:,.2f}")
            if best is not None and bound is not None:
                parts.append(f"gap {max(0.0, best - bound) / max(1e-9, abs(best)):.2%}")
            live.update(Text("   ".join(parts)))

        yield update


# -- the pieces -----------------------------------------------------------------------------------

_TITLES = {
    "continent": "Deliveries by continent",
    "exit": "Leaving the growing country, by exit",
    "mode": "On legs of each mode (a tonne counts on every leg)",
}

_WHO = "Who earns, {} a year"
_GROSS = "receipts before what each of them pays, so they don't add up"


class _Units:
    """The labels of a network: its mass, its money, and the objective in words."""

    def __init__(self, network: Network, objective: str) -> None:
        self.mass = network.info.mass_unit
        self.money = f"M {network.info.currency}"
        weighted = any(demand.weight != 1.0 for demand in network.demands)
        if objective == "profit":
            self.what, self.unit = "the trafficker's profit", self.money
        elif weighted:
            self.what, self.unit = "weighted deliveries", f"weighted {self.mass}"
        else:
            self.what, self.unit = "deliveries", self.mass


def _answer(solution: Solution, units: _Units) -> Iterable[str]:
    """Yield the answer in sentences, and how sure it is."""
    value, bound, baseline = solution.value, solution.bound, solution.baseline
    if value is not None and solution.target is not None:
        yield from _target_answer(solution, units, value)
    if value is None or bound is None:
        return
    unit, budget = units.unit, f"{solution.budget or 0.0:,g} {units.money} a year"
    if baseline <= 0.0:
        yield f"There is nothing to cut: {units.what} are 0 {unit} without any measure."
    elif not solution.measures:
        yield f"For {budget} no plan cuts {units.what}: they stay at {baseline:,.2f} {unit} a year."
    else:
        count = len(solution.measures)
        yield (
            f"For {budget}, {count} measure{'s' if count != 1 else ''} "
            f"cut{'s' if count == 1 else ''} {units.what} from {baseline:,.2f} to {value:,.2f} "
            f"{unit} a year: {baseline - value:,.2f} less ({solution.cut_share or 0.0:.1%})."
        )
    if solution.ties is not None and solution.after is not None:
        before, after = solution.before.profit, solution.after.profit
        yield (
            "The trafficker ships what earns most, not the most tonnes: its profit goes from "
            f"{before:,.1f} to {after:,.1f} {units.money} a year."
        )
    gap = solution.gap or 0.0
    if solution.status == "optimal" and gap <= 0.0:
        yield f"Proved: no plan for this money does better than {value:,.2f} {unit}."
    elif solution.status == "optimal":
        yield (f"Proved to {gap:.3%}: no plan for this money does better than {bound:,.2f} {unit}.")
    else:
        why = "you stopped it" if solution.interrupted else "the time limit came first"
        yield (
            f"Not proved, {why}: a better plan may exist, but none below {bound:,.2f} {unit} "
            f"(gap {gap:.2%})."
        )


def _target_answer(solution: Solution, units: _Units, value: float) -> Iterable[str]:
    """Yield what reaching a target costs, and how sure it is."""
    unit, spent, floor = units.unit, solution.spent or 0.0, solution.cost_bound or 0.0
    count = len(solution.measures)
    yield (
        f"Bringing {units.what} from {solution.baseline:,.2f} to {solution.target:,g} {unit} "
        f"a year or below takes {count} measure{'s' if count != 1 else ''} for {spent:,.2f} "
        f"{units.money} a year; they leave {value:,.2f} {unit}."
    )
    if solution.status == "optimal":
        yield f"Proved: no plan that does it costs less than {floor:,.2f} {units.money}."
    else:
        yield (
            f"Not proved: a cheaper plan may exist, but none below {floor:,.2f} {units.money} "
            f"(gap {solution.gap or 0.0:.2%})."
        )


def _print_plan(console: Console, solution: Solution, units: _Units) -> None:
    table = _table(["", "measure", "name", units.money, f"{units.unit} lost if dropped"])
    for row in solution.plan:
        table.add_row(
            str(row.rank),
            Text(row.measure),
            Text(row.name),
            f"{row.cost:,.2f}",
            f"{row.lost_if_dropped:,.2f}",
        )
    most = "" if solution.budget is None else f" of {solution.budget:,g}"
    title = f"The plan: {solution.spent:,.2f}{most} {units.money} a year"
    _print(console, title, table)


def _print_alternatives(console: Console, solution: Solution, units: _Units) -> None:
    table = _table(["", units.unit, "gap", units.money, "measures"])
    for row in solution.alternatives:
        numbers = (f"{row.value:,.2f}", f"{row.gap:.3%}", f"{row.spent:,.2f}")
        table.add_row(str(row.rank), *numbers, Text(row.plan.replace(";", " ")))
    _print(console, "The best plans (none holds all of an earlier one)", table)


def _print_changes(console: Console, network: Network, solution: Solution, units: _Units) -> None:
    """Print before and after by market and continent, and the exits and modes that changed."""
    markets = [
        Displacement("market", f"{row.name}, {row.commodity}", row.before, row.after, row.change)
        for row in solution.markets
        if row.before > 0.0 or row.after > 0.0
    ]
    _print_group(console, network, "market", "Deliveries by market", markets, units, _MOST_ROWS)
    for by, title in _TITLES.items():
        rows = [row for row in solution.displacement if row.by == by and (row.before or row.after)]
        least = _MOST_ROWS if by == "continent" else 0
        _print_group(console, network, by, title, rows, units, least)


def _print_group(
    console: Console,
    network: Network,
    by: str,
    title: str,
    rows: list[Displacement],
    units: _Units,
    least: int,
) -> None:
    """Print what changed, largest change first, and unchanged rows up to `least` in all."""
    ordered = sorted(rows, key=lambda row: -abs(row.change))
    moved = sum(abs(row.change) >= _SMALL for row in rows)
    shown = ordered[: min(_MOST_ROWS, max(moved, least))]
    if not shown:
        return
    table = _table([by, "before", "after", f"change, {units.mass}/yr"])
    for row in shown:
        change = f"{row.change:+,.1f}" if abs(row.change) >= _SMALL else "-"
        name = Text(_named(network, by, row.key))
        table.add_row(name, f"{row.before:,.1f}", f"{row.after:,.1f}", change)
    if by == "market":
        sums = (sum(row.before for row in rows), sum(row.after for row in rows))
        table.add_row("all markets", *(f"{x:,.1f}" for x in sums), f"{sums[1] - sums[0]:+,.1f}")
    rest = len(rows) - len(shown)
    _print(console, title, table, f"and {rest} with less change or none" if rest else "")


def _print_organisations(console: Console, solution: Solution, units: _Units) -> None:
    table = _table(["organisation", "before", "after", "change", "share"])
    for row in solution.organisations:
        moved = abs(row.change) >= _SMALL_MONEY
        share = "" if row.change_share is None or not moved else f"{row.change_share:+.1%}"
        change = f"{row.change:+,.2f}" if moved else "-"
        name = Text(row.organisation)
        table.add_row(name, f"{row.before:,.2f}", f"{row.after:,.2f}", change, share)
    _print(console, _WHO.format(units.money), table, _GROSS)


def _named(network: Network, by: str, key: str) -> str:
    if by != "exit":
        return key
    return next((node.name for node in network.nodes if node.node == key), key)


def _table(headers: Sequence[str]) -> Table:
    """Return an empty table: text columns to the left, numbers to the right."""
    table = Table(box=None, pad_edge=False)
    texts = {"file", "measures", "market", "commodity", "measure", "name", "organisation", *_TITLES}
    for header in headers:
        if header in texts:
            table.add_column(header, overflow="fold")
        else:
            table.add_column(header, justify="right", no_wrap=len(header) < 12)
    return table


def _print(console: Console, title: str, table: Table, note: str = "") -> None:
    console.print()
    console.print(Text(title, style="bold"))
    console.print(table)
    if note:
        console.print(Text(note))


def _console() -> Console:
    """Return a console for stdout: colours on a terminal only, 80 columns elsewhere."""
    probe = Console(highlight=False)
    return probe if probe.is_terminal else Console(highlight=False, width=_WIDTH)
