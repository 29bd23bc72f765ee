"""The cross table: regret of the plan of another budget or objective.

A plan's value under an objective does not depend on the budget, so each plan is valued once under
each objective; the table only subtracts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowopt.model.feasible_plans import slack
from flowopt.planning.sweep.evidence import ProofCache
from flowopt.planning.sweep.ladder import spread
from flowopt.results.budget_rows import FrontierRow, PlanAt
from flowopt.results.numbers import regret

_MOST = 100  # budgets of one network and objective: the table grows with their square


def cross_rows(
    rows: Sequence[FrontierRow], plans: Sequence[Sequence[FrontierRow]], proofs: ProofCache
) -> Iterator[PlanAt]:
    """Yield the plans of some sweeps at every budget of one sweep that they fit.

    Parameters
    ----------
    rows
        The rows of the sweep, budgets rising.
    plans
        Those of the sweeps of the same network, this one included.
    proofs
        Of values under the objective of `rows`.
    """
    offers = [plan for each in plans for plan in _sampled(each)]
    for row in _sampled(rows):
        best = row.value or 0.0
        for plan in offers:
            if plan.spent is None or plan.spent > row.budget + slack(row.budget):
                continue
            value = proofs.of(filter(None, plan.measures.split(";"))).value
            lost, lost_share = regret(value, best, row.baseline)
            yield PlanAt(
                network=row.network,
                objective=row.objective,
                budget=row.budget,
                plan_objective=plan.objective,
                plan_budget=plan.budget,
                spent=plan.spent,
                value=value,
                best=best,
                regret=lost,
                regret_share=lost_share,
            )


def _sampled(rows: Sequence[FrontierRow]) -> list[FrontierRow]:
    """Return the rows with a plan; of too many, an evenly spaced sample."""
    planned = [row for row in rows if row.value is not None]
    return [planned[place] for place in spread(len(planned), _MOST)] if planned else []
