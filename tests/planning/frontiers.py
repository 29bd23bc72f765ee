"""The comparisons that every test of their re-check is tried on, each made once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.compare import compare
from flowopt.report.result_writer import write_frontier
from tests.networks import effect, line, measure, shipped
from tests.planning.verify_networks import chains


def switching() -> Network:
    """Return a line whose weak measure is in the best plan for little money only."""
    return line(
        measures=[measure("weak", 1.0), measure("base", 1.0), measure("strong", 1.0)],
        effects=[effect("strong", "arc", "a1", cut=0.9), effect("weak", "arc", "a1", cut=0.6)],
        rules=[
            schema.Rule(measure="strong", relation="requires", other="base"),
            schema.Rule(measure="strong", relation="excludes", other="weak"),
        ],
    ).replace(info=schema.Info(id="switching", title="Switching"))


# What was asked, and of which networks.
ASKED: dict[str, tuple[Callable[[], list[Network]], dict[str, Any]]] = {
    "chains": (
        lambda: [chains()],
        {
            "budgets": "0,2,5,9",
            "objectives": ["flow", "bilevel"],
            "resources": {"teams": 3.5},
            "exclude": ["m6"],
            "gap": 0.05,
            "time_limit": 600.0,
        },
    ),
    "tiny, every change": (lambda: [shipped("tiny")], {"budgets": "all"}),
    "two networks": (
        lambda: [shipped("two-bridges"), switching()],
        {"budgets": "0:4:1", "objectives": ["flow", "profit"]},
    ),
    "forced": (
        lambda: [shipped("two-bridges")],
        {"budgets": "0:4:1", "include": ["m_block"], "objectives": ["bilevel"]},
    ),
    "forced, every change": (
        lambda: [shipped("shared-crew")],
        {"budgets": "all", "include": ["m_boats"], "objectives": ["profit"]},
    ),
    "impossible": (
        lambda: [shipped("two-bridges")],
        {"budgets": "0,1", "include": ["m_block"], "exclude": ["m_block"]},
    ),
}


def write(name: str, folder: Path) -> None:
    """Make a comparison and write it."""
    make, asked = ASKED[name]
    networks = make()
    write_frontier(compare(networks, **asked), networks, folder)
