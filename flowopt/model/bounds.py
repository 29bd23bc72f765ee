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

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.errors import SolverError
from flowopt.model.activities import ActivityModel, Floats, Indices, Terms
from flowopt.model.netback import entries, netbacks, rows_of
from flowopt.objectives import OBJECTIVES, Objective

_Flags = npt.NDArray[np.bool_]

_ENOUGH = 2.0  # times its margin: what no activity can pay
_SMALL = 200  # goods up to which one activity at a time is quicker than arrays
_WIDE_SWEEPS = 100  # of what is reached at once, of more goods; then one by one
_WIDE_SWEEPS_AHEAD = 1_000  # likewise, where a sweep takes less
_FEW_SWEEPS = 200  # among a few activities alone
_USEFUL_SWEEPS = 100
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
    live: npt.NDArray[np.bool_]

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
    brings = model.price if OBJECTIVES[objective].for_money else model.weight_anywhere
    runs = reachable(model, model.limit)
    netback = netbacks(model, np.where(runs, brings, -np.inf))
    return netback, np.where(runs, brings + model.made.T @ netback, 0.0)


def reachable(model: ActivityModel, limit: Floats, closed: _Flags | None = None) -> _Flags:
    """Return which activities can run at all: every input can arrive, and no limit is zero.

    Parameters
    ----------
    model
        The trafficker's programme.
    limit, closed
        What there is of each capacity, t/yr, and which activities are shut, if any.
    """
    takes, used, made = model.takes, model.used.tocsr(), model.made
    missing = np.diff(model.used.indptr)
    blocked = np.zeros(len(missing), dtype=np.bool_)
    blocked[_columns_of(takes)[limit[takes.indices] <= 0.0]] = True
    if closed is not None:
        blocked |= closed
    runs: _Flags = (missing == 0) & ~blocked
    arrived = np.zeros(len(model.goods), dtype=np.bool_)
    frontier = np.flatnonzero(runs)
    for _ in range(0 if len(arrived) <= _SMALL else _WIDE_SWEEPS):
        goods = np.unique(made.indices[entries(made, frontier)])
        new = goods[~arrived[goods]]
        arrived[new] = True
        users = used.indices[entries(used, new)]
        np.subtract.at(missing, users, 1)
        frontier = np.unique(users)
        frontier = frontier[(missing[frontier] == 0) & ~blocked[frontier]]
        if not len(frontier):
            return runs
        runs[frontier] = True
    return _reachable_one_by_one(model, used, runs, arrived, blocked)


def _reachable_one_by_one(
    model: ActivityModel,
    used: sparse.csr_array,
    runs: _Flags,
    arrived: _Flags,
    blocked: _Flags,
) -> _Flags:
    """Go on where few activities are reached at a time, as on a long path."""
    inputs, outputs = rows_of(model.used), rows_of(model.made)
    users = rows_of(used)
    there, runs = arrived.tolist(), runs.copy()
    queue = np.flatnonzero(runs).tolist()
    while queue:
        for good, _ in outputs[queue.pop()]:
            if there[good]:
                continue
            there[good] = True
            for user, _ in users[good]:
                ready = not runs[user] and not blocked[user]
                if ready and all(there[each] for each, _ in inputs[user]):
                    runs[user] = True
                    queue.append(user)
    return runs


def leading(model: ActivityModel, limit: Floats, closed: _Flags) -> _Flags:
    """Return which activities can run and lead, by whatever way, to a delivery that counts.

    No other is in a best response: what it makes is abandoned at what is shut. In floating point a
    shut gate may pass what rounds to nothing, and tonnes before it that lose nearly all.

    Parameters
    ----------
    model
        The trafficker's programme.
    limit, closed
        What there is of each capacity, t/yr, and which activities are shut.
    """
    runs = reachable(model, limit, closed)
    counts = np.flatnonzero(runs & ((model.weight_anywhere > 0.0) | (model.price > 0.0)))
    user, maker = _columns_of(model.used), _columns_of(model.made)
    uses, makes = runs[user], runs[maker]
    # From a point before them (0) to deliveries that count, to what these use, to what makes that.
    good = 1 + len(runs)
    size = good + len(model.goods)
    tail = np.concatenate([0 * counts, 1 + user[uses], good + model.made.indices[makes]])
    head = np.concatenate([1 + counts, good + model.used.indices[uses], 1 + maker[makes]])
    start = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=size))])
    sweeps = 0 if len(model.goods) <= _SMALL else _WIDE_SWEEPS_AHEAD
    return _ahead(start, head[np.argsort(tail, kind="stable")], sweeps=sweeps)[1:good]


