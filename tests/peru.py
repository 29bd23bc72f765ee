"""Figures of the shipped networks of Peru, for tests: what a change of their tables moves.

The best values at each budget stand in `results/peru-2014`, which `test_frontier_results.py` holds
to the network. After a meant change of the tables, these are the figures to find anew.
"""

from __future__ import annotations

import csv

from tests.networks import ROOT

RESULT = ROOT / "results" / "peru-2014" / "budget-20"
FRONTIER = ROOT / "results" / "peru-2014" / "frontier"


def best(budget: float) -> float:
    """Return the least that a plan for a budget leaves, as the reference frontier has it."""
    with (FRONTIER / "frontier.csv").open(encoding="utf-8", newline="") as file:
        return next(float(r["value"]) for r in csv.DictReader(file) if float(r["budget"]) == budget)


BASELINE = 215.0  # t/yr delivered without measures, under `flow`
PLAN_20 = ("m01", "m11", "m12", "m13")  # the best plan for 20 M USD a year
CUT_20 = 14.110  # what it cuts, t/yr
COVERAGE_20 = (36.129, 2.084)  # of the plan that covers most of today's flow: promised, true cut

# Of each scenario: nothing done, and what PLAN_20 leaves; t/yr.
SCENARIOS = {
    "low": (164.448, 154.886),
    "middle": (BASELINE, 200.890),
    "high": (255.764, 250.684),
}

# peru-2015-2019: t over five years, over its first three, and if nothing opened; M USD over five.
FIVE_YEARS, THREE_YEARS, FIVE_YEARS_CLOSED, FIVE_YEARS_PROFIT = 1115.60, 657.18, 1087.45, 30_486
# What each campaign cuts: t, t if nothing opened, M USD of profit.
CAMPAIGNS = {
    "eradication-every-year": (28.1, 79.5, 214),
    "eradication-then-ports": (30.1, 42.8, 264),
    "ports-then-eradication": (2.4, 41.9, 160.7),
    "air-then-eradication": (5.6, 51.8, 118),
    "honest-police-first": (2.4, 14.3, 63.4),
    "honest-ports-first": (10.0, 19.5, 201),
    "eradication-then-substitution": (13.9, 38.0, 94.7),
}
