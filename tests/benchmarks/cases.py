"""What is measured: the shipped network, published instances, and generated supply chains."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.generator import Spec
from tests.networks import DATA, ROOT, SHIPPED

if TYPE_CHECKING:  # the process that starts the runs stays small, see `runs`
    from flowopt.objectives import Objective

OBJECTIVES: tuple[Objective, ...] = ("flow", "profit", "bilevel")
PERU = "peru-2014"
PERU_BUDGETS = (10.0, 20.0, 40.0, 80.0, 160.0)
PERU_EVERY = tuple(10.0 * step for step in range(1, 17))
# Activities, measures, and how many seeds.
SIZES = ((250, 100, 3), (500, 120, 3), (1000, 200, 3), (5000, 500, 1), (20000, 1500, 1))
LARGEST = (100_000, 5000, 1)
SHARES = (0.05, 0.15)  # of what all measures cost
BESIDE = ROOT.parent / "shared" / "instances"
SMALL = DATA / "instances"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question about one network.

    Attributes
    ----------
    family : str
        Cases that are averaged together.
    network : str
        Its id.
    objective, budget
        The question; M USD a year.
    source : Path or Spec
        A folder to read, or what to generate.
    known : float or None
        The proved optimum, where one is published.
    """

    family: str
    network: str
    objective: Objective
    budget: float
    source: Path | Spec
    known: float | None = None

    @property
    def name(self) -> str:
        """What ``-k`` looks at."""
        return f"{self.network}-{self.objective}-{self.budget:g}"


def peru(budgets: Iterable[float] = PERU_BUDGETS) -> Iterator[Case]:
    """Yield the cases of the shipped network."""
    for objective in OBJECTIVES:
        for budget in budgets:
            yield Case(
                family=f"{PERU} {objective}",
                network=PERU,
                objective=objective,
                budget=budget,
                source=SHIPPED / PERU,
            )


def instances(folder: Path) -> Iterator[Case]:
    """Yield the cases of a folder of networks with its `optima.csv`, free budgets aside.

    Raises
    ------
    FileNotFoundError
        When the folder has no `optima.csv`.
    """
    with (folder / "optima.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if float(row["budget"]) == 0.0:
                continue
            name = row["instance"]
            kind = re.match(r"[a-z]+(_mc\d+)?", name)
            objective = next(o for o in OBJECTIVES if o == row["objective"])
            yield Case(
                family=kind[0] if kind else name,
                network=name,
                objective=objective,
                budget=float(row["budget"]),
                source=folder / name,
                known=float(row["value_in_our_units"]) if row["proved"] == "yes" else None,
            )


def generated(*, largest: bool = False) -> Iterator[Case]:
    """Yield the cases of the generator, small networks first."""
    for activities, measures, seeds in (*SIZES, *([LARGEST] if largest else [])):
        for seed in range(1, seeds + 1):
            spec = Spec(activities=activities, measures=measures, seed=seed)
            for objective in OBJECTIVES:
                for share in SHARES:
                    yield Case(
                        family=f"chain {objective}",
                        network=spec.name,
                        objective=objective,
                        budget=spec.budget(share),
                        source=spec,
                    )
