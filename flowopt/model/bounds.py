"""Derived bounds on the dual prices: every big M of the interdiction model comes from here.

The dual of the trafficker's programme prices goods (pi) and capacities (mu):

    minimise U(x)'mu   subject to   used_j'pi + takes_j'mu >= p_j(x) + made_j'pi   for each open j

*Netback.* B_i is the most that a tonne of good i can bring on any way to any market when
capacities are free and every other input costs nothing:

    B_i = max over activities j using i of (p_j + made_j'B) / used_ij,   at least 0.

If (pi, mu) is feasible then so is (min(pi, B), mu): the row of j holds with any capped input
alone, and capping what j makes only helps. Measures only lower the right-hand side, so B bounds
the prices under every plan. B is the least fixed point (see `netback`): no cycle multiplies mass,
or the checks would have refused the network.

*Margin.* M_j = max(0, p_j + made_j'B) is the most activity j can earn. Likewise mu of a row can be
capped at the largest margin, for a unit that is taken of the row, among its activities, and an
activity that a measure closes needs no more than its margin to satisfy its row; the pass lane of a
stage needs no more than the lost share of it, because the seized lane beside it holds the rest.

An activity whose inputs cannot arrive, or whose margin is zero, never runs with profit: it is left
out (`live`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowopt.model.activities import ActivityModel, Flags, Floats, Terms
from flowopt.model.netback import netbacks
from flowopt.model.runnable_activities import reachable
from flowopt.objectives import OBJECTIVES, Objective

_ENOUGH = 2.0  # times its margin: what no activity can pay
_CAPPED_SWEEPS, _CAPPED = 200, 1e-9  # and the relative fall from which prices have settled


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds on the dual prices for one objective.

    Attributes
    ----------
    netback : array
        B per good, in the objective's unit per t.
    margin : array
        M per activity, per unit of activity.
    row : array
        Largest margin in each capacity row, for a unit taken of it.
    live : array of bool
        Activities that can run and can pay.
    """

    netback: Floats
    margin: Floats
    row: Floats
    live: Flags

    def enough(self, cost_increases: Terms) -> Floats:
        """Return the amounts of cost increases, as far as they matter.

        A live activity that gets dearer by twice its margin loses by running, and is in no best
        response. More would only scale its row by what no solver can hold against the rest.
        """
        most = np.where(self.live, _ENOUGH * self.margin, np.inf)
        return np.minimum(cost_increases.amount, most[cost_increases.place])


def derive_bounds(model: ActivityModel, objective: Objective) -> Bounds:
    """Derive the bounds for one objective.

    Raises
    ------
    SolverError
        When the netbacks do not settle, as in a network whose cycles multiply mass.
    """
    earns, _ = model.stakes(objective)
    runs = reachable(model, model.limit)
    netback = netbacks(model, np.where(runs, earns, -np.inf))
    margin = np.where(runs, np.maximum(0.0, earns + model.made.T @ netback), 0.0)
    return _bounds(model, netback, margin)


def capped_bounds(
    model: ActivityModel, objective: Objective, bounds: Bounds, caps: Floats, least: Bounds
) -> Bounds:
    """Derive lower bounds from caps on some prices: B_i = min(cap_i, best netback), at last.

    Sweeps go down from the bounds there are. If (pi, mu) is feasible with pi <= caps, then so is
    (min(pi, B), mu) after each of them, as for netbacks: where B_i is the cap, pi_i stays as it is;
    where it is the netback of capped prices, it holds every row that uses i alone. So they may
    stop anywhere, as they do on a loop that loses little.

    Parameters
    ----------
    model, objective
        As for `derive_bounds`.
    bounds
        The bounds so far.
    caps
        What the price of each good need not exceed, `inf` where that is not known.
    least
        Bounds that none may fall below; larger ones are always valid.
    """
    earns, _ = model.stakes(objective)
    live, made = bounds.live, model.made.T.tocsr()
    used = model.used.tocoo()
    netback = bounds.netback
    for _ in range(_CAPPED_SWEEPS):
        brings = np.where(live, earns + made @ netback, 0.0)
        best = np.zeros(len(netback))
        np.maximum.at(best, used.row, brings[used.col] / used.data)
        lower = np.minimum(netback, np.maximum(np.minimum(caps, best), least.netback))
        settled = (lower >= netback * (1.0 - _CAPPED)).all()
        netback = lower
        if settled:
            break
    margin = np.where(live, np.maximum(0.0, earns + made @ netback), 0.0)
    return _bounds(model, netback, np.where(margin > 0.0, np.maximum(margin, least.margin), 0.0))


def _bounds(model: ActivityModel, netback: Floats, margin: Floats) -> Bounds:
    """Return bounds with what netbacks and margins make of rows and of what may run."""
    takes = model.takes.tocoo()
    row = np.zeros(len(model.limit))
    np.maximum.at(row, takes.row, margin[takes.col] / takes.data)
    return Bounds(netback=netback, margin=margin, row=row, live=margin > 0.0)


def gross_worth(model: ActivityModel, objective: Objective) -> tuple[Floats, Floats]:
    """Return the most that a tonne of each good, and a unit of each activity, can bring.

    Netbacks and margins as if nothing cost anything: what things weigh in the objective, whatever
    their unit. A tonne of leaf is worth a few kilograms of what becomes of it.
    """

    def worth() -> tuple[Floats, Floats]:
        brings = model.price if for_money else model.weight_anywhere
        runs = reachable(model, model.limit)
        netback = netbacks(model, np.where(runs, brings, -np.inf))
        return netback, np.where(runs, brings + model.made.T @ netback, 0.0)

    for_money = OBJECTIVES[objective].for_money
    good, activity = model.once(f"gross worth in {'money' if for_money else 'tonnes'}", worth)
    return good, activity
