"""Dust of a best response: what the solver's rounding leaves, and what is faint and in vain."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from flowopt.model.activities import ActivityModel, Floats

_DUST = 1e-11  # of the largest activity: the solver's rounding
_FAINT_SHARE = 1e-6  # of the optimum: what is dropped for being faint brings no more
_FAINT_FLOW = 1e-9  # likewise: the solver may let it pass where nothing is
_IN_VAIN = 1e-6  # likewise: rounding, where nobody uses what it brings
_MOSTLY = 2.0  # times what lacks: who uses more than that mostly has it
_USED_UP = 1.0 + 1e-9  # of what there is of a good: more is not there


def without_dust(
    model: ActivityModel, scaled: Floats, found: Floats, worth: Callable[[], Floats]
) -> Floats:
    """Return activities without dust.

    Parameters
    ----------
    model
        The trafficker's programme.
    scaled, found
        The activities, in what each can bring, and in t/yr.
    worth
        What a unit of each activity brings, asked for only where something is dropped.
    """
    dust = [each <= _DUST * each.max(initial=0.0) for each in (scaled, found)]
    kept = np.where(dust[0] & dust[1], 0.0, found)
    found = _unless_it_counts(found, kept, worth)
    if (found[scaled <= _IN_VAIN * scaled.max(initial=0.0)] > 0.0).any():  # as a rule, none
        kept = found.copy()
        _drop_faint(model, scaled, kept)
        found = _unless_it_counts(found, kept, worth)
    return found


def _unless_it_counts(found: Floats, kept: Floats, worth: Callable[[], Floats]) -> Floats:
    """Return what is kept of activities, or all of them where the optimum hangs on the rest.

    What it hangs on is not faint, though far more is sent to lose nearly all.
    """
    dropped = found - kept
    if not dropped.any():
        return kept
    gains = worth()
    return kept if dropped @ gains <= _FAINT_SHARE * float(found @ gains) else found


def _drop_faint(model: ActivityModel, scaled: Floats, found: Floats) -> None:
    """Drop what is faint and uses goods that are not there, or makes goods that nobody uses.

    The solver takes a value below 1e-14 for zero, also where its column uses 1e10 of a row.
    """
    uses, made_by = model.used.tocoo(), model.made.T
    lacks = scaled <= _FAINT_FLOW * scaled.max()
    idles = (scaled <= _IN_VAIN * scaled.max()) & (np.diff(model.made.indptr) > 0)
    dropped = np.ones(len(found), dtype=np.bool_)
    while dropped.any():
        used, made = model.used @ found, model.made @ found
        # Where most of what it uses is there, the rest is the solver's tolerance.
        short = np.where(used > _USED_UP * made, _MOSTLY * (used - made), 0.0)
        wants = uses.data * found[uses.col] <= short[uses.row]
        lacking = lacks & (np.bincount(uses.col, wants, len(found)) > 0.0)
        idle = idles & (made_by @ (used > 0.0).astype(float) == 0.0)
        dropped = (lacking | idle) & (found > 0.0)
        found[dropped] = 0.0
