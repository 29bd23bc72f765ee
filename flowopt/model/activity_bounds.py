"""Bounds on activities: what can arrive, and what there is of each commodity in all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from flowopt.errors import SolverError
from flowopt.model.activities import ActivityModel, Flags, Floats
from flowopt.model.netback import netbacks
from flowopt.model.runnable_activities import reachable

_USEFUL_SWEEPS = 100
# t/yr: bounds fall so far where they fall from sweep to sweep, as on a loop that nothing enters.
_FAINT = 1e-30


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


def _most_together(model: ActivityModel, least: Floats, sites: Flags) -> float:
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


def _sites(model: ActivityModel) -> Flags:
    return np.array([a.kind == "site" for a in model.activities], dtype=np.bool_)


def useful_activity(model: ActivityModel, live: Flags) -> Floats:
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


def most_taken(model: ActivityModel, live: Flags) -> Floats:
    """Return what some best response to every plan takes of each capacity at most, t/yr.

    `inf` where nothing bounds it. `live` is that of `useful_activity`.
    """
    found: Floats = model.takes @ useful_activity(model, live)
    return found


def most_delivered(model: ActivityModel) -> Floats:
    """Return a bound on each activity that delivers, as `useful_activity` has it after one look."""

    def delivered() -> tuple[Floats]:
        most = most_activity(model)
        if ((most > 0.0) & (most < _FAINT)).any():
            most = np.where(reachable(model, model.limit), most, 0.0)
        return (np.minimum(most, _in_all(model)(most)),)

    (found,) = model.once("most delivered", delivered)
    return found


def _in_all(model: ActivityModel) -> Callable[[Floats], Floats]:
    """Return what bounds each activity by all that there is of what it uses, given such bounds."""
    commodity = {name: i for i, name in enumerate(dict.fromkeys(c for _, c in model.goods))}
    of_good = np.array([commodity[c] for _, c in model.goods], dtype=np.int64)
    used, made = model.used.tocoo(), model.made.tocoo()
    # A supply whose capacity may open uses slots of it, and is a source all the same.
    supplies = np.array([a.kind == "supply" for a in model.activities], dtype=np.bool_)
    sources = _sites(model) | supplies | (np.diff(model.used.indptr) == 0)
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
