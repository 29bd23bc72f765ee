"""What more cores are worth: `python -m tests.benchmarks.cores`.

`solve` with one thread, two, four, ... up to the processors there are, and `compare` with as many
workers. Each command has a process of its own and is timed from outside, start-up and all, so
nothing else should run beside it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.limits import Timed, timed

PERU = Path(__file__).parents[2] / "networks" / "peru-2014"
_FLAGS = {"solve": ("--threads", "--budget"), "compare": ("--workers", "--budgets")}


@dataclass(frozen=True, slots=True)
class Scaled:
    """One command with a number of cores, and with one."""

    cores: int
    took: Timed
    alone: Timed

    @property
    def speedup(self) -> float:
        """Seconds on the wall with one core, per second with these."""
        return self.alone.wall / self.took.wall


def powers(most: int) -> list[int]:
    """Return 1, 2, 4, ... up to a number, and the number.

    >>> powers(6), powers(8)
    ([1, 2, 4, 6], [1, 2, 4, 8])
    """
    found = [2**k for k in range(most.bit_length()) if 2**k < most]
    return [*found, most]


def scaled(
    network: Path, verb: str, budget: str, cores: Iterable[int], limit: float, rest: Sequence[str]
) -> list[Scaled]:
    """Time a command with each number of cores; the first is what the others are compared with."""
    flag, money = _FLAGS[verb]
    rows: list[Scaled] = []
    for each in cores:
        took = timed(network, verb, limit, [money, budget, flag, str(each), *rest])
        rows.append(Scaled(each, took, rows[0].took if rows else took))
        print(f"{verb} {flag} {each}: {took.wall:.1f} s", file=sys.stderr, flush=True)
    return rows


def table(rows: Iterable[Scaled]) -> Table:
    """Return the table that people read."""
    shown = Table(box=None, pad_edge=False)
    for name in ("command", "status"):
        shown.add_column(name)
    for name in ("cores", "wall s", "processor s", "times faster"):
        shown.add_column(name, justify="right")
    for row in rows:
        seconds = (f"{row.took.wall:.1f}", f"{row.took.processor:.1f}", f"{row.speedup:.2f}")
        shown.add_row(row.took.verb, row.took.status, str(row.cores), *seconds)
    return shown


def main(words: Sequence[str] | None = None) -> int:
    """Time the commands; return 1 if one failed, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.cores", description=__doc__)
    parser.add_argument("--network", type=Path, default=PERU, help="a folder (peru-2014)")
    parser.add_argument("--objective", default="profit")
    parser.add_argument("--budget", default="20", help="of solve, M USD a year (20)")
    parser.add_argument("--budgets", default="10:160:10", help="of compare (10:160:10)")
    parser.add_argument("--cores", type=int, action="append", help="how many; may be repeated")
    parser.add_argument("--time-limit", type=float, default=300.0, help="seconds (300)")
    asked = parser.parse_args(words)
    cores = asked.cores or powers(os.cpu_count() or 1)
    objective = ["--objective", asked.objective]
    rows = [
        *scaled(
            asked.network,
            "solve",
            asked.budget,
            cores,
            asked.time_limit,
            [*objective, "--solver", "highs"],  # whose threads these are
        ),
        *scaled(asked.network, "compare", asked.budgets, cores, asked.time_limit, objective),
    ]
    Console(width=None if sys.stdout.isatty() else 120).print(table(rows))
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} in the last minute")
    return int(any(row.took.code for row in rows))


if __name__ == "__main__":
    sys.exit(main())
