"""Seeded supply chains of any size, in the format of the project.

Amounts are those of the trade in shape only: 325 to 375 t of leaf make a tonne of base, and nothing
here stands for a real place. The chain is that of `chain`, the measures those of `against`.

The same arguments give the same network on every Python: all chance comes from
`random.Random.random`, whose numbers are promised, and from arithmetic that IEEE 754 fixes.
`python -m tests.benchmarks.generator --help` writes one as a folder.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from flowopt.network import schema
from flowopt.network.checks.validation import checked
from flowopt.network.network import Network
from flowopt.network.write import write_network
from tests.benchmarks.against import MEAN_COST, Against
from tests.benchmarks.chain import LEAVES, PER_UNIT, Chain, Dice

BASE_ACID, LAB_BASE, LAB_ACID = 0.4, 1.05, 0.7  # t for a tonne made


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What to generate.

    Attributes
    ----------
    activities : int
        Columns of the trafficker's programme, reached exactly.
    measures : int
        How many.
    seed : int
        Another seed gives another network.
    """

    activities: int
    measures: int
    seed: int = 1

    @property
    def name(self) -> str:
        """The network's id."""
        return f"chain-{self.activities}-{self.measures}-s{self.seed}"

    def budget(self, share: float) -> float:
        """Return about a share of what all measures cost, M USD a year, in halves."""
        return max(1, round(2.0 * share * MEAN_COST * self.measures)) / 2.0


def generate(spec: Spec) -> Network:
    """Return the network of a specification, checked like a file.

    Parameters
    ----------
    spec
        What to generate.

    Raises
    ------
    ValueError
        When so few activities can't hold the layers and what the measures need.
    """
    unit = (spec.activities - 0.9 * spec.measures) / PER_UNIT
    while True:
        chain = Chain(Dice(spec.name))
        chain.grow(max(unit, 0.0))
        against = Against(chain)
        against.draw(spec.measures)
        size = chain.activities() + against.activities()
        if size <= spec.activities:
            break
        if unit <= 0.0:
            raise ValueError(
                f"{spec.name} needs at least {size} activities, {spec.activities} are asked for; "
                "ask for more, or for fewer measures"
            )
        unit = unit * min(0.98, 0.99 * spec.activities / size) - 0.02
    chain.fill(spec.activities - size)
    return _network(spec, chain, against)


def _network(spec: Spec, chain: Chain, against: Against) -> Network:
    names = {
        "leaf_rich": "Leaf, rich",
        "leaf_poor": "Leaf, poor",
        "acid": "Precursor",
        "base": "Base",
        "hcl": "Hydrochloride",
    }
    used = {c for arc in chain.arcs for c in arc.commodities}
    amounts = {
        f"base_of_{leaf}": {leaf: -need, "acid": -BASE_ACID, "base": 1.0}
        for leaf, need in LEAVES.items()
        if leaf in used
    }
    amounts["hcl_of_base"] = {"base": -LAB_BASE, "acid": -LAB_ACID, "hcl": 1.0}
    return checked(
        Network(
            info=schema.Info(
                id=spec.name,
                title=f"A generated supply chain of {spec.activities} activities",
                description="Made by a seeded generator; no place or leg stands for a real one",
            ),
            commodities=tuple(
                schema.Commodity(commodity=c, name=n) for c, n in names.items() if c in used
            ),
            nodes=tuple(chain.nodes.values()),
            arcs=tuple(chain.arcs),
            supplies=tuple(chain.supplies),
            recipes=tuple(
                schema.RecipeLine(recipe=recipe, commodity=c, quantity=q)
                for recipe, lines in amounts.items()
                for c, q in lines.items()
            ),
            sites=tuple(chain.sites),
            demands=tuple(chain.demands),
            measures=tuple(against.measures),
            effects=tuple(against.effects),
            rules=tuple(against.rules),
        )
    )


def main() -> None:
    """Write a network as a folder."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.generator")
    parser.add_argument("folder", help="a folder that is not there yet, or is empty")
    parser.add_argument("--activities", type=int, default=1000)
    parser.add_argument("--measures", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    spec = Spec(activities=given.activities, measures=given.measures, seed=given.seed)
    write_network(generate(spec), given.folder)


if __name__ == "__main__":
    main()
