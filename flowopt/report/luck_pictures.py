"""Pictures of a plan whose measures may fail: how what is left spreads, and the flow."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flowopt.report.luck_page import TITLE, distribution, luck_headline, outcomes_of
from flowopt.report.luck_plans_page import luck_budgets_data, luck_budgets_headline
from flowopt.report.pictures import Drawings, flow_drawings, frontier_figure
from flowopt.report.scenario_pictures import strip_figure
from flowopt.report.stored_luck import StoredLuck
from flowopt.report.stored_luck_plans import StoredLuckPlans


def luck_drawings(result: StoredLuck) -> Drawings:
    """Return the drawings of a plan whose measures may fail, by name."""
    finding = luck_headline(result).answer
    info = result.network.info
    bars = distribution(outcomes_of(result, result.rows[0].scenario))
    strip = partial(strip_figure, bars, finding, f"{info.heading}: {TITLE.lower()}")
    found: dict[str, Callable[[], Any]] = {"strip": strip}
    return {**found, **flow_drawings(result.flow, finding, f"{info.title}, when all works")}


def luck_plans_drawings(plans: StoredLuckPlans) -> Drawings:
    """Return the drawing of the plans of several budgets whose measures may fail, by name."""
    answer, heading = luck_budgets_headline(plans).answer, plans.network.info.heading
    return {"frontier": partial(frontier_figure, luck_budgets_data(plans), answer, heading)}
