"""Flows without what is brought in vain, from an optimum that may abandon goods.

Whoever makes a good of which less is used makes that much less, the same share of it for all of
them, and so on up the chain. No limit is passed, nothing is missing where it is used, and what is
delivered stays. By-products of what is needed may be left over. A lane that loses a share, beside
one that is open and keeps everything, is a way to abandon goods too: what passes it goes by the
other.
"""

from __future__ import annotations

import numpy as np

from flowopt.model.activities import ActivityModel, Flags, Floats

_SWEEPS = 500  # a sweep goes one step up the chain
_WHOLE = 1.0 - 1e-12  # share of a good from which all of it is used


def stripped(model: ActivityModel, activity: Floats, closed: Flags) -> Floats | None:
    """Return a flow without what it brings in vain, None where loops keep on falling.

    Parameters
    ----------
    model
        The trafficker's programme.
    activity
        A possible flow, t/yr.
    closed
        The activities that the plan closes.
    """
    whole = _by_open_lanes(model, activity, closed)
    works = np.flatnonzero(whole)  # of a large programme mostly few
    made, used, ends = model.made[:, works], model.used[:, works], model.delivers[works]
    makes = np.flatnonzero(np.diff(made.indptr))
    found = whole[works]
    for _ in range(_SWEEPS):
        arriving, wanted = made @ found, used @ found
        share = np.ones(len(wanted))
        np.divide(wanted, arriving, out=share, where=wanted < _WHOLE * arriving)
        needed = ends.astype(float)
        if len(makes):
            needed[makes] = np.maximum.reduceat(share[made.indices], made.indptr[makes])
        if (needed[found > 0.0] == 1.0).all():
            whole[works] = found
            return whole
        found = found * needed
    return None


def _by_open_lanes(model: ActivityModel, activity: Floats, closed: Flags) -> Floats:
    """Return a flow of which as much as before comes through stages, by the lanes left open."""
    used, made, found = model.used, model.made, activity.copy()
    lanes = np.flatnonzero(model.inner & ~closed).tolist()
    keeps = {
        int(used.indices[used.indptr[j]]): j for j in lanes if model.activities[j].kind == "pass"
    }
    for j in lanes:
        if found[j] > 0.0 and model.activities[j].kind == "seized":
            beside = keeps.get(int(used.indices[used.indptr[j]]))
            if beside is not None:
                found[beside] += found[j] * made.data[made.indptr[j] : made.indptr[j + 1]].sum()
                found[j] = 0.0
    return found
