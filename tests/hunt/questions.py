"""What is asked of a network, as an object and as the command that asks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flowopt.network.network import Network
from flowopt.planning.solve import solve
from flowopt.results.solution import Solution
from tests.drawn.dice import Dice
from tests.oracles.response import Aim, Ties

TIME_LIMIT = 30.0  # s, of networks that take a fraction of one
ASKED: tuple[tuple[Aim, Ties], ...] = (
    ("flow", "pessimistic"),
    ("profit", "pessimistic"),
    ("bilevel", "pessimistic"),
    ("bilevel", "optimistic"),
)


@dataclass(frozen=True, slots=True)
class Question:
    """One question of `solve`: the most for a budget, or the least money for a target."""

    objective: Aim
    ties: Ties
    budget: float | None = None
    target: float | None = None
    gap: float = 1e-4
    solver: str = "auto"

    @property
    def name(self) -> str:
        """The kind of question, for counts."""
        aim = self.ties if self.objective == "bilevel" else self.objective
        way = "" if self.solver == "auto" else f" {self.solver}"
        return f"{aim} {'budget' if self.target is None else 'target'}{way}"

    def options(self) -> dict[str, Any]:
        asked: dict[str, Any] = {"objective": self.objective, "ties": self.ties, "gap": self.gap}
        asked["solver"] = self.solver
        asked |= {} if self.budget is None else {"budget": self.budget}
        return asked | ({} if self.target is None else {"target": self.target})

    def ask(self, network: Network) -> Solution:
        found: Solution = solve(network, **self.options(), threads=1, time_limit=TIME_LIMIT)
        return found

    def command(self, folder: str) -> str:
        words = [f"flowopt solve {folder} --threads 1"]
        words += [f"--{name} {value!r}".replace("'", "") for name, value in self.options().items()]
        return " ".join(words)


def drawn_budget(dice: Dice, network: Network) -> float:
    """Return what some measures cost, or a share of what all do."""
    costs = [row.cost for row in network.measures]
    if dice.chance(60):
        return sum(dice.subset(costs))
    return sum(costs) * dice.pick((0.5, 1.0, 0.75))
