"""Pictures of a response over periods by matplotlib: lines by period, exits and modes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flowopt.report.parts_sections import STACKS, parts_data
from flowopt.report.period_pictures import lines_figure, stack_figure
from flowopt.report.pictures import Drawings
from flowopt.report.response_over_time_page import SIDES, response_headline, response_lines
from flowopt.report.stored_response_over_time import StoredResponseOverTime


def response_over_time_drawings(result: StoredResponseOverTime) -> Drawings:
    """Return the drawings of a response over periods, by name."""
    answer, heading = response_headline(result).answer, result.network.info.heading
    lines = response_lines(result)
    found: dict[str, Callable[[], Any]] = {
        "lines": partial(lines_figure, lines, answer, f"{heading}: a year of each period")
    }
    for by, (words, _) in STACKS.items():
        data = parts_data(result.network, [result.moved], by, SIDES)
        if data["parts"]:
            found[by] = partial(stack_figure, data, answer, f"{heading}: {words.lower()}")
    return found
