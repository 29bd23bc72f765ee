"""The shapes of wild networks: which numbers one is made of, each shape where faults have hidden.

The networks of `chains.py` look like a supply chain and have nice numbers. These have any arcs
between any nodes and numbers at the edge of what the format allows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

Numbers = tuple[float, ...]
Limits = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """What the rows of a network are drawn from; shares in percent, `None` is unlimited.

    Attributes
    ----------
    amounts, sizes
        Capacities and quantities, and what all of those of one network are multiplied by.
    apart
        How often a capacity is of a size of its own.
    yields, by_products, inputs, loops
        What a unit of activity makes of one of its input, how often it makes another good or needs
        a second one, and how often a recipe has a way back that loses one of `leaks`.
    losses, cuts, hit_losses, rises
        Losses of arcs in ordinary times; what effects do.
    level
        How often the one limit is a supply of exactly what the demands take.
    odd
        Whether rows of the tables are odd as well, as `odd.py` has it.
    """

    amounts: Limits = (10.0, None, 20.0, 5.0, None, 8.0, 17.0, 3.0, None, 1.0, 0.0)
    sizes: Numbers = (1.0,)
    apart: int = 0
    quantities: Numbers = (10.0, 17.0, 4.0, 20.0, 8.0, 2.0)
    prices: Numbers = (7.0, 10.0, 2.0, 1.0, 20.0)
    weights: Numbers = (1.0, 1.0, 2.0, 5.0, 0.5, 0.0)
    costs: Numbers = (0.0, 0.0, 1.0, 2.0, 0.25)
    losses: Numbers = (0.0, 0.0, 0.0, 0.25, 0.1)
    yields: Numbers = (1.0, 0.5, 2.0, 1 / 3, 3.0)
    inputs: int = 20
    by_products: int = 20
    loops: int = 10
    leaks: Numbers = (0.5, 0.1)
    cuts: Numbers = (1.0, 0.5, 0.9, 0.25)
    hit_losses: Numbers = (0.5, 0.9, 0.1, 0.25)
    rises: Numbers = (1.0, 5.0, 2.0, 0.5, 20.0)
    uptimes: Numbers = (1.0, 1.0, 1.0, 0.5, 0.9)
    level: int = 0
    odd: bool = False


PLAIN = Shape()
_MULTIPLY: Numbers = (30.0, 1000.0, 0.001, 300.0, 1 / 30, 100.0, 1.0, 0.004)
_NEAR: Numbers = (0.99, 1.0, 1.0 - 1e-6, 1.0 - 1e-8, 0.999, 0.5)
_RISES: Numbers = (1e6, 946_000.0, 1000.0, 1e5, 40_000.0, 1.0, 1e-3)
_SIZES: Numbers = (1.0, 1e9, 1e-6, 1e6, 1e-3, 1e3, 1e-5, 1e7)
_NEXT: Numbers = (1.0, 1e3, 1e-3, 10.0, 0.1, 100.0)
_LEAKS: Numbers = (1e-4, 1e-3, 1e-2, 0.1)

SHAPES: dict[str, Shape] = {
    "plain": PLAIN,
    "multiply": replace(PLAIN, yields=_MULTIPLY, inputs=35, by_products=35),
    "level": replace(PLAIN, level=100, yields=(1.0, 0.5, 2.0, 30.0, 1 / 3, 0.8), costs=(0.0, 1.0)),
    "loop": replace(PLAIN, loops=80, leaks=_LEAKS, losses=(0.0, *_LEAKS), by_products=50),
    "near": replace(PLAIN, losses=(0.0, 0.0, *_NEAR), cuts=_NEAR, hit_losses=_NEAR),
    "rise": replace(PLAIN, rises=_RISES, costs=(0.0, 0.0, 1.0, 1000.0, 0.01)),
    "size": replace(PLAIN, sizes=_SIZES),
    "apart": replace(PLAIN, sizes=_NEXT, apart=30),
    "tie": replace(PLAIN, prices=(1.0, 1.0, 0.0), costs=(0.0,), losses=(0.0,), yields=(1.0,)),
    "mixed": replace(
        PLAIN,
        sizes=(1.0, 1.0, 1.0, *_SIZES),
        apart=5,
        prices=(7.0, 0.0, 10.0, 1.0, 1.0, 1000.0),
        losses=(0.0, 0.0, 0.0, 0.25, 0.99, 1.0 - 1e-6, *_LEAKS),
        yields=(1.0, 2.0, *_MULTIPLY),
        inputs=35,
        by_products=35,
        loops=30,
        leaks=_LEAKS,
        cuts=(1.0, 0.5, *_NEAR),
        hit_losses=(0.5, 0.1, *_NEAR),
        rises=(1.0, 5.0, *_RISES),
        level=15,
    ),
}
# Shapes of the hunt alone, which the tests of single rooms do not pick from.
HUNTED: dict[str, Shape] = SHAPES | {"odd": replace(SHAPES["plain"], odd=True)}
