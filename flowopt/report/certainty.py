"""Phrases for the certainty of a result, in every report."""

from __future__ import annotations

_REASONS = {
    "time": "stopped by the time limit",
    "nodes": "stopped by the node limit",
    "interrupted": "stopped by you",
}


def stopped_by(limit: object) -> str:
    """Return a phrase for the limit that stopped a proof, after a comma; "" for none.

    >>> stopped_by("nodes"), stopped_by(None)
    (', stopped by the node limit', '')
    """
    reason = _REASONS.get(str(limit))
    return "" if reason is None else f", {reason}"


def no_cut(money: str, quantity: str, left: str, *, proved: bool) -> str:
    """Return the sentence for a best plan without an effect: only a proof excludes all others.

    >>> no_cut("For 4 M USD a year", "deliveries", "10.00 t a year", proved=False)
    'For 4 M USD a year no plan that cuts deliveries was found: still 10.00 t a year.'
    """
    if proved:
        return f"{money} no plan cuts {quantity}: still {left}."
    return f"{money} no plan that cuts {quantity} was found: still {left}."


def style_of(sentence: str) -> str:
    """Return the colour of a sentence on a terminal: green for proved, amber for not.

    >>> style_of("Proved: no plan does better."), style_of("Not proved: ..."), style_of("It takes")
    ('green', 'yellow', '')
    """
    if sentence.startswith("Not proved"):
        return "yellow"
    return "green" if sentence.startswith("Proved") else ""
