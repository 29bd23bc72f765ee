"""Small networks in which every kind of number occurs that a result states."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import Any

from flowopt.network import schema
from flowopt.network.network import Network
from tests.networks import effect, line, measure, shipped


def limit_of(kind: str, much: float, on: str) -> float:
    """The capacity of what `on` names on a chain that another kind of capacity holds."""
    return much if on == kind else 60.0


@cache
def chains() -> Network:
    """Return parallel chains to one market, each held by another kind of capacity.

    Every measure cuts one of them; sites turn 2 t of leaf into 1 t; prices and weights differ, so
    that every kind of number occurs.
    """
    held = {"arc": 9.0, "node": 8.0, "site": 7.0, "pool": 6.0, "supply": 10.0, "demand": 4.0}
    tables: dict[str, list[Any]] = {name: [] for name in schema.TABLES}
    tables["commodities"] = [schema.Commodity(commodity=c, name=c) for c in ("leaf", "paste")]
    for i, (kind, much) in enumerate([*held.items(), ("shared", 3.0)], start=1):
        limit = partial(limit_of, kind, much)
        area, site, market = f"A_{kind}", f"S_{kind}", f"M_{kind}"
        land, sea = f"land{i % 2}", "abroad"
        tables["nodes"] += [
            schema.Node(node=area, name=area, kind="area", country=land, region=f"r{i}"),
            schema.Node(node=site, name=site, kind="site", country=land),
            schema.Node(
                node=market, name=market, kind="market", country=sea, continent=f"=c{i % 3}",
                capacity=limit("node"),
            ),
        ]  # fmt: skip
        tables["arcs"] += [
            schema.Arc(
                arc=f"in_{kind}", tail=area, head=site, commodities=("leaf",), mode="foot",
                cost=0.25, capacity=90.0,
            ),
            schema.Arc(
                arc=f"out_{kind}", tail=site, head=market, commodities=("paste",),
                mode=f"-m{i % 2}", cost=1.5, loss=0.1, capacity=limit("arc"),
            ),
        ]  # fmt: skip
        tables["supplies"].append(
            schema.Supply(node=area, commodity="leaf", capacity=limit("supply"), cost=0.5)
        )
        shop = schema.Site(
            site=f"L_{kind}", node=site, recipe="cook", cost=2.0, capacity=limit("site")
        )
        if kind == "pool":
            shop = replace(shop, pool="kilns", capacity=much)
        tables["sites"].append(shop)
        tables["demands"].append(
            schema.Demand(
                node=market, commodity="paste", price=40.0 + i, weight=1.0 + i / 8,
                quantity=much if kind in ("demand", "shared") else 60.0,
                pool="towns" if kind == "shared" else "",
            )
        )  # fmt: skip
    tables["recipes"] = [
        schema.RecipeLine(recipe="cook", commodity="leaf", quantity=-2.0),
        schema.RecipeLine(recipe="cook", commodity="paste", quantity=1.0),
    ]
    tables["measures"] = [measure(f"m{k}", 1.0 + k / 4) for k in range(1, 8)]
    tables["effects"] = [
        effect("m1", "arc", "out_arc", cut=0.5, cost=0.5),
        effect("m2", "node", "M_node", cut=0.4, loss=0.2, uptime=0.9),
        effect("m3", "site", "L_site", cut=0.6, cost=1.0, corruption=0.5),
        effect("m4", "pool", "kilns", cut=0.75),
        effect("m5", "supply", "A_sup*", cut=0.45),
        effect("m6", "demand", "M_demand", cut=0.3, cost=2.0),
        effect("m7", "arc", "out_[sn]*", loss=0.3, cost=3.0),
    ]
    tables["reforms"] = [schema.Reform(measure="m4", target="m3", corruption=0.1)]
    tables["rules"] = [schema.Rule(measure="m7", relation="requires", other="m1")]
    tables["earnings"] = [
        schema.Earning(organisation=name, on=on, target=target, commodity=commodity, rate=rate)  # type: ignore[arg-type]  # a literal
        for name, on, target, commodity, rate in (
            ("=ring", "arc", "out_*", "paste", 100.0),
            ("=ring", "supply", "A_[as]*", "", 2.5),
            ("guards", "node", "M_[!s]*", "", 40.0),
            ("cooks", "site", "L_site", "", 7.0),
            ("cooks", "pool", "kilns", "", 8.0),
            ("sellers", "demand", "M_*", "paste", 900.0),
            ("sellers", "pool", "towns", "", 50.0),
            ("idlers", "node", "A_arc", "", 50.0),
        )
    ]
    tables["resources"] = [schema.Resource(resource="teams", name="Teams", limit=9.0)]
    tables["uses"] = [schema.Use(measure=f"m{k}", resource="teams", amount=1.5) for k in (1, 2, 7)]
    return line(info=schema.Info(id="chains", title="Chains"), **tables).replace()


@cache
def tied() -> Network:
    """Return 10 t for M (5 USD/kg, weight 1) or N (as much, weight 3), on a way that costs 1."""
    return line(
        nodes=[schema.Node(node=n, name=n, kind="market") for n in "ATMN"],
        arcs=[
            schema.Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10, cost=1),
            schema.Arc(arc="a2", tail="T", head="M", commodities=("c",), capacity=7),
            schema.Arc(arc="a3", tail="T", head="N", commodities=("c",), capacity=9),
        ],
        demands=[
            schema.Demand(node="M", commodity="c", quantity=10, price=5),
            schema.Demand(node="N", commodity="c", quantity=10, price=5, weight=3),
        ],
        measures=[measure("m1"), measure("m2", 2.0)],
        effects=[effect("m1", "arc", "a3", cut=0.5), effect("m2", "arc", "a1", cut=0.5)],
    ).replace()


def bridges_in_scenarios() -> Network:
    """Return a network of three scenarios, in which the plans of the criteria differ."""
    return shipped("two-bridges").replace(
        scenarios=[
            schema.Scenario(scenario="low", name="Half of it", weight=1.0),
            schema.Scenario(scenario="now", name="As it stands", weight=2.0),
            schema.Scenario(scenario="high", name="More of all", weight=1.0),
        ],
        changes=[
            schema.Change(scenario="low", on="supply", target="*", column="capacity", factor=0.5),
            schema.Change(scenario="high", on="demand", target="*", column="quantity", factor=2.0),
            schema.Change(scenario="high", on="arc", target="*", column="capacity", factor=1.5),
        ],
    )