def all_lead(model: ActivityModel, limit: Floats, works: _Flags) -> bool:
    """Return whether some activities surely run and lead to deliveries, by themselves alone.

    Then all of them are `leading`, whatever others can: mostly so for those of a best response,
    which are few beside all that there are.

    Parameters
    ----------
    model
        The trafficker's programme.
    limit
        What there is of each capacity, t/yr.
    works
        Activities that no plan at hand shuts.
    """
    columns = np.flatnonzero(works)
    number = np.arange(len(columns))
    if (limit[model.takes.indices[entries(model.takes, columns)]] <= 0.0).any():
        return False
    place, made_place = entries(model.used, columns), entries(model.made, columns)
    used, made = model.used.indices[place], model.made.indices[made_place]
    user = np.repeat(number, np.diff(model.used.indptr)[columns])
    maker = np.repeat(number, np.diff(model.made.indptr)[columns])

    def grown(seen: _Flags, step: Callable[[_Flags], _Flags]) -> bool:
        for _ in range(_FEW_SWEEPS):
            if seen.all():
                return True
            further = seen | step(seen)
            if (further == seen).all():
                return False
            seen = further
        return False

    def fed(runs: _Flags) -> _Flags:
        there = np.zeros(len(model.goods), dtype=np.bool_)
        there[made[runs[maker]]] = True
        ready: _Flags = np.bincount(user, ~there[used], minlength=len(number)) == 0.0
        return ready

    def asked(leads: _Flags) -> _Flags:
        wanted = np.zeros(len(model.goods), dtype=np.bool_)
        wanted[used[leads[user]]] = True
        makes_some: _Flags = np.bincount(maker, wanted[made], minlength=len(number)) > 0.0
        return makes_some

    counts = (model.weight[columns] > 0.0) | (model.price[columns] > 0.0)
    return grown(np.diff(model.used.indptr)[columns] == 0, fed) and grown(counts, asked)


def _ahead(start: Indices, head: Indices, *, sweeps: int) -> _Flags:
    """Return which points can be reached from point 0; those after i are `head[start[i:i + 2]]`.

    As arrays, a step from all points at once, for so many sweeps; then one point at a time.
    """
    there = np.zeros(len(start) - 1, dtype=np.bool_)
    there[0] = True
    frontier = np.zeros(1, dtype=np.int64)
    for _ in range(sweeps):
        if not len(frontier):
            return there
        first, count = start[frontier], start[frontier + 1] - start[frontier]
        before = np.cumsum(count) - count
        new = head[np.repeat(first - before, count) + np.arange(count.sum())]
        new = new[~there[new]]
        there[new] = True
        frontier = np.unique(new)
    begins, heads, queue = start.tolist(), head.tolist(), frontier.tolist()
    reached = set(np.flatnonzero(there).tolist())
    while queue:
        point = queue.pop()
        new_here = set(heads[begins[point] : begins[point + 1]]) - reached
        reached |= new_here
        queue += new_here
    there[list(reached)] = True
    return there


def _columns_of(matrix: sparse.csc_array) -> Indices:
    """Return the column that each entry stands in."""
    return np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))


def most_activity(model: ActivityModel, sweeps: int = 100) -> Floats:
    """Return a bound on each activity from what can arrive, whatever markets would take.

    A demand of 1e9 often stands for "as much as there is": it must not set the scale. Bounds
    only fall from sweep to sweep, so they hold wherever it stops.
    """
    takes = model.takes.tocoo()
    least = np.full(len(model.activities), np.inf)
    np.minimum.at(least, takes.col, model.limit[takes.row] / takes.data)
    least = _arriving(model, least, sweeps)
    endless = np.isinf(least) & _sites(model)
    if endless.any():
        most = _most_together(model, least, endless)
        if np.isfinite(most):
            least[endless] = most
            least = _arriving(model, least, sweeps)
    return least


