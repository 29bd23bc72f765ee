"""Command line of the hunts that count: how many networks, from which on, and what was wrong."""

from __future__ import annotations

import argparse
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice

from tests.drawn.shapes import HUNTED
from tests.hunt.networks import Quarry, quarries
from tests.hunt.questions import ASKED
from tests.oracles.response import Aim, Ties


def hunted(
    room: str,
    description: str | None,
    looked_at: Callable[[int, range], Iterator[tuple[str, list[str]]]],
    words: list[str] | None,
    *,
    answers: int = 0,
) -> int:
    """Print what is wrong with networks of a seed, and how many there were; return the exit code.

    Parameters
    ----------
    room, description
        The hunt's module and what it does.
    looked_at
        Yields, of a seed and numbers in it, a label of each network and its faults.
    words
        Of the command line; None for those of the process.
    answers
        Of each network, where they are counted.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {room}", description=description)
    parser.add_argument("--networks", type=int, default=300, help="how many (default: 300)")
    parser.add_argument("--start", type=int, default=0, help="the first of the seed (default: 0)")
    parser.add_argument("--seed", type=int, default=1, help="which networks (default: 1)")
    asked = parser.parse_args(words)
    warnings.simplefilter("ignore")
    count: Counter[str] = Counter()
    numbers = range(asked.start, asked.start + asked.networks)
    for label, wrong in looked_at(asked.seed, numbers):
        count["networks"] += 1
        if answers:
            count["answers"] += answers
        count["wrong"] += len(wrong)
        for fault in wrong:
            print(f"{label}: {fault}", flush=True)
    print(", ".join(f"{name} {times}" for name, times in count.items()))
    return int(count["wrong"] > 0)


def of_all_shapes(
    faults_of: Callable[[Quarry, Aim, Ties], list[str]],
) -> Callable[[int, range], Iterator[tuple[str, list[str]]]]:
    """Return how a hunt looks at networks of all shapes, with each question in turn."""

    def looked_at(seed: int, numbers: range) -> Iterator[tuple[str, list[str]]]:
        drawn = islice(quarries(list(HUNTED), seed), numbers.start, numbers.stop)
        for number, quarry in zip(numbers, drawn, strict=True):
            aim, ties = ASKED[(number + number // len(HUNTED)) % len(ASKED)]
            yield f"{number} {quarry} {aim} {ties}", faults_of(quarry, aim, ties)

    return looked_at
