"""Figures of matplotlib without windows, with a finding above and what they show below it."""

from __future__ import annotations

import textwrap
from importlib import import_module
from typing import Any

from flowopt.plain_text import visible

WIDE = 11.0  # inches
LINE = 100  # letters of a title


def new_figure(height: float) -> tuple[Any, Any]:
    """Return a figure of a height in inches, and its axes."""
    # Without pyplot: no window, no state, nothing to close.
    figure = import_module("matplotlib.figure").Figure(figsize=(WIDE, height), layout="constrained")
    import_module("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)
    return figure, figure.subplots()


def title(axes: Any, finding: str, what: str) -> None:
    """Write the finding above a picture, and what it shows below it."""
    lines = textwrap.wrap(visible(finding), LINE)
    axes.set_title("\n".join([*lines, visible(what)]), fontsize=11, loc="left", parse_math=False)


def over(figure: Any, finding: str, what: str) -> None:
    """Write the finding above a picture of several panels, and what it shows below it."""
    lines = [*textwrap.wrap(visible(finding), LINE), visible(what)]
    figure.suptitle("\n".join(lines), fontsize=11, x=0.01, ha="left", parse_math=False)
