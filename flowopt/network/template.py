"""Template of a network: one or two invented rows in every table, and a README to begin with."""

from __future__ import annotations

import json
import textwrap
from dataclasses import fields
from pathlib import Path

from flowopt.network import schema
from flowopt.network.dictionary import column_table, table_section
from flowopt.network.files.csv_folder import table_text
from flowopt.network.network import Network

_FIRST = """\
# Your network: what to edit first

{origin}

1. `network.toml`: give it an `id` and a `title` of your own; results name their network by them.
2. `nodes.csv` and `arcs.csv`: the places, and the legs between them. With `lat` and `lon` there is
   a map.
3. `supplies.csv`, `recipes.csv`, `sites.csv`: what grows or comes in, and what is made of it where.
4. `demands.csv`: what the markets take, and what they pay.
5. `measures.csv` and `effects.csv`: what a state could pay for, and what each measure does.
6. `resources.csv`, `uses.csv`, `rules.csv`, `reforms.csv`, `earnings.csv`, `scenarios.csv`,
   `changes.csv`, `ranges.csv`: only if you need them; delete the files that you don't.
   `periods.csv`, `openings.csv`, `trends.csv`, `campaigns.csv` and the last columns of
   `measures.csv`: only for plans over the years.
7. `sources.csv`, and the columns `source`, `grade` and `note` of every table: where each number
   comes from. The reports say how much of a result rests on numbers of grade X, the assumed ones.

After every step

```sh
flowopt check {folder}
```

lists all mistakes at once, each with its file, row and column. When it is content:

```sh
flowopt solve {folder} --budget {budget} --out my-plan
flowopt report my-plan
```
"""
_TEMPLATE = (
    "A template with one or two rows in every table, all invented: replace them with yours. The\n"
    "note of each row says what the row means."
)
_COLUMNS = """
## The columns

A blank cell stands for what *blank* says; where that is a dash, the cell has to be filled in.
A column whose name starts with `_` is yours and is not read.

"""


def template_network() -> Network:
    """Return the network of the template."""
    return Network(schema.Info(**_INFO), **_EXAMPLE)  # type: ignore[arg-type]  # each its table


def template_files(target: Path) -> dict[str, bytes]:
    """Return the files of the template's folder by name."""
    files = {f"{name}.csv": table_text(row, _EXAMPLE.get(name, ()), every_column=True)
             for name, row in schema.TABLES.items()}  # fmt: skip
    files["network.toml"] = _toml()
    parts = [table_section(name, row) for name, row in schema.TABLES.items()]
    shared = column_table(schema.Row, "column", [each.name for each in fields(schema.Row)])
    columns = "\n".join([*parts, "## In every table\n\n" + shared])
    files["README.md"] = first_steps(target, _TEMPLATE, budget=3) + _COLUMNS + columns
    return {name: text.encode() for name, text in files.items()}


def first_steps(target: Path, origin: str, *, budget: int) -> str:
    """Return the README of a new folder: the files to edit first."""
    return _FIRST.format(origin=origin, folder=target.name, budget=budget)


def _toml() -> str:
    """Return the facts of the template, each key with what it means."""
    lines = []
    for key, column in schema.columns(schema.Info).items():
        about = f"{column.meaning}. " + (f"Blank: {column.blank}." if column.blank else "Needed.")
        lines += textwrap.wrap(about, 96, initial_indent="# ", subsequent_indent="# ")
        value = _INFO.get(key, schema.defaults(schema.Info)[key])
        lines += [f"{key} = {json.dumps(value)}", ""]
    return "\n".join(lines)


_INFO = {
    "id": "my-network",
    "title": "My network",
    "description": "A template: every row is invented and stands for one of yours.",
    "mass_unit": "t",
    "currency": "USD",
}

