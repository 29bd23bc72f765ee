"""Best plans of single scenarios, kept from one request to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowopt.model.incumbent import Plan
from flowopt.planning.solve_run import FoundPlan


@dataclass(slots=True)
class OwnBests:
    """Best plans of single scenarios, for requests that differ by their criterion alone.

    The first run fills it, each later one begins with what was found until then. Those of a run
    that ended early are not kept: a later one has its own time.

    Attributes
    ----------
    found : tuple of FoundPlan
        The best plan known for each scenario; empty before the first run.
    values : tuple of mappings
        By scenario, the plans that were valued there.
    """

    found: tuple[FoundPlan, ...] = ()
    values: tuple[Mapping[Plan, float], ...] = ()
