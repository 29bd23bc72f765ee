"""Results over time on which their re-check is tried, of a network with all that time can bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from flowopt.network.network import Network
from flowopt.network.schema import Campaign, Opening, Period, Rule, Trend
from flowopt.planning.evaluate_over_time import evaluate_over_time, respond_over_time
from flowopt.planning.solve_over_time import solve_over_time
from tests.planning.verify_networks import chains


@cache
def chains_over_time() -> Network:
    """Return the parallel chains over three periods; on each another kind of capacity opens."""
    network = chains()
    setups = {"m1": (2.0, 1.0, None), "m4": (1.0, 0.0, 1.5), "m5": (0.5, 1.0, 1.0)}
    measures = []
    for row in network.measures:
        setup, lead, lasts = setups.get(row.measure, (0.0, 0.0, None))
        measures.append(replace(row, setup=setup, lead=lead, lasts=lasts))
    return network.replace(
        info=replace(network.info, discount=0.05),
        periods=[
            Period(period="p1", years=1.0, budget=6.0),
            Period(period="p2", years=1.5, weight=2.0, budget=7.0),
            Period(period="p3", years=1.0, budget=5.0),
        ],
        openings=[
            Opening(on="arc", target="out_arc", most=2.0, limit=3.0, cost=5.0),
            Opening(on="node", target="M_node", most=1.0, cost=2.0, lead=1.0),
            Opening(on="site", target="L_site", limit=2.0, cost=1.0, lead=0.5),
            Opening(on="pool", target="kilns", most=1.0, limit=9.0, cost=3.0),
            Opening(on="supply", target="A_supply", most=3.0, cost=0.5, lead=1.0),
            Opening(on="demand", target="M_demand", commodity="paste", most=0.5, limit=0.75),
        ],
        trends=[
            Trend(from_="p2", on="demand", target="*", price=1.1),
            Trend(from_="p2", on="demand", target="M_demand", capacity=1.2),
            Trend(from_="p3", on="pool", target="kilns", capacity=0.9, cost=1.5),
            Trend(from_="p3", on="arc", target="out_*", cost=1.25),
        ],
        campaigns=[
            Campaign(campaign="early", measure="m1"),
            Campaign(campaign="early", measure="m4", until="p2"),
            Campaign(campaign="late", measure="m7", from_="p2"),
            Campaign(campaign="late", measure="m5", from_="p3"),
        ],
        measures=measures,
        rules=[*network.rules, Rule(measure="m3", relation="after", other="m2")],
    )


def _solved(**asked: Any) -> Callable[[], Any]:
    return lambda: solve_over_time(chains_over_time(), **asked)


ASKED: dict[str, Callable[[], Any]] = {
    "flow": _solved(),
    "flow, carried": _solved(carry=True, include=["m1@p2"], exclude=["m6"], gap=0.01),
    "alternatives": _solved(alternatives=3),
    "profit": _solved(budget=6.0, resources={"teams": 4.5}, objective="profit"),
    "target": _solved(budget={"p1": 9.0}, target=100.0),
    "bilevel": _solved(objective="bilevel", gap=0.3, exclude=["m2", "m6"]),
    "optimistic": _solved(objective="bilevel", ties="optimistic", gap=0.3, exclude=["m2", "m6"]),
    "response": lambda: respond_over_time(chains_over_time(), ["m2", "m4@p2"], objective="profit"),
    "campaigns": lambda: evaluate_over_time(chains_over_time(), ["all"], budget=3.0),
}


def written(name: str, folder: Path) -> Path:
    """Write the result of a question into a folder of its name."""
    ASKED[name]().write(folder / name)
    return folder / name
