"""The value of a plan whose measures may fail: every fall of every coin, row after row."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Literal

from flowopt.network.network import Network
from tests.oracles.enumerate import Known, Plan, plan_values
from tests.oracles.over_time import value_over_time
from tests.oracles.response import Aim, Ties


def outcomes(
    network: Network, plan: Plan, measures: Sequence[float], effects: Sequence[float]
) -> Iterator[tuple[float, Plan, Network]]:
    """Yield the probability of each fall of the coins, what works, and the network of what does.

    Parameters
    ----------
    plan
        Ids of measures.
    measures, effects
        Chances by row; those of effects are given that the measure works.
    """
    chosen = [(m.measure, p) for m, p in zip(network.measures, measures, strict=True)]
    chosen = [(m, p) for m, p in chosen if m in plan]
    rows = list(range(len(network.effects)))
    for works in product((True, False), repeat=len(chosen)):
        working = tuple(m for (m, _), well in zip(chosen, works, strict=True) if well)
        p_works = _product(
            p if well else 1.0 - p for (_, p), well in zip(chosen, works, strict=True)
        )
        thrown = [i for i in rows if network.effects[i].measure in working and effects[i] < 1.0]
        for fallen in product((True, False), repeat=len(thrown)):
            failed = {i for i, well in zip(thrown, fallen, strict=True) if not well}
            left = [row for i, row in enumerate(network.effects) if i not in failed]
            p_rows = _product(
                effects[i] if well else 1.0 - effects[i]
                for i, well in zip(thrown, fallen, strict=True)
            )
            yield p_works * p_rows, working, replace(network, effects=tuple(left), warnings=())


def _product(factors: Iterator[float]) -> float:
    result = 1.0
    for factor in factors:
        result *= factor
    return result


def expected_value(
    network: Network,
    plan: Plan,
    measures: Sequence[float],
    effects: Sequence[float],
    objective: Aim = "flow",
    ties: Ties = "pessimistic",
    known: Known | None = None,
) -> float:
    """Return the mean of what the trafficker is left with over all that may work of a plan."""
    known = {} if known is None else known
    return sum(
        p * plan_values(left, [working], objective, ties, known)[working]
        for p, working, left in outcomes(network, plan, measures, effects)
        if p > 0.0
    )


def expected_over_time(
    network: Network,
    schedule: Collection[tuple[str, str]],
    objective: Literal["flow", "profit"],
    *,
    openings: bool = True,
) -> float:
    """Return the mean over all that may work of (measure, period) in force over the periods.

    A measure works in all its periods or in none, and so does a row of its effects.
    """
    chosen = {measure for measure, _ in schedule}
    plan = tuple(row.measure for row in network.measures if row.measure in chosen)
    measures, effects = ([r.success for r in rows] for rows in (network.measures, network.effects))
    return sum(
        p
        * value_over_time(
            left, [each for each in schedule if each[0] in working], objective, openings=openings
        )
        for p, working, left in outcomes(network, plan, measures, effects)
        if p > 0.0
    )