def _arriving(model: ActivityModel, least: Floats, sweeps: int) -> Floats:
    """Let bounds fall to what all makers of an input can make."""
    makes, used = model.made.tocsr(), model.used.tocoo()
    for _ in range(sweeps):
        endless = makes @ np.isinf(least).astype(float) > 0.0
        arriving = np.where(endless, np.inf, makes @ np.where(np.isinf(least), 0.0, least))
        fallen = least.copy()
        np.minimum.at(fallen, used.col, arriving[used.row] / used.data)
        if np.array_equal(fallen, least):
            break
        least = fallen
    return least


def _most_together(model: ActivityModel, least: Floats, sites: _Flags) -> float:
    """Return the most that some sites run together, `inf` where that is not known.

    What goes round a loop of recipes arrives again and again, but less each time. A tonne of a
    good can run these sites as often as its netback says, if a unit of each brings 1.
    """
    try:
        often = netbacks(
            model, np.where(reachable(model, model.limit), sites.astype(float), -np.inf)
        )
    except SolverError:  # a loop that loses nothing and leaves nothing
        return np.inf
    supplies = np.diff(model.used.indptr) == 0
    worth = model.made.T @ often
    runs = supplies & (worth > 0.0)
    return float(least[runs] @ worth[runs])


def _sites(model: ActivityModel) -> _Flags:
    return np.array([a.kind == "site" for a in model.activities], dtype=np.bool_)


def useful_activity(model: ActivityModel, live: npt.NDArray[np.bool_]) -> Floats:
    """Return a bound on each activity in some best response to every plan, `inf` where none.

    A flow can be stripped of cycles and of what is abandoned: no cycle multiplies mass, so what
    is delivered stays and costs only fall. In what is left

    - no activity is larger than what can arrive lets it be (`most_activity`);
    - a tonne passes an activity at most once on its way from where its commodity is supplied or
      made: what a commodity has in all bounds each activity that uses it;
    - somebody uses at least one of the goods that an activity makes whole.

    Parameters
    ----------
    model
        The trafficker's programme.
    live
        Activities that may run; the others are taken as 0.
    """
    most = np.where(live, most_activity(model), 0.0)
    used, made = model.used.tocoo(), model.made.tocoo()
    makes = np.diff(model.made.indptr) > 0
    in_all = _in_all(model)
    for _ in range(_USEFUL_SWEEPS):
        needed = np.zeros(len(model.goods))
        np.add.at(needed, used.row, used.data * most[used.col])
        wanted = np.zeros(len(most))
        np.maximum.at(wanted, made.col, needed[made.row] / made.data)
        fallen = np.minimum(most, in_all(most))
        fallen = np.where(makes, np.minimum(fallen, wanted), fallen)
        if np.array_equal(fallen, most):
            break
        most = fallen
    return most


def most_delivered(model: ActivityModel) -> Floats:
    """Return a bound on each activity that delivers, as `useful_activity` has it after one look."""
    most = most_activity(model)
    return np.minimum(most, _in_all(model)(most))


def _in_all(model: ActivityModel) -> Callable[[Floats], Floats]:
    """Return what bounds each activity by all that there is of what it uses, given such bounds."""
    commodity = {name: i for i, name in enumerate(dict.fromkeys(c for _, c in model.goods))}
    of_good = np.array([commodity[c] for _, c in model.goods], dtype=np.int64)
    used, made = model.used.tocoo(), model.made.tocoo()
    sources = _sites(model) | (np.diff(model.used.indptr) == 0)
    from_source = sources[made.col]
    amount, source = made.data[from_source], made.col[from_source]
    made_of = of_good[made.row[from_source]]

    def bound(most: Floats) -> Floats:
        there = np.zeros(len(commodity))
        np.add.at(there, made_of, amount * most[source])
        least = np.full(len(most), np.inf)
        np.minimum.at(least, used.col, there[of_good[used.row]] / used.data)
        return least

    return bound
