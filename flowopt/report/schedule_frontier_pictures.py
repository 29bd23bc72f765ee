"""Pictures of the best schedules for many budgets by matplotlib: the frontier, and the periods."""

from __future__ import annotations

from functools import partial

from flowopt.report.beside_schedules import LINES, schedules_lines
from flowopt.report.period_pictures import lines_figure
from flowopt.report.pictures import Drawings, frontier_figure
from flowopt.report.schedule_frontier_page import (
    schedule_frontier_data,
    schedule_frontier_headline,
)
from flowopt.report.stored_schedule_frontier import StoredScheduleFrontier


def schedule_frontier_drawings(result: StoredScheduleFrontier) -> Drawings:
    """Return the drawings of the schedules of many budgets, by name."""
    answer, heading = schedule_frontier_headline(result).answer, result.network.info.heading
    return {
        "frontier": partial(frontier_figure, schedule_frontier_data(result), answer, heading),
        "lines": partial(
            lines_figure, schedules_lines(result), answer, f"{heading}: {LINES.lower()}"
        ),
    }
