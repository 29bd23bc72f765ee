"""Why a plan is what it is: what each measure of it is worth, and which others come next.

Every answer is one more best response of the trafficker, from the last one's basis.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from flowopt.model.activities import ActivityModel
from flowopt.model.gap import EQUAL
from flowopt.model.interdiction import closure
from flowopt.model.proof import Proof
from flowopt.model.search import Plan
from flowopt.model.trafficker import Trafficker
from flowopt.network.network import Network
from flowopt.results import NextMeasure, PlanRow, Rows

LISTED = 10  # measures that come next and their proofs; more would swell the certificate
TOO_LATE = "the time limit left no time to see all of the measures that come next"
_SHARE, _LEAST = 0.2, 5.0  # of the time taken so far, and seconds: what looking for them may take
_SAME = 1e-6  # relative: a bound on a gain is trusted but for that much

Prove = Callable[[Plan], Proof]


@dataclass(frozen=True, slots=True)
class Following:
    """The measures that come next, with the proof of each value, best first."""

    rows: Rows[NextMeasure]
    proofs: Mapping[str, Proof] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def patience(time_limit: float | None, began: float, *, interrupted: bool) -> float | None:
    """Return how many seconds a request begun at `began` may look for what comes next."""
    if interrupted:
        return 0.0
    if time_limit is None:
        return None
    return max(_LEAST, _SHARE * (time.perf_counter() - began))


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
    trafficker: Trafficker,
    prove: Prove,
    seconds: float | None = None,
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
    trafficker
        What values plans.
    prove
        The proof of a plan's value.
    seconds
        What looking for them may take; None for no limit. Those that are surely the next then are
        returned, with a warning that others may follow.
    """
    deadline = math.inf if seconds is None else time.perf_counter() + seconds
    gains, certain, warnings = _gains(model, plan, value, exclude, scale, trafficker, deadline)
    best = sorted(gains, key=lambda m: (-round(gains[m], 9), m))[:LISTED]
    best = [m for m in best if gains[m] >= certain]
    proofs = {m: prove(plan | closure(model, [m])) for m in best}
    adds = {m: value - proofs[m].value for m in best}
    best.sort(key=lambda m: (-round(adds[m], 9), m))
    rows = []
    for rank, m in enumerate(best, start=1):
        row, added = network.measures[m], closure(model, [m]) - plan
        cost = float(model.measure_cost[sorted(added)].sum())
        per_million = adds[m] / cost if cost > 0.0 else None
        rows.append(NextMeasure(rank, row.measure, row.name, row.kind, cost, adds[m], per_million))
    proofs_by_id = {model.measures[m]: proofs[m] for m in best}
    return Following(Rows(NextMeasure, rows), proofs_by_id, warnings)


def _gains(
    model: ActivityModel,
    plan: Plan,
    value: float,
    exclude: Plan,
    scale: float,
    trafficker: Trafficker,
    deadline: float,
) -> tuple[dict[int, float], float, tuple[str, ...]]:
    """Return what measures add to a plan, and from which gain on all of them are there.

    Those that can add most are looked at first, until no other can come before the last listed.
    """
    trafficker.remember(plan)
    most = trafficker.most_lost()
    most[[a for a, b in model.requires if b not in plan]] = np.inf
    open_ones = [
        m for m in range(len(most)) if m not in plan and _possible(model, plan, m, exclude)
    ]
    open_ones.sort(key=lambda m: (-most[m], m))
    gains: dict[int, float] = {}
    listed: list[float] = []  # the best gains so far, ascending
    for measure in open_ones:
        surely = listed[0] if len(listed) == LISTED else EQUAL * scale
        # Gains are compared with nine digits, and equal ones in file order.
        if most[measure] < surely - _SAME * scale:
            break
        if time.perf_counter() > deadline:
            return gains, float(most[measure]), (TOO_LATE,)
        gain = value - trafficker.value(plan | closure(model, [measure]))
        if gain > EQUAL * scale:
            gains[measure] = gain
            listed = sorted([*listed, gain])[-LISTED:]
    return gains, 0.0, ()


def _possible(model: ActivityModel, plan: Plan, measure: int, exclude: Plan) -> bool:
    """Return whether a measure, with what it requires, may join a plan."""
    bought = closure(model, [measure]) - plan
    both = plan | bought
    return not bought & exclude and not any(
        a in both and b in both and (a in bought or b in bought) for a, b in model.excludes
    )
