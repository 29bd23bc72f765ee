"""Sentences on a plan for a part of the markets: what its value says, and what it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flowopt.objectives import OBJECTIVES
from flowopt.report.units import Units

_TIES = {"pessimistic": "most", "optimistic": "least"}


def part_sentences(
    summary: Mapping[str, Any], units: Units, number: Callable[[float], str]
) -> Iterator[str]:
    """Yield what the value of a part of the markets means; nothing where all of them count.

    Parameters
    ----------
    summary
        `summary.json`.
    units
        Its labels.
    number
        How tonnes are written.
    """
    part = units.part
    if part is None:
        return
    one_good = part.kind == "commodity"
    there, others = ("of it", "of all else") if one_good else ("there", "to the other markets")
    if OBJECTIVES[summary["objective"]].for_money:
        tie = _TIES[summary.get("ties", "pessimistic")]
        yield (
            f"These are the {part.deliveries} by a trafficker who earns as much as it can: of "
            f"equally profitable flows the one that brings {tie} {there}."
        )
        return
    yield (
        f"That is the most that {part.can_reach}, whatever else the trafficker does: the flows "
        f"shown bring it, and then as much as they can {others}."
    )
    served: Mapping[str, Mapping[str, float]] = summary.get("served", {})
    after, before = (_range(served.get(when), number) for when in ("after", "before"))
    a_year = f"{units.unit} a year {there}"
    brings = "One that brings as much as it can to all markets brings"
    if after and before and summary["measures"]:
        yield f"{brings} {after} {a_year} under the plan (without: {before})."
    elif before:
        yield f"{brings} {before} {a_year} without measures."


def _range(ends: Mapping[str, float] | None, number: Callable[[float], str]) -> str:
    """Return a range in words, "" for none."""
    if ends is None:
        return ""
    least, most = number(ends["least"]), number(ends["most"])
    return most if least == most else f"between {least} and {most}"
