"""The table of Peru's plans by five criteria: `python -m tests.docs.five_criteria` writes it again.

It solves Peru for 20 M USD by every criterion, which takes minutes, and puts what it finds between
the marks of `docs/peru-criteria.md`. The test of the page values the plans of the table anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import flowopt
from flowopt.criteria import CRITERION_NAMES
from flowopt.network.network import Network
from flowopt.planning.own_bests import OwnBests
from flowopt.results.scenario_solution import ScenarioSolution
from tests.networks import ROOT, shipped
from tests.oracles.criterion import criterion_of

PAGE = ROOT / "docs" / "peru-criteria.md"
BUDGET = 20
NOTHING = "nothing"
_MARKED = re.compile(r"(<!-- five criteria -->\n\n).*?(?=<!-- end of five criteria -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """A plan of the table.

    Attributes
    ----------
    made : str
        What it is the best plan by.
    measures : tuple of str
        Its measures.
    left : tuple of float
        What it leaves in each scenario, t/yr.
    """

    made: str
    measures: tuple[str, ...]
    left: tuple[float, ...]


def solved(network: Network) -> tuple[list[Row], dict[str, ScenarioSolution]]:
    """Return the plans: none, the best by each criterion, and the best in each scenario alone."""
    own_bests, found = OwnBests(), dict[str, ScenarioSolution]()
    for criterion in ("regret", *CRITERION_NAMES):  # the first of them finds the own bests
        if criterion not in found:
            found[criterion] = flowopt.solve(
                network, budget=BUDGET, criterion=criterion, own_bests=own_bests
            )
    scenarios = found["regret"].scenarios
    plans = dict[tuple[str, ...], str]()
    for name in CRITERION_NAMES:
        plan, made = tuple(found[name].measures), f"`{name}`"
        plans[plan] = f"{plans[plan]}, {made}" if plan in plans else made
    for row in scenarios:
        alone = tuple(filter(None, row.own_measures.split(";")))
        made = f"*{row.scenario}* alone"
        plans[alone] = f"{plans[alone]}, {made}" if alone in plans else made
    rows = [Row(NOTHING, (), values_of(network, ()))]
    return [
        *rows,
        *(Row(made, plan, values_of(network, plan)) for plan, made in plans.items()),
    ], found


def values_of(network: Network, measures: Iterable[str]) -> tuple[float, ...]:
    """Return what a plan leaves in each scenario."""
    plan = list(measures)
    return tuple(
        flowopt.Trafficker(network, scenario=row.scenario).value(plan) for row in network.scenarios
    )


def by_criteria(network: Network, rows: Sequence[Row]) -> list[Mapping[str, float]]:
    """Return the criteria of each row; the best plan of each scenario is one of them."""
    weights = [row.weight for row in network.scenarios]
    shares = [weight / sum(weights) for weight in weights]
    nothing = next(row.left for row in rows if row.made == NOTHING)
    best = [min(values) for values in zip(*(row.left for row in rows), strict=True)]

    def over(name: str, left: Sequence[float], reference: Sequence[float]) -> float:
        return criterion_of(name, [v - r for v, r in zip(left, reference, strict=True)], shares)

    zero = [0.0] * len(shares)
    return [
        {
            "expected": over("expected", row.left, zero),
            "worst": over("worst", row.left, zero),
            "cut": -over("cut", row.left, nothing),
            "regret": over("regret", row.left, best),
            "cvar": over("cvar", row.left, zero),
        }
        for row in rows
    ]


def table(network: Network, rows: Sequence[Row]) -> str:
    """Return the table, the least of each column (of the sure cut, the largest) in bold."""
    names = [row.scenario for row in network.scenarios]
    heads = ["the best plan by", *names, "mean", "worst fifth", "most", "sure cut", "most regret"]
    numbers = [
        [*row.left, each["expected"], each["cvar"], each["worst"], each["cut"], each["regret"]]
        for row, each in zip(rows, by_criteria(network, rows), strict=True)
    ]
    cut = heads.index("sure cut") - 1
    best = [
        (max if n == cut else min)(column) for n, column in enumerate(zip(*numbers, strict=True))
    ]
    lines = [f"| {' | '.join([*heads, 'measures'])} |", "| --- " * (len(heads) + 1) + "|"]
    for row, values in zip(rows, numbers, strict=True):
        cells = [
            f"**{value:.2f}**" if abs(value - least) < 5e-3 else f"{abs(value):.2f}"
            for value, least in zip(values, best, strict=True)
        ]
        lines.append(f"| {' | '.join([row.made, *cells, ' '.join(row.measures)])} |")
    return "\n".join(lines) + "\n"


def read(text: str) -> list[Row]:
    """Return the rows of a page's table."""
    found = _MARKED.search(text)
    assert found is not None
    lines = [line for line in found[0].splitlines() if line.startswith("|")]
    count = lines[0].count("|") - 1 - 7  # columns of scenarios
    rows = []
    for line in lines[2:]:
        made, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        left = tuple(float(cell.strip("*")) for cell in cells[:count])
        rows.append(Row(made, tuple(cells[-1].split()), left))
    return rows


def proofs(found: Mapping[str, ScenarioSolution]) -> str:
    """Return a sentence on what is proved of the plans."""
    open_ones = [f"`{name}`" for name, each in found.items() if each.status != "optimal"]
    if not open_ones:
        return "Every plan is proved to be the best by its criterion, to 0.01 %.\n"
    return f"Proved to be the best, to 0.01 %, are all but those by {', '.join(open_ones)}.\n"


def main() -> None:
    network = shipped("peru-2014")
    rows, found = solved(network)
    made = f"{table(network, rows)}\n{proofs(found)}\n"
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_MARKED.sub(lambda marks: marks[1] + made, text), encoding="utf-8")


if __name__ == "__main__":
    main()