_X: schema.Grade = "X"
_EXAMPLE: dict[str, tuple[schema.Row, ...]] = {
    "commodities": (
        schema.Commodity(commodity="leaf", name="Leaf", grade=_X, note="weighed dry"),
        schema.Commodity(commodity="product", name="Product", grade=_X,
                         note="what the markets buy"),
    ),
    "nodes": (
        schema.Node(node="F_HILLS", name="Hills", kind="area", country="Homeland", lat=-12.0,
                    lon=-74.0, grade=_X, note="where leaf grows"),
        schema.Node(node="P_SHED", name="Workshop", kind="site", country="Homeland", lat=-12.5,
                    lon=-73.5, grade=_X, note="where leaf becomes product"),
        schema.Node(node="A_STRIP", name="Dirt strip", kind="airstrip", country="Homeland",
                    lat=-11.5, lon=-73.0, capacity=8.0, grade=_X,
                    note="at most 8 t a year can come in here; blank would be no limit"),
        schema.Node(node="X_PORT", name="Seaport", kind="port", country="Homeland", lat=-12.05,
                    lon=-77.15, grade=_X, note="the other way out"),
        schema.Node(node="M_EAST", name="Eastern market", kind="market", country="Eastland",
                    continent="South America", lat=-15.0, lon=-56.0, grade=_X),
        schema.Node(node="M_SEA", name="Overseas market", kind="market", country="Sealand",
                    continent="Europe", lat=51.0, lon=4.0, grade=_X),
    ),
    "arcs": (
        schema.Arc(arc="trail", tail="F_HILLS", head="P_SHED", commodities=("leaf",), mode="foot",
                   cost=0.1, loss=0.01, grade=_X,
                   note="0.1 USD a kg, a hundredth never arrives, no limit"),
        schema.Arc(arc="path", tail="P_SHED", head="A_STRIP", commodities=("product",),
                   mode="foot", capacity=6.0, cost=20.0, grade=_X),
        schema.Arc(arc="flight", tail="A_STRIP", head="M_EAST", commodities=("product",),
                   mode="air", capacity=6.0, cost=150.0, grade=_X),
        schema.Arc(arc="road", tail="P_SHED", head="X_PORT", commodities=("product",),
                   mode="road", capacity=6.0, cost=50.0, grade=_X),
        schema.Arc(arc="ship", tail="X_PORT", head="M_SEA", commodities=("product",), mode="sea",
                   capacity=6.0, cost=2000.0, grade=_X),
    ),
    "supplies": (
        schema.Supply(node="F_HILLS", commodity="leaf", capacity=1200.0, cost=3.0, grade=_X,
                      note="at most 1,200 t a year at 3 USD a kg"),
    ),
    "recipes": (
        schema.RecipeLine(recipe="make", commodity="leaf", quantity=-100.0, grade=_X,
                          note="negative is consumed"),
        schema.RecipeLine(recipe="make", commodity="product", quantity=1.0, grade=_X,
                          note="positive is produced"),
    ),
    "sites": (
        schema.Site(site="S_SHED", node="P_SHED", recipe="make", capacity=11.0, cost=100.0,
                    grade=_X, note="runs the recipe at most 11 times 1 t a year"),
    ),
    "demands": (
        schema.Demand(node="M_EAST", commodity="product", quantity=5.0, price=8000.0, grade=_X,
                      note="takes at most 5 t a year at 8,000 USD a kg"),
        schema.Demand(node="M_SEA", commodity="product", quantity=6.0, price=30000.0, grade=_X),
    ),
    "measures": (
        schema.Measure(measure="m_strip", name="Close the strip", kind="airstrip", cost=1.0,
                       grade=_X, source=("S1",), note="1 M USD a year"),
        schema.Measure(measure="m_scanner", name="Scanner at the port", kind="port", cost=2.0,
                       grade=_X, source=("S1",)),
        schema.Measure(measure="m_vetting", name="Vet the port police", kind="integrity",
                       cost=1.0, grade=_X, source=("S1",)),
    ),
    "effects": (
        schema.Effect(measure="m_strip", on="arc", target="flight", cut=1.0, uptime=0.25, grade=_X,
                      note="closed for a quarter of the year: a working cut of 0.25"),
        schema.Effect(measure="m_scanner", on="arc", target="ship", loss=0.8, corruption=0.5,
                      grade=_X, note="seizes 0.8, of which half is bought off: 0.4"),
    ),
    "resources": (
        schema.Resource(resource="teams", name="Inspection teams", unit="teams", limit=5.0,
                        grade=_X, note="something limited beside money"),
    ),
    "uses": (
        schema.Use(measure="m_scanner", resource="teams", amount=2.0, grade=_X),
    ),
    "rules": (
        schema.Rule(measure="m_vetting", relation="requires", other="m_scanner", grade=_X,
                    note="no vetting without the scanner"),
    ),
    "reforms": (
        schema.Reform(measure="m_vetting", target="m_scanner", corruption=0.1, grade=_X,
                      note="with both, only 0.1 is bought off"),
    ),
    "earnings": (
        schema.Earning(organisation="Strip owner", on="node", target="A_STRIP", rate=500.0,
                       grade=_X, note="500 USD for each kg that comes in; changes no plan"),
    ),
    "scenarios": (
        schema.Scenario(scenario="as-it-stands", name="As it stands", weight=2.0, grade=_X,
                        note="no row of changes.csv: the numbers of the other tables"),
        schema.Scenario(scenario="dry", name="A dry year", grade=_X,
                        note="counts half as much in a mean"),
    ),
    "changes": (
        schema.Change(scenario="dry", on="supply", target="F_*", commodity="leaf",
                      column="capacity", factor=0.5, grade=_X,
                      note="half the leaf, at every node that a pattern matches"),
        schema.Change(scenario="dry", on="effect", target="m_strip", column="uptime", value=0.5,
                      grade=_X, note="dry ground: the strip is closed for half of the year"),
    ),
    "ranges": (
        schema.Range(on="demand", target="M_*", column="quantity", low=0.8, high=1.5,
                     group="markets", grade=_X,
                     note="from a fifth less to half as much again, all markets together"),
    ),
    "sources": (
        schema.Source(source="S1", title="Where a number comes from: a report, a person, a guess",
                      address="https://example.org", how="read in full", grade=_X),
    ),
}  # fmt: skip
