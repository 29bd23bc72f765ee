"""A Monte Carlo on yields: whether the plan is still right when the harvest is another one.

    python examples/uncertain_yields.py [networks/tiny] [--budget 2] [--draws 50] [--seed 1]

The plan for the network as it stands is fixed. Then supplies (how much each area gives) and recipes
(how much goes into a tonne) are drawn again and again within plus or minus 50 and 20 per cent, and
each time the fixed plan is set against the plan one would have bought, had one known. The
difference is its regret.

What one learns: what a plan leaves varies with the harvest, which nobody can help; the regret is
what choosing better could have helped. Every plan that was best in some draw is tried in all draws:
look for one that regrets little on average and at worst, not for the one that is best most often.
Here bottlenecks decide: in lean years less leaf is less product, in fat years the exits are full
whatever the fields give, and the scanner at one of them is worth more.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace

import numpy
import pandas

import flowopt


def draws(network: flowopt.Network, count: int, seed: int) -> Iterator[flowopt.Network]:
    """Yield the network with other supplies and recipes; the same ones for the same seed."""
    random = numpy.random.default_rng(seed)
    for _ in range(count):
        supplies = [
            row if row.capacity is None else replace(row, capacity=row.capacity * factor)
            for row, factor in zip(
                network.supplies, random.uniform(0.5, 1.5, len(network.supplies)), strict=True
            )
        ]
        # What goes in is negative: a bad batch takes more for the same tonne.
        recipes = [
            replace(row, quantity=row.quantity * factor) if row.quantity < 0 else row
            for row, factor in zip(
                network.recipes, random.uniform(0.8, 1.2, len(network.recipes)), strict=True
            )
        ]
        yield network.replace(supplies=supplies, recipes=recipes)


def main() -> None:
    """Draw, solve, and print how the fixed plan and its rivals fare."""
    options = argparse.ArgumentParser(description="A fixed plan under uncertain yields.")
    options.add_argument("network", nargs="?", default="networks/tiny")
    options.add_argument("--budget", type=float, default=2)
    options.add_argument("--draws", type=int, default=50)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    network = flowopt.read_network(asked.network)
    fixed = flowopt.solve(network, budget=asked.budget).measures

    worlds = list(draws(network, asked.draws, asked.seed))
    best = [flowopt.solve(world, budget=asked.budget) for world in worlds]
    plans = {" ".join(plan) or "-": plan for plan in [fixed, *(found.measures for found in best)]}
    ours = next(iter(plans))
    left = pandas.DataFrame(
        [flowopt.Trafficker(world).values(plans.values()) for world in worlds], columns=list(plans)
    )
    least = pandas.Series([found.value for found in best])
    regret = left.sub(least, axis=0).clip(lower=0)

    spread = pandas.DataFrame(
        {
            "without measures": [found.baseline for found in best],
            "fixed plan": left[ours],
            "best plan": least,
            "regret": regret[ours],
        }
    ).quantile([0.05, 0.5, 0.95])
    print(f"{network.info.title}: t a year in {asked.draws} draws")
    print(spread.rename(index="{:.0%} of draws below".format).round(2).to_string())
    rivals = pandas.DataFrame(
        {
            "best in": (regret < 1e-6).mean().map("{:.0%}".format),
            "left, mean": left.mean(),
            "regret, mean": regret.mean(),
            "regret, worst": regret.max(),
            "plan": ["fixed: " * (name == ours) + name for name in plans],
        }
    ).sort_values("regret, mean")
    print("\nEvery plan that was best in some draw, tried in all of them")
    print(rivals.round(2).to_string(index=False))


if __name__ == "__main__":
    main()
