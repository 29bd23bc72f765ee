"""`python -m tests.hunt`: look for faults at random, where the tests look at the same each time.

It draws small networks of many shapes by seed and asks each of them about budgets, targets and
plans, for every objective and both ties. An answer that is not brute force's is printed and written
to a folder, with the command that shows it. The same seed draws the same networks everywhere.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.drawn.shapes import HUNTED
from tests.hunt.answers import FAULTS
from tests.hunt.networks import Quarry, hunt, quarries


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hunt", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0, help="how long (default: 300)")
    parser.add_argument("--seed", type=int, default=1, help="which networks (default: 1)")
    parser.add_argument("--start", type=int, default=0, help="the first number of the seed")
    parser.add_argument(
        "--shape", action="append", choices=list(HUNTED), help="of one shape; may be repeated"
    )
    parser.add_argument("--only", action="append", metavar="NAME", help="one network by its name")
    parser.add_argument("--workers", type=int, default=1, help="processes (default: 1)")
    parser.add_argument(
        "--out", type=Path, default=Path(".hunt"), help="where what is found goes (default: .hunt)"
    )
    asked = parser.parse_args(words)
    names = quarries(asked.shape or list(HUNTED), asked.seed, asked.start)
    if asked.only:
        names = iter([Quarry.named(name) for name in asked.only])
    tally = hunt(names, seconds=asked.seconds, workers=asked.workers, folder=asked.out)
    print("\n".join(tally.lines()))
    return int(any(outcome in FAULTS for _, _, outcome in tally.outcomes))


if __name__ == "__main__":
    sys.exit(main())
