"""The hunt through networks: many small ones by seed, each answer held against brute force."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from time import monotonic
from typing import get_args

from flowopt.network.network import Network
from flowopt.network.write import write_network
from tests.drawn.dice import Dice
from tests.drawn.shapes import HUNTED
from tests.drawn.wild import valid_network
from tests.hunt.answers import FAULTS, Answer, Outcome, answers
from tests.hunt.questions import ASKED
from tests.networks import WAYS
from tests.oracles.response import Aim, Ties


@dataclass(frozen=True, slots=True)
class Quarry:
    """One network of the hunt: drawing it again needs no more than this."""

    shape: str
    seed: int
    number: int

    def __str__(self) -> str:
        return f"{self.shape}-{self.seed}-{self.number}"

    @classmethod
    def named(cls, name: str) -> Quarry:
        shape, seed, number = name.rsplit("-", 2)
        return cls(shape, int(seed), int(number))

    def drawn(self) -> tuple[Network, Dice]:
        """Return the network, and the dice with which the questions are drawn."""
        dice = Dice.seeded(str(self))
        return valid_network(dice, HUNTED[self.shape]), dice

    def asked(
        self, *asked: tuple[Aim, Ties], ways: Sequence[str] = WAYS, whole: bool = True
    ) -> list[Answer]:
        """Return the answers to what is asked of it, about every objective if none is named."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network, dice = self.drawn()
            return list(answers(network, dice, asked or ASKED, ways=ways, whole=whole))

    def write(self, folder: Path, found: list[Answer]) -> None:
        """Write the network and the commands that show what is wrong with the answers."""
        network, _ = self.drawn()
        home = folder / str(self)
        write_network(network, home / "network", force=True)
        lines = [f"# {self}", "", f"`python -m tests.hunt --only {self}`", ""]
        for answer in found:
            lines += [f"- {answer.kind}: `{answer.command.replace('NET', 'network')}`"]
            lines += [f"  - seen: {answer.seen}", f"  - right: {answer.right}"]
        (home / "FOUND.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def quarries(shapes: list[str], seed: int, start: int = 0) -> Iterator[Quarry]:
    """Name one network of each shape after the other, without end."""
    return (Quarry(shape, seed, number) for number in count(start) for shape in shapes)


class Tally:
    """How many networks were drawn and how their questions were answered."""

    def __init__(self) -> None:
        self.networks: Counter[str] = Counter()
        self.outcomes: Counter[tuple[str, str, str]] = Counter()

    def add(self, quarry: Quarry, found: list[Answer]) -> None:
        self.networks[quarry.shape] += 1
        self.outcomes.update((quarry.shape, answer.kind, answer.outcome) for answer in found)

    def lines(self) -> Iterator[str]:
        """Yield a table by shape and one by kind of question."""
        outcomes = get_args(Outcome)
        yield f"{'':22}{'networks':>9}{'asked':>9}" + "".join(f"{name:>12}" for name in outcomes)
        for part in (0, 1):
            for name in dict.fromkeys(key[part] for key in sorted(self.outcomes)):
                each = [
                    sum(n for k, n in self.outcomes.items() if (k[part], k[2]) == (name, outcome))
                    for outcome in outcomes
                ]
                drawn = str(self.networks[name]) if part == 0 else ""
                yield f"{name:22}{drawn:>9}{sum(each):>9}" + "".join(f"{n:>12}" for n in each)
            yield ""
        yield f"{sum(self.networks.values())} networks, {sum(self.outcomes.values())} questions"


def hunt(
    names: Iterator[Quarry],
    *,
    seconds: float,
    workers: int,
    folder: Path,
) -> Tally:
    """Ask until the time is over or Ctrl-C, print what differs, and write it to a folder."""
    tally, until = Tally(), monotonic() + seconds
    with suppress(KeyboardInterrupt):  # what was asked until then counts
        for quarry, found in _asked(names, workers, until):
            tally.add(quarry, found)
            wrong = [answer for answer in found if answer.outcome in FAULTS]
            if wrong:
                quarry.write(folder, wrong)
                for answer in wrong:
                    print(
                        f"{quarry}: {answer.kind}: {answer.seen}; right: {answer.right}", flush=True
                    )
    return tally


def _asked(
    names: Iterator[Quarry], workers: int, until: float
) -> Iterator[tuple[Quarry, list[Answer]]]:
    if workers == 1:
        for quarry in names:
            if monotonic() > until:
                return
            yield quarry, quarry.asked()
        return
    with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
        running: dict[Future[list[Answer]], Quarry] = {}
        while running or monotonic() <= until:
            if monotonic() <= until:
                fresh = islice(names, max(0, 2 * workers - len(running)))
                running |= {pool.submit(quarry.asked): quarry for quarry in fresh}
                if not running:
                    return
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(done), done.result()
