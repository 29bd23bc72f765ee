"""The objectives: what the planner and the trafficker count, and what follows from it.

A new objective is a row here, and whatever its programme needs. Nothing heavy is imported: the
command line lists the objectives before anything runs. `planning/recheck` has words of its own,
since a check that reads this table would repeat its mistakes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

Objective = Literal["flow", "profit", "bilevel"]
Ties = Literal["pessimistic", "optimistic"]
TIES: tuple[Ties, ...] = get_args(Ties)
Counted = Literal["flow", "profit"]  # also the objective under which both levels count it
ProgrammeKind = Literal["zero-sum", "bilevel"]


@dataclass(frozen=True, slots=True)
class ObjectiveTraits:
    """One objective.

    Attributes
    ----------
    help : str
        What each level counts, in a few words.
    unit : str
        Of the planner's objective, a year.
    planner, trafficker : str
        What each level counts: ``flow`` (weighted tonnes) or ``profit`` (M USD).
    monotone : bool
        Whether one measure more never helps the trafficker in the planner's objective.
    ties : bool
        Whether flows that are equally good for the trafficker may differ for the planner.
    programme : str
        The mixed-integer programme, in `model/formulations.py`.
    """

    help: str
    unit: str
    planner: Counted
    trafficker: Counted
    monotone: bool
    ties: bool
    programme: ProgrammeKind

    @property
    def in_money(self) -> bool:
        """True where the planner's objective is money."""
        return self.planner == "profit"

    @property
    def for_money(self) -> bool:
        """True where the trafficker maximises money."""
        return self.trafficker == "profit"

    @property
    def uncounted(self) -> tuple[str, ...]:
        """Columns of a network's tables that neither level counts, and no value hangs on."""
        if not self.for_money:
            return ("cost", "price")
        return ("weight",) if self.in_money else ()


OBJECTIVES: Mapping[str, ObjectiveTraits] = MappingProxyType(
    {
        "flow": ObjectiveTraits(
            help="both count weighted tonnes",
            unit="weighted t",
            planner="flow",
            trafficker="flow",
            monotone=True,
            ties=False,
            programme="zero-sum",
        ),
        "profit": ObjectiveTraits(
            help="both count the trafficker's profit",
            unit="M USD",
            planner="profit",
            trafficker="profit",
            monotone=True,
            ties=False,
            programme="zero-sum",
        ),
        "bilevel": ObjectiveTraits(
            help="the planner counts tonnes, the trafficker profit",
            unit="weighted t",
            planner="flow",
            trafficker="profit",
            monotone=False,
            ties=True,
            programme="bilevel",
        ),
    }
)
