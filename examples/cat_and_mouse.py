"""An agent-based loop: traffickers learn where they lose cargo, a planner re-plans every month.

    python examples/cat_and_mouse.py [--months 12] [--budget 2] [--memory 0.5]

The shape is that of NarcoLogic (Magliocca et al. 2019, PNAS 116:7784-7792): each month traffickers
send what pays, given the risk that they *perceive* on each leg. What they lose teaches them, but
only for the month after, and unused legs are slowly forgiven. Three planners face them: one does
nothing; one moves the patrols every month to where they would have taken most of last month's flow;
one buys the plan that foresees all re-routing (`bilevel`) and keeps it.

What one learns: the plan of `flowopt.solve` is for measures that stay, and `promised` says what is
left once everybody has learned: more than in its first month. Patrols that move faster than the
traffickers learn take more by surprise, month after month, while there is a way round the plan
that stays. With `--budget 5` there is hardly one left, and staying wins.

Simplified against NarcoLogic: one trafficker with one memory stands for many agents; patrols take
their expected share instead of being lucky or not, and move for nothing; prices are fixed; legs
never appear or vanish; the corridor below is invented. No month of any year is meant.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas

import flowopt

# Legs: t a month, USD/kg of transport, and the share a patrol takes (None: nobody can patrol it).
LEGS = {
    "jungle-pacific": (60, 300, None),
    "jungle-caribbean": (60, 300, None),
    "pacific-north": (30, 900, 0.5),
    "pacific-gulf": (30, 1100, 0.5),
    "caribbean-gulf": (30, 1000, 0.5),
    "caribbean-islands": (25, 1300, 0.4),
    "jungle-airstrip": (15, 2500, 0.6),
    "north-border": (45, 700, 0.3),
    "gulf-border": (45, 800, 0.3),
    "islands-border": (25, 1500, 0.2),
    "airstrip-border": (15, 700, 0.3),
}
PRICE = 20_000  # USD/kg at the border
SENT = 50  # t a month that the fields give


def corridor() -> flowopt.Network:
    """Return the network: a patrol for each leg that can have one, all equally dear."""
    places = dict.fromkeys(place for leg in LEGS for place in leg.split("-"))
    kinds = {"jungle": "area", "border": "market"}
    patrolled = [leg for leg, (_, _, share) in LEGS.items() if share]
    frames = {
        "commodities": [{"commodity": "hcl", "name": "Cocaine"}],
        "nodes": [{"node": p, "name": p, "kind": kinds.get(p, "transit")} for p in places],
        "arcs": [
            dict(zip(("tail", "head"), leg.split("-"), strict=True))
            | {"arc": leg, "commodities": "hcl", "capacity": capacity, "cost": cost}
            for leg, (capacity, cost, _) in LEGS.items()
        ],
        "supplies": [{"node": "jungle", "commodity": "hcl", "capacity": SENT}],
        "demands": [{"node": "border", "commodity": "hcl", "quantity": SENT, "price": PRICE}],
        "measures": [{"measure": leg, "name": f"Patrol {leg}", "cost": 1} for leg in patrolled],
        "effects": [
            {"measure": leg, "on": "arc", "target": leg, "loss": LEGS[leg][2]} for leg in patrolled
        ],
    }
    tables = {name: pandas.DataFrame(rows) for name, rows in frames.items()}
    return flowopt.Network.from_frames(tables, {"id": "corridor", "title": "A corridor (invented)"})


def changes(column: str, by_leg: Mapping[str, float]) -> dict[tuple[str, str], dict[str, float]]:
    """Return other capacities or costs of the legs, as a `Trafficker` takes them."""
    return {("arcs", leg): {column: number} for leg, number in by_leg.items()}


def play(
    network: flowopt.Network, months: int, memory: float, plan_for: Callable[..., tuple[str, ...]]
) -> pandas.DataFrame:
    """Return a row per month: the legs used, the patrols, and what arrives, t."""
    sender = flowopt.Trafficker(network, objective="profit")
    legs = flowopt.Trafficker(network)
    risk = dict.fromkeys(LEGS, 0.0)
    seen: dict[str, float] = {}
    rows = []
    for month in range(1, months + 1):
        # A risk costs, or so they think, its share of the cargo's price.
        perceived = {leg: cost + risk[leg] * PRICE for leg, (_, cost, _) in LEGS.items()}
        sent = flows(sender, sender.respond(changes=changes("cost", perceived)))
        patrols = plan_for(seen)
        # No leg can carry more than was sent that way: what of it arrives, the patrols in place?
        happened = legs.respond(patrols, changes=changes("capacity", sent))
        seen = flows(legs, happened)
        used = [leg for leg in LEGS if sent[leg] > 1e-9]
        rows.append((month, len(used), " ".join(patrols) or "-", happened.delivered))
        for leg, (_, _, share) in LEGS.items():
            if leg in used:
                risk[leg] += memory * ((share if leg in patrols else 0.0) - risk[leg])
            else:
                risk[leg] -= memory / 4 * risk[leg]
    return pandas.DataFrame(rows, columns=["month", "legs", "patrols", "arrives"])


def flows(trafficker: flowopt.Trafficker, reply: flowopt.Reply) -> dict[str, float]:
    """Return what enters each leg, t."""
    return {arc: flow for (arc, _), flow in zip(trafficker.arcs, reply.flows.tolist(), strict=True)}


def main() -> None:
    """Let the three planners play, and print who let what through."""
    options = argparse.ArgumentParser(description="Traffickers who learn, planners who re-plan.")
    options.add_argument("--months", type=int, default=12)
    options.add_argument("--budget", type=float, default=2, help="patrols that can be paid")
    options.add_argument("--memory", type=float, default=0.5, help="how fast risk is learnt, 0..1")
    asked = options.parse_args()
    network = corridor()
    kept = flowopt.solve(network, budget=asked.budget, objective="bilevel")

    def chase(seen: Mapping[str, float]) -> tuple[str, ...]:
        """Buy what would have taken most of last month's flow, had it stayed where it was."""
        if not any(seen.values()):
            return ()
        arcs = [replace(arc, capacity=seen[arc.arc]) for arc in network.arcs]
        return flowopt.solve(network.replace(arcs=arcs), budget=asked.budget).measures

    planners = {"nothing": lambda _: (), "chasing": chase, "keeping": lambda _: kept.measures}
    played = {
        name: play(network, asked.months, asked.memory, plan_for)
        for name, plan_for in planners.items()
    }
    table = pandas.DataFrame(
        {
            "month": played["chasing"]["month"],
            **{name: months["arrives"] for name, months in played.items()},
            "legs used": played["chasing"]["legs"],
            "patrols that chase": played["chasing"]["patrols"],
        }
    )
    print("What arrives, t a month, and where the patrols that chase are:")
    print(table.to_string(index=False, float_format="{:.1f}".format))
    print(f"\nThe plan that is kept: {' '.join(kept.measures) or '-'}; promised {kept.value:.1f}")
    year = ", ".join(f"{name} {months['arrives'].sum():.0f}" for name, months in played.items())
    print(f"In all, t: {year}")


if __name__ == "__main__":
    main()
