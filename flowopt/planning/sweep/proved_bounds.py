"""Bounds of a comparison beside the proofs of its plans.

Plans within 1e-7 of the objective without measures are one to a planner, and the cheapest of them
is the row's. A search that ends with it claims no more than its value, although another of them,
proved for the ladder or the cross table, may be a rounding below: then the bound is that value.
A proof that is further below is no rounding, and is left for `verify` to find.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate

from flowopt.model.feasible_plans import slack
from flowopt.planning.plan_constraints import indices
from flowopt.planning.sweep.budgets import PlanCosts
from flowopt.planning.sweep.consistency import ConsistentRows
from flowopt.planning.sweep.plan_pool import PlanPool
from flowopt.planning.sweep.result_tables import SweepTables
from flowopt.planning.sweep.row_sources import BreakpointSource, RowSource
from flowopt.results.budget_rows import FrontierRow
from flowopt.results.numbers import not_above, relative_gap
from flowopt.results.proof import Proof


def with_lowered_bounds(tables: SweepTables, pool: PlanPool) -> SweepTables:
    """Return the tables of a sweep with no bound a rounding above a plan that is proved."""
    least = LeastProved(pool, tables.proofs.all())
    return replace(
        tables,
        frontier=tuple(_lowered_row(row, least) for row in tables.frontier),
        consistent=_lowered_below(tables.consistent, pool.source, least),
    )


class LeastProved:
    """Least value of all plans proved, by what they may cost.

    Parameters
    ----------
    pool
        The pool of the plans: its conditions, and what measures cost.
    proofs
        Of any plans; those that lack a measure that has to be in do not count.
    """

    def __init__(self, pool: PlanPool, proofs: Iterable[Proof]) -> None:
        costs, include = PlanCosts(pool.model), pool.problem.constraints.include
        costed = []
        for proof in proofs:
            plan = indices(pool.model.measures, proof.measures, what="measure")
            if include <= {*plan}:
                costed.append((costs.of(plan), proof.value))
        costed.sort()
        self._costs = [cost for cost, _ in costed]
        self._least = [*accumulate((value for _, value in costed), min)]
        self._baseline = pool.before.value

    def lowered(self, bound: float, budget: float) -> float:
        """Return a bound on all plans for a budget, lower by a rounding at most."""
        fitting = bisect_right(self._costs, budget + slack(budget))
        return not_above(bound, self._least[fitting - 1], self._baseline) if fitting else bound


def _lowered_row(row: FrontierRow, least: LeastProved) -> FrontierRow:
    if row.value is None or row.bound is None:
        return row
    bound = least.lowered(row.bound, row.budget)
    return replace(row, bound=bound, gap=relative_gap(row.value, bound, row.baseline))


def _lowered_below(rows: ConsistentRows, source: RowSource, least: LeastProved) -> ConsistentRows:
    """Return the rows with lower bounds on cheaper plans, and on all; as they are for a grid."""
    if rows.beyond is None or not isinstance(source, BreakpointSource):
        return rows
    below = tuple(
        None if bound is None else least.lowered(bound, source.below(row.plan))
        for row, bound in zip(rows.rows, rows.below, strict=True)
    )
    return replace(rows, below=below, beyond=least.lowered(rows.beyond, math.inf))
