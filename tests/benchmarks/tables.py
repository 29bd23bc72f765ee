"""What people read: a line per run, the means, and what contradicts what."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from tests.benchmarks.means import BASE, counted, means
from tests.benchmarks.records import PROVED, Record, contradictions

FLOWOPT = "flowopt"


def progress(number: int, count: int, record: Record) -> None:
    """Say on stderr which run begins."""
    print(f"[{number}/{count}] {record.case} {record.variant}", file=sys.stderr, flush=True)


def show(rows: list[Record]) -> int:
    """Print the tables; return 1 if an answer is wrong, else 0."""
    console = Console(width=None if sys.stdout.isatty() else 160)
    if not rows:
        console.print("no runs")
        return 0
    console.print(_runs(rows))
    beside = _beside(rows)
    if beside.columns:
        console.print("\nSeconds in all, side by side; a gap where the limit came first")
        console.print(beside)
    console.print("\nShifted geometric means (shift 1 s; runs without a proof count as the limit)")
    console.print(_means(rows))
    wrong = [f"{r.case}: {r.variant} gives {_figure(r.value)}, the optimum is {_figure(r.known)}"
             for r in rows if r.right == "no"]  # fmt: skip
    wrong += contradictions(rows)
    failed = [f"{r.case}: {r.variant}: {r.note}" for r in rows if r.status == "error"]
    for line in (*wrong, *failed):
        console.print(line, style="red", markup=False, highlight=False)
    known = sum(r.right == "yes" for r in rows)
    console.print(f"{known} runs agree with a published optimum, {len(wrong)} answers are wrong.")
    return 1 if wrong or failed else 0


def _runs(rows: list[Record]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("case", "variant", "status"):
        table.add_column(name, no_wrap=True)
    for name in (
        *("rows", "columns", "build s", "first s", "proof s", "total s", "cpu s", "nodes"),
        *("value", "bound", "gap %", "MiB", "load"),
    ):
        table.add_column(name, justify="right", no_wrap=True)
    for r in rows:
        table.add_row(
            *(r.case, r.variant, r.status),
            *(_whole(r.rows), _whole(r.columns)),
            *map(_seconds, (r.build_seconds, r.first_seconds, r.proof_seconds)),
            *map(_seconds, (r.total_seconds, r.cpu_seconds)),
            *(_whole(r.nodes), _figure(r.value), _figure(r.bound)),
            "" if r.gap is None else f"{100.0 * r.gap:.3g}",
            "" if r.memory_mib is None else f"{r.memory_mib:.0f}",
            "" if r.load is None else f"{r.load:.1f}",
        )
    return table


def _beside(rows: list[Record]) -> Table:
    """Return one line per case: what each variant took, and how far the base is from the others."""
    table = Table(box=None, pad_edge=False)
    variants = list(dict.fromkeys(row.variant for row in rows))
    if len(variants) < 2:
        return table
    table.add_column("case", no_wrap=True)
    others = [variant for variant in variants if variant != FLOWOPT and FLOWOPT in variants]
    headings = [f"{FLOWOPT} / {other}" for other in others]
    headings += [f"{FLOWOPT} - {BASE}, s"] if BASE in others else []
    for name in (*variants, *headings):
        table.add_column(name, justify="right", no_wrap=True)
    cases: dict[str, dict[str, Record]] = {}
    for row in rows:
        cases.setdefault(row.case, {})[row.variant] = row
    for case, runs in cases.items():
        mine = runs.get(FLOWOPT)
        ratios = [_ratio(mine, runs.get(other)) for other in others]
        more = _more(mine, runs.get(BASE)) if BASE in others else []
        table.add_row(case, *(_outcome(runs.get(v)) for v in variants), *ratios, *more)
    return table


def _outcome(record: Record | None) -> str:
    if record is None:
        return ""
    if record.status != PROVED:
        return record.status if record.gap is None else f"{100.0 * record.gap:.2g} %"
    return _seconds(record.total_seconds)


def _ratio(mine: Record | None, other: Record | None) -> str:
    if mine is None or other is None or not counted(other):
        return ""
    return f"{counted(mine) / counted(other):.2f}"


def _more(mine: Record | None, other: Record | None) -> list[str]:
    if mine is None or other is None:
        return [""]
    return [f"{counted(mine) - counted(other):+.2f}"]


def _means(rows: list[Record]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("family", "variant"):
        table.add_column(name, no_wrap=True)
    for name in ("runs", "proved", "mean s", "beside plain", "ratio to plain"):
        table.add_column(name, justify="right", no_wrap=True)
    for mean in means(rows):
        table.add_row(
            *(mean.family, mean.variant, str(mean.runs), str(mean.proved)),
            *(f"{mean.seconds:.2f}", str(mean.beside)),
            "" if mean.ratio is None else f"{mean.ratio:.2f}",
        )
    return table


def _whole(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.2f}"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
