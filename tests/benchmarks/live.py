"""How quickly `flowopt serve` answers ticks: `python -m tests.benchmarks.live`.

Pages tick random measures of a network, one message after the other, on this machine's loopback:
first one page, then several at once. It prints the median and the 95th percentile of an answer, and
how much memory the server has taken by then.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flowopt.network.read import read_network
from tests.networks import SHIPPED
from tests.serve.live_client import Served, serving

_FLOOD = 20.0  # messages a second that a page may send in the mean


def ticks(
    served: Served, question: dict[str, str], ids: Sequence[str], *, page: str, count: int,
    pause: float, message: str,
) -> list[float]:  # fmt: skip
    """Return the seconds of so many answers to one page, which rests a little between them."""
    chance, plan = random.Random(page), set[str]()
    took = []
    for _ in range(count):
        plan ^= {chance.choice(ids)}
        began = time.perf_counter()
        served.ask(message, {"question": question, "measures": sorted(plan)}, client=page)
        took.append(time.perf_counter() - began)
        time.sleep(chance.uniform(0.5, 1.5) * max(pause, 1.0 / _FLOOD - took[-1]))
    return took


def memory(pid: int) -> float:
    """Return the resident set of a process, MiB; 0 where the system does not say."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    line = next(row for row in status.read_text().splitlines() if row.startswith("VmRSS"))
    return float(line.split()[1]) / 1024.0


def main(words: Sequence[str] | None = None) -> int:
    """Time the answers, and print them."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.live", description=__doc__)
    parser.add_argument("--network", type=Path, default=SHIPPED / "peru-2014")
    parser.add_argument(
        "--ticks", type=int, default=200, help="of one page (200); a tenth of each of many"
    )
    parser.add_argument("--pages", type=int, default=20, help="at once, in the second part (20)")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between ticks there (1)")
    parser.add_argument("--message", default="tick", help="tick, parts or diagram")
    asked = parser.parse_args(words)
    network = read_network(asked.network)
    ids = [row.measure for row in network.measures]
    period = network.periods[0].period if network.periods else ""
    question = {"objective": "flow", "scenario": "", "period": period}
    with serving(asked.network) as served:

        def of(page: str, count: int, pause: float) -> list[float]:
            return ticks(served, question, ids, page=page, count=count, pause=pause,
                         message=asked.message)  # fmt: skip

        of("warm", 3, 0.0)
        before = memory(served.process.pid)
        told("one page", of("one", asked.ticks, 0.0))
        with ThreadPoolExecutor(asked.pages) as pool:
            few = max(1, asked.ticks // 10)
            pages = [pool.submit(of, f"p{i}", few, asked.pause) for i in range(asked.pages)]
            took = [each for page in pages for each in page.result()]
        told(f"{asked.pages} pages at once", took)
        print(f"memory {before:.0f} MiB before, {memory(served.process.pid):.0f} MiB after")
    return 0


def told(what: str, took: Sequence[float]) -> None:
    """Print median, 95th percentile and maximum of times."""
    ordered = sorted(took)
    high = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    print(
        f"{what}: {len(ordered)} answers, median {1000 * statistics.median(ordered):.0f} ms, "
        f"95 of 100 within {1000 * high:.0f} ms, the slowest {1000 * ordered[-1]:.0f} ms",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
