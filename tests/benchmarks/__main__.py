"""The speed of flowopt: `python -m tests.benchmarks`, see the README beside this file."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.benchmarks import cases, records, tables
from tests.benchmarks.cases import Case
from tests.benchmarks.records import Record
from tests.benchmarks.runs import EARLIER, Settings, blank, end_all, measure
from tests.networks import ROOT

VARIANTS = ("flowopt", "plain", "raw")
OUT = ROOT / ".benchmarks" / "runs.csv"


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure flowopt beside a textbook model and the bare solver.",
    )
    parser.add_argument(
        "-k", metavar="TEXT", action="append", default=[],
        help="only cases whose name holds this, such as peru-2014-flow; repeat for more",
    )  # fmt: skip
    parser.add_argument(
        "--variants", default=",".join(VARIANTS), help="some of %(default)s, with commas"
    )
    parser.add_argument("--earlier", type=Path, metavar="DIR",
                        help="checkout of another commit, measured too as `earlier`")  # fmt: skip
    parser.add_argument("--workers", type=int, default=1,
                        help="runs side by side; each slows the others a little")  # fmt: skip
    parser.add_argument("--threads", type=int, default=1, help="threads of each run")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds a run has")
    parser.add_argument("--grace", type=float, default=60.0,
                        help="seconds after the limit at which a run is killed")  # fmt: skip
    parser.add_argument("--gap", type=float, default=1e-4, help="relative gap that is proof enough")
    parser.add_argument(
        "--instances", type=Path, default=os.environ.get("FLOWOPT_INSTANCES"),
        help="folder of networks with an optima.csv (also FLOWOPT_INSTANCES; the default is "
        "shared/instances beside the repository, or the small ones in tests/data)",
    )  # fmt: skip
    parser.add_argument("--every-budget", action="store_true",
                        help="peru-2014 at 10, 20, ... 160 instead of five budgets")  # fmt: skip
    parser.add_argument("--largest", action="store_true",
                        help="also the supply chain of 100,000 activities")  # fmt: skip
    parser.add_argument("--out", type=Path, default=OUT,
                        help="CSV file that rows are added to")  # fmt: skip
    parser.add_argument("--resume", action="store_true",
                        help="leave out runs that the file has of this revision")  # fmt: skip
    parser.add_argument("--list", action="store_true", help="name the cases and stop")
    parser.add_argument("--show", action="store_true", help="print what the file holds and stop")
    return parser


def main() -> int:
    """Run the cases and print the tables; 1 if an answer is wrong."""
    parser = arguments()
    given = parser.parse_args()
    if given.show:
        rows = _rows(given.out, parser.error)
        alike = records.together(rows)
        if len(alike) < len(rows):
            print(f"note: {len(rows) - len(alike)} rows of other revisions, limits or gaps are "
                  "left out", file=sys.stderr)  # fmt: skip
        return tables.show(alike)
    variants = given.variants.split(",")
    unknown = [variant for variant in variants if variant not in VARIANTS]
    if unknown:
        parser.error(f"no variant {', '.join(unknown)}; there are {', '.join(VARIANTS)}")
    if given.workers < 1 or given.threads < 1:
        parser.error("workers and threads are at least 1")
    if not given.time_limit > 0.0 or given.grace < 0.0 or not 0.0 <= given.gap < 1.0:
        parser.error("the time limit is above 0 s, the grace at least 0 s, the gap from 0 below 1")
    chosen = [c for c in _cases(given, parser.error) if _wanted(c, given.k)]
    if not chosen:
        parser.error(f"no case holds {' or '.join(given.k)}; --list names them all")
    if given.list:
        print("\n".join(case.name for case in chosen))
        return 0
    if given.out.exists() and not given.resume:
        parser.error(f"{given.out} is there already; give --resume, or another file to --out")
    if given.out.exists():
        records.mend(given.out)
    if given.earlier:
        if not (given.earlier / "flowopt").is_dir():
            parser.error(f"{given.earlier} is no checkout of flowopt")
        variants.insert(0, EARLIER)
    settings = Settings(
        limit=given.time_limit,
        grace=given.grace,
        gap=given.gap,
        threads=given.threads,
        earlier=given.earlier and given.earlier.resolve(),
    )
    done = _rows(given.out, parser.error) if given.out.exists() else []
    return run(chosen, variants, settings, given.out, done, workers=given.workers)


def run(
    chosen: Iterable[Case], variants: Iterable[str], settings: Settings, out: Path,
    done: list[Record], *, workers: int = 1,
) -> int:  # fmt: skip
    """Do what is not done yet and print the tables.

    Parameters
    ----------
    chosen, variants, settings
        What to run, and how.
    out
        Where each row goes as soon as its run is over.
    done
        Rows that are there already.
    workers
        How many runs are at work at a time.
    """
    by_name = {case.name: case for case in chosen}
    wanted = [blank(c, variant, settings) for c in by_name.values() for variant in variants]
    there = {record.key: record for record in done}
    fresh = [record for record in wanted if record.key not in there]
    writing = threading.Lock()

    def one(number: int, record: Record) -> None:
        tables.progress(number, len(fresh), record)
        found = measure(by_name[record.case], record.variant, settings)
        with writing:
            there[record.key] = found
            records.append(out, found)

    with ThreadPoolExecutor(workers) as pool:
        try:
            for _ in pool.map(one, range(1, len(fresh) + 1), fresh):
                pass
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            end_all()
            print(f"\nstopped; {out} keeps what is done, --resume goes on", file=sys.stderr)
            tables.show([there[r.key] for r in wanted if r.key in there])
            return 130
    return tables.show([there[record.key] for record in wanted])


def _cases(given: argparse.Namespace, refuse: Callable[[str], None]) -> Iterable[Case]:
    yield from cases.peru(cases.PERU_EVERY if given.every_budget else cases.PERU_BUDGETS)
    folder = given.instances
    if folder is None:
        folder = cases.BESIDE if cases.BESIDE.is_dir() else cases.SMALL
        if folder == cases.SMALL:
            print("note: only the small published instances; --instances names more",
                  file=sys.stderr)  # fmt: skip
    try:
        yield from cases.instances(folder)
    except FileNotFoundError:
        refuse(f"{folder} has no optima.csv; --instances wants a folder that has")
    yield from cases.generated(largest=given.largest)


def _wanted(case: Case, parts: list[str]) -> bool:
    return not parts or any(part in case.name for part in parts)


def _rows(path: Path, refuse: Callable[[str], None]) -> list[Record]:
    try:
        return records.read(path)
    except (FileNotFoundError, ValueError) as error:
        refuse(str(error))
    return []


if __name__ == "__main__":
    sys.exit(main())
