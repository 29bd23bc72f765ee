"""Wall time of whole commands beside their limit: `python -m tests.benchmarks.limits`.

Each command has a process of its own, writes a result, and is timed from outside, start-up and all.
The networks are random, with arcs from most nodes to some nodes further on, and a measure against
every arc; the same size is the same network everywhere. Their scenarios, where asked for, multiply
the capacity of one arc in ten.

Beside other work a command gets part of a processor, and its limit is over before it has done
much. With `--processor-clock` it counts seconds of its processor, as a quiet machine would have it,
and is judged by them.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

VERBS = ("solve", "flow", "evaluate", "compare")
SIZES = (2_500, 5_000, 10_000, 20_000, 50_000)  # arcs, each with its measure
_ARCS_PER_NODE = 5
_BACK, _AHEAD = 3, 40  # nodes that an arc goes back or ahead, at most
_ON_PROCESSOR_CLOCK = """
import signal, sys, time
time.perf_counter = time.process_time
signal.ITIMER_REAL, signal.SIGALRM = signal.ITIMER_PROF, signal.SIGPROF
from flowopt.cli.main import main
sys.argv[0] = "flowopt"
main()
"""
_EXTRA, _SHARE = 2.0, 0.05  # seconds, and share of the limit, that a command may take beyond it


@dataclass(frozen=True, slots=True)
class Timed:
    """One command, timed from outside.

    Attributes
    ----------
    case, verb : str
        The network's name, and the command.
    limit, wall, processor : float
        Seconds asked for (of a comparison, for all of its rows), on the wall, and of the processor.
    code : int
        Exit code.
    status : str
        What `summary.json` says; blank without one.
    gap : float or None
        Likewise.
    on_processor : bool
        Whether the limit was in seconds of the processor.
    """

    case: str
    verb: str
    limit: float
    wall: float
    processor: float
    code: int
    status: str
    gap: float | None
    on_processor: bool = False

    @property
    def allowed(self) -> float:
        """Seconds that the promise allows."""
        return self.limit * (1.0 + _SHARE) + _EXTRA

    @property
    def late(self) -> bool:
        """Whether the command took longer than that, by its clock."""
        return (self.processor if self.on_processor else self.wall) > self.allowed


def generated(arcs: int, folder: Path, scenarios: int = 0) -> Path:
    """Write the network of so many arcs below a folder, and return where it stands."""
    chance, nodes = random.Random(1), arcs // _ARCS_PER_NODE
    lines = [f"p max {nodes} {arcs}", "n 1 s", f"n {nodes} t"]
    for _ in range(arcs):
        tail = chance.randint(1, nodes)
        head = min(nodes, max(1, tail + chance.randint(-_BACK, _AHEAD)))
        while head == tail:
            head = chance.randint(1, nodes)
        lines.append(f"a {tail} {head} {chance.randint(1, 1000)}")
    problem = folder / f"arcs-{arcs}.max"
    problem.write_text("\n".join(lines) + "\n", encoding="utf-8")
    network = folder / problem.stem
    command = ("convert", problem, network, "--measures", "every-arc")
    subprocess.run(
        [sys.executable, "-m", "flowopt", *map(str, command)], check=True, capture_output=True
    )
    if scenarios:
        _write_scenarios(network, scenarios)
    return network


def _write_scenarios(network: Path, count: int) -> None:
    """Give a network so many scenarios, the first as it stands."""
    names = [f"s{number}" for number in range(count)]
    rows = ["scenario,name,weight", *(f"{name},Scenario {name},1" for name in names)]
    (network / "scenarios.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    rows = ["scenario,on,target,column,factor"]
    for digit, name in enumerate(names[1:]):
        factors = ((digit, 0.25), (digit + 1, 2.0))  # of arcs whose names end so
        rows += [f"{name},arc,*{end % 10},capacity,{factor}" for end, factor in factors]
    (network / "changes.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def question(network: Path, verb: str, budget: str, objective: str, rows: int = 1) -> list[str]:
    """Return the arguments of a verb: one budget, the first of rows, or the first measure."""
    if verb == "solve":
        return ["--budget", budget, "--objective", objective]
    if verb == "compare":
        budgets = ",".join(f"{float(budget) + row:g}" for row in range(rows))
        return ["--budgets", budgets, "--objective", objective, "--workers", "1"]
    if verb == "evaluate":
        with (network / "measures.csv").open(encoding="utf-8", newline="") as file:
            first = next(csv.DictReader(file))["measure"]
        return ["--measures", first, "--budget", budget, "--objective", objective]
    return ["--objective", objective]


def timed(
    network: Path,
    verb: str,
    limit: float,
    arguments: Sequence[str],
    *,
    rows: int = 1,
    on_processor: bool = False,
) -> Timed:
    """Run one command with a limit, for each of its rows, and return what it took."""
    flowopt = ("-c", _ON_PROCESSOR_CLOCK) if on_processor else ("-m", "flowopt")
    with TemporaryDirectory() as place:
        out = Path(place) / "out"
        options = [*arguments, "--time-limit", f"{limit:g}", "--quiet", "--out", str(out)]
        before, began = os.times(), time.perf_counter()
        done = subprocess.run(
            [sys.executable, *flowopt, verb, str(network), *options],
            check=False,
            capture_output=True,
        )
        wall, after = time.perf_counter() - began, os.times()
        summary = out / "summary.json"
        said = json.loads(summary.read_text(encoding="utf-8")) if summary.exists() else {}
    used = after.children_user + after.children_system
    processor = used - before.children_user - before.children_system
    return Timed(
        network.name,
        verb,
        rows * limit,
        wall,
        processor,
        done.returncode,
        str(said.get("status", "")),
        said.get("gap"),
        on_processor,
    )


def table(rows: Iterable[Timed]) -> Table:
    """Return the table that people read."""
    shown = Table(box=None, pad_edge=False)
    for name in ("case", "command", "status"):
        shown.add_column(name)
    for name in ("exit", "gap %", "limit s", "allowed s", "wall s", "processor s"):
        shown.add_column(name, justify="right")
    for row in rows:
        gap = "" if row.gap is None else f"{100.0 * row.gap:.3g}"
        seconds = (row.limit, row.allowed, row.wall, row.processor)
        late = "red" if row.late else None
        cells = (row.case, row.verb, row.status, str(row.code), gap)
        shown.add_row(*cells, *(f"{each:.1f}" for each in seconds), style=late)
    return shown


def main(words: Sequence[str] | None = None) -> int:
    """Time the commands; return 1 if one was late, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.limits", description=__doc__)
    parser.add_argument("--arcs", type=int, action="append", help="only networks of this size")
    parser.add_argument("--network", type=Path, action="append", default=[], help="one more folder")
    parser.add_argument("--budget", default="2", help="M USD a year (2); a measure costs 1")
    parser.add_argument("--time-limit", type=float, action="append", help="seconds (5)")
    parser.add_argument("--objective", default="flow")
    parser.add_argument("--verb", choices=VERBS, action="append", help="only this command")
    parser.add_argument("--rows", type=int, default=1, help="budgets of a comparison (1)")
    parser.add_argument("--scenarios", type=int, default=0, help="of each generated network (0)")
    parser.add_argument(
        "--extra", action="append", default=[], help="word of each command: --extra=--scenario=s1"
    )
    parser.add_argument(
        "--processor-clock", action="store_true", help="count seconds of the processor"
    )
    asked = parser.parse_args(words)
    sizes = asked.arcs or (() if asked.network else SIZES)
    rows: list[Timed] = []
    with TemporaryDirectory() as place:
        networks = [
            *(generated(size, Path(place), asked.scenarios) for size in sizes),
            *asked.network,
        ]
        for network in networks:
            for limit in asked.time_limit or (5.0,):
                for verb in asked.verb or VERBS:
                    count = asked.rows if verb == "compare" else 1
                    words_of = question(network, verb, asked.budget, asked.objective, count)
                    words_of += asked.extra
                    clock = asked.processor_clock
                    rows.append(
                        timed(network, verb, limit, words_of, rows=count, on_processor=clock)
                    )
                    row = rows[-1]
                    told = f"{row.case} {verb}: {row.wall:.1f} s, {row.processor:.1f} of processor"
                    print(told, file=sys.stderr, flush=True)
    Console(width=None if sys.stdout.isatty() else 120).print(table(rows))
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} processors, load {load:.1f} in the last minute")
    return 1 if any(row.late for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
