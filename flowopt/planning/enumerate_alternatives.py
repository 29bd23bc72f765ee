"""Proof by enumeration of a list of best plans: none that is better is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from flowopt.network.network import Network
from flowopt.planning.every_plan import Marks, Plans
from flowopt.planning.recheck.frontier_rows import SAME
from flowopt.planning.recheck.verdict import VALUES, Comparison


@dataclass(frozen=True, slots=True)
class Rank:
    """One of the best plans as stated; `proved` where its status is ``optimal``."""

    plan: tuple[str, ...]
    bound: float
    proved: bool


class StatedList(Protocol):
    """Statement of a result on its list of best plans."""

    @property
    def value(self) -> float | None:
        """The best value."""

    @property
    def baseline(self) -> float | None:
        """The objective without measures."""

    @property
    def options(self) -> Mapping[str, Any] | None:
        """The options on record."""


def compare_ranks(
    network: Network,
    plans: Plans,
    ranks: Sequence[Rank],
    stated: StatedList,
    check: Comparison,
) -> None:
    """Compare each alternative with the best plan that holds no earlier one whole.

    Where the proof of one was cut short, a better one may be missing within its gap: then its
    bound says so, and is what is compared.
    """
    known = {row.measure for row in network.measures}
    scale = VALUES * (stated.baseline or 0.0)
    left = plans.allowed
    for rank, each in enumerate(ranks, start=1):
        if not known.issuperset(each.plan):
            check.fault(f"alternative {rank} has measures that the network lacks")
            return
        best, winner, _ = plans.best(left)
        if each.bound > best + max(scale, VALUES * abs(best)):
            missing = ";".join(plans.names(winner)) or "the plan without measures"
            check.fault(
                f"alternative {rank} is {each.bound:.10g} at best, but {missing} is missing, which "
                f"comes to {best:.10g}"
            )
        left = left & plans.without_all_of(each.plan)
    if all(each.proved for each in ranks):
        _compare_last(plans, left, len(ranks), stated, check)


def _compare_last(
    plans: Plans, left: Marks, listed: int, stated: StatedList, check: Comparison
) -> None:
    """Compare the end of the list with how many plans were asked for, and how good.

    A list of which every entry is proved ends with the last plan asked for, or with the last one.
    """
    options, value = stated.options, stated.value
    if options is None or listed >= options["alternatives"] or value is None:
        return
    best, winner, _ = plans.best(left)
    most = np.inf
    if options["within"] is not None:
        # The next plan was proved within the gap only, so its own value may have been above.
        most = value + options["within"] * abs(value)
        most -= options["gap"] * abs(value)
    if not np.isfinite(best) or best >= most - SAME * (stated.baseline or 1.0):
        return
    missing = (
        f"{options['alternatives']:g} alternatives were asked for and {listed} are listed, but "
        f"{';'.join(plans.names(winner))} is missing, which comes to {best:.10g}"
    )
    if options["time_limit"] is None:
        check.fault(missing)
    else:
        check.note(f"{missing}; the time limit may have ended the list")
