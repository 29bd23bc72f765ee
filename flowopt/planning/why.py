"""Why a plan is what it is: what each measure of it is worth, and which others come next.

Every answer is one more best response of the trafficker, from the last one's basis.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flowopt.model.activities import ActivityModel
from flowopt.model.interdiction import closure
from flowopt.model.proof import Proof
from flowopt.model.search import EQUAL, Plan
from flowopt.network.network import Network
from flowopt.results import NextMeasure, PlanRow, Rows

LISTED = 10  # measures that come next and their proofs; more would swell the certificate
TOO_LATE = "the time limit left no time to see which measures come next"
_SHARE, _LEAST = 0.2, 5.0  # of the time limit, and seconds: what looking for them may take

Worth = Callable[[Plan], float]
Prove = Callable[[Plan], Proof]


@dataclass(frozen=True, slots=True)
class Following:
    """The measures that come next, with the proof of each value, best first."""

    rows: Rows[NextMeasure]
    proofs: Mapping[str, Proof] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def ranked(
    network: Network, dropped: Mapping[int, Proof], value: float | None, *, harmless: bool
) -> Rows[PlanRow]:
    """Return the plan's rows, the measure that would be missed most first.

    Where measures do no harm, a loss below 0 is the solver's rounding.
    """
    if value is None:
        return Rows(PlanRow)
    least = 0.0 if harmless else -math.inf
    lost = {i: max(least, proof.value - value) for i, proof in dropped.items()}
    rows = []
    for rank, i in enumerate(sorted(lost, key=lambda i: (-round(lost[i], 9), i)), start=1):
        measure = network.measures[i]
        rows.append(
            PlanRow(rank, measure.measure, measure.name, measure.kind, measure.cost, lost[i])
        )
    return Rows(PlanRow, rows)


def following(
    network: Network,
    model: ActivityModel,
    plan: Plan,
    value: float,
    *,
    exclude: Plan,
    scale: float,
    worth: Worth,
    prove: Prove,
    time_limit: float | None = None,
) -> Following:
    """Return the measures left out that would add most, one at a time, on top of a plan.

    Each comes with what it requires. Money and other resources do not count here, rules do, and
    so does what the request excludes. Measures work together: what two of them add is not the sum.

    Parameters
    ----------
    network, model
        The network and its programme.
    plan, value
        The plan, and the objective under it.
    exclude
        Measures that may not be bought.
    scale
        The objective without measures: what "nothing" is relative to.
    worth, prove
        The objective under a plan, and the proof of it.
    time_limit
        Seconds that the whole request may take; a fifth of it, or five seconds, may go here.
        None for no limit.
    """
    deadline = time.perf_counter() + max(_LEAST, _SHARE * (time_limit or 0.0))
    gains: dict[int, float] = {}
    for measure in range(len(model.measures)):
        if measure in plan or not _possible(model, plan, measure, exclude):
            continue
        if time_limit is not None and time.perf_counter() > deadline:
            return Following(Rows(NextMeasure), {}, (TOO_LATE,))
        gain = value - worth(plan | closure(model, [measure]))
        if gain > EQUAL * scale:
            gains[measure] = gain
    best = sorted(gains, key=lambda m: (-round(gains[m], 9), m))[:LISTED]
    proofs = {m: prove(plan | closure(model, [m])) for m in best}
    adds = {m: value - proofs[m].value for m in best}
    best.sort(key=lambda m: (-round(adds[m], 9), m))
    rows = []
    for rank, m in enumerate(best, start=1):
        row, added = network.measures[m], closure(model, [m]) - plan
        cost = float(model.measure_cost[sorted(added)].sum())
        per_million = adds[m] / cost if cost > 0.0 else None
        rows.append(NextMeasure(rank, row.measure, row.name, row.kind, cost, adds[m], per_million))
    return Following(Rows(NextMeasure, rows), {model.measures[m]: proofs[m] for m in best})


def _possible(model: ActivityModel, plan: Plan, measure: int, exclude: Plan) -> bool:
    """Return whether a measure, with what it requires, may join a plan."""
    bought = closure(model, [measure]) - plan
    both = plan | bought
    return not bought & exclude and not any(
        a in both and b in both and (a in bought or b in bought) for a, b in model.excludes
    )
