"""How quickly `flowopt serve` answers ticks: `python -m tests.benchmarks.live`.

Pages tick random measures of a network, one message after the other, on this machine's loopback:
first one page, then several at once. It prints the median and the 95th percentile of an answer, the
processor time of the server for each, and how much memory it has taken by then. With `--whole`
each page asks for everything that stands on it after each tick, as one that shows all of it does.

`--memory N` asks N ticks instead, as fast as they are answered, and prints the server's memory
after each tenth of them.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

from flowopt.network.read import read_network
from tests.networks import SHIPPED
from tests.serve.live_client import Served, serving

_FLOOD = 20.0  # messages a second that a page may send in the mean
_WHOLE = ("map", "parts", "diagram", "next")


@dataclass
class Page:
    """A page that ticks random measures.

    Attributes
    ----------
    served, question, ids
        The server, its question, and the measures.
    name
        The page, and the seed of what it ticks.
    later
        What it asks for after each tick; it goes on ticking without waiting for that.
    """

    served: Served
    question: dict[str, str]
    ids: Sequence[str]
    name: str
    later: tuple[str, ...] = ()
    plan: set[str] = field(default_factory=set)
    turn: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.name)

    def tick(self) -> float:
        """Tick a measure, and return the seconds of the answer."""
        self.turn += 1
        self.plan ^= {self.chance.choice(self.ids)}
        asked = {"question": self.question, "measures": sorted(self.plan), "turn": self.turn}
        began = time.perf_counter()
        self.served.ask("tick", asked, client=self.name)
        took = time.perf_counter() - began
        if self.later:
            Thread(target=self._rest, args=(asked,), daemon=True).start()
        return took

    def _rest(self, asked: dict[str, Any]) -> None:
        for message in self.later:
            if asked["turn"] == self.turn:  # a browser drops what it no longer waits for
                self.served.ask(message, asked, client=self.name)

    def ticks(self, count: int, pause: float) -> list[float]:
        """Tick so often, with a rest of about `pause` between; return the seconds of answers."""
        took = []
        for _ in range(count):
            took.append(self.tick())
            time.sleep(self.chance.uniform(0.5, 1.5) * max(pause, 1.0 / _FLOOD - took[-1]))
        return took


def memory(pid: int) -> float:
    """Return the resident set of a process, MiB; 0 where the system does not say."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    line = next(row for row in status.read_text().splitlines() if row.startswith("VmRSS"))
    return float(line.split()[1]) / 1024.0


def processor(pid: int) -> float:
    """Return the processor time of a process, seconds; 0 where the system does not say."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(words: Sequence[str] | None = None) -> int:
    """Time the answers, and print them."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.live", description=__doc__)
    parser.add_argument("--network", type=Path, default=SHIPPED / "peru-2014")
    parser.add_argument(
        "--ticks", type=int, default=200, help="of one page (200); a tenth of each of many"
    )
    parser.add_argument("--pages", type=int, default=20, help="at once, in the second part (20)")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between ticks there (1)")
    parser.add_argument("--whole", action="store_true", help="ask for all that the page shows")
    parser.add_argument("--memory", type=int, help="ticks after which memory is looked at")
    asked = parser.parse_args(words)
    network = read_network(asked.network)
    ids = [row.measure for row in network.measures]
    period = network.periods[0].period if network.periods else ""
    question = {"objective": "flow", "scenario": "", "period": period}
    with serving(asked.network) as served:
        pid = served.process.pid
        later = _WHOLE if asked.whole else ()
        pages = [Page(served, question, ids, f"p{i}", later) for i in range(asked.pages)]
        pages[0].ticks(3, 0.0)
        if asked.memory:
            remembered(pid, pages, asked.memory)
            return 0
        before, began = memory(pid), processor(pid)
        told("one page", pages[0].ticks(asked.ticks, 0.0), processor(pid) - began)
        began = processor(pid)
        with ThreadPoolExecutor(asked.pages) as pool:
            few = max(1, asked.ticks // 10)
            done = [pool.submit(page.ticks, few, asked.pause) for page in pages]
            took = [each for page in done for each in page.result()]
        told(f"{asked.pages} pages at once", took, processor(pid) - began)
        print(f"memory {before:.0f} MiB before, {memory(pid):.0f} MiB after")
    return 0


def remembered(pid: int, pages: Sequence[Page], count: int) -> None:
    """Print the server's memory after each tenth of so many ticks, of one page after another."""
    for tenth in range(10):
        took = [pages[i % len(pages)].tick() for i in range(count // 10)]
        print(
            f"{(tenth + 1) * (count // 10)} ticks, {memory(pid):.1f} MiB, the last ones in "
            f"{1000 * statistics.median(took):.0f} ms",
            flush=True,
        )


def told(what: str, took: Sequence[float], processor: float) -> None:
    """Print median, 95th percentile and maximum of times, and the processor time of each."""
    ordered = sorted(took)
    high = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    print(
        f"{what}: {len(ordered)} answers, median {1000 * statistics.median(ordered):.0f} ms, "
        f"95 of 100 within {1000 * high:.0f} ms, the slowest {1000 * ordered[-1]:.0f} ms; "
        f"{1000 * processor / len(ordered):.0f} ms of processor time each",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
