"""Sections on the flow: map, diagram, where it went, what limits it, who earns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from flowopt.network.network import Network
from flowopt.report.flow_states import FlowState
from flowopt.report.labels import capacity_label
from flowopt.report.map import Picture
from flowopt.report.map_data import drawn_legs, goods_of, map_data
from flowopt.report.page_parts import (
    NO_CHOICE,
    Choice,
    Column,
    Counts,
    Row,
    Section,
    Table,
    bar_table,
    change_cell,
    name_cell,
    number_cell,
    text_cell,
)
from flowopt.report.result_reader import Record, StoredFlow, StoredResult, number
from flowopt.report.sankey_data import HEADINGS, Diagram, diagram_of, exits_note, sankey_data
from flowopt.report.units import Units

_BY = {
    "continent": ("By continent of the market", "tonnes delivered"),
    "country": ("By country of the market", "tonnes delivered"),
    "market": ("By market", "tonnes delivered"),
    "mode": ("By mode", "tonnes on legs of each mode; a tonne counts on every leg"),
    "exit": ("By exit", "tonnes that leave a country with growing areas, by where they leave"),
    "region": ("By region", "tonnes that leave a region for elsewhere"),
}


def map_section(
    network: Network,
    states: Sequence[FlowState],
    picture: Picture,
    *,
    place: int = 0,
    which: str = "",
    rows: str = "measure-",
    choice: Choice = NO_CHOICE,
) -> Section:
    """Return the section of the map; it has no figure for a network without coordinates.

    Parameters
    ----------
    network, states, picture
        The network, the flow without measures and under each plan, and the map of them; with a
        choice, the flow without measures and under the plan for each network of it.
    place, which
        The place of the sweep in a comparison, and words for it.
    rows
        Beginning of the anchors of measures in their list.
    choice
        Networks to choose among.
    """
    data = (
        map_data(network, states, picture, rows=rows, common=choice.in_order)
        if picture.places
        else None
    )
    title = "Where the flow goes, and what the plan changes"
    figure = f"map-{place}"
    return Section(
        f"places-{place}",
        f"The map{which}",
        "map.html",
        {
            "figure": figure if data else "",
            "title": title,
            "views": [("before", "before"), ("after", "after the plan"), ("change", "the change")],
            "goods": [name for name, _ in goods_of(network, picture)],
            "hidden": picture.hidden,
            "thin": len(picture.legs) - len(drawn_legs(picture)),
            "rings": any(picture.marks),
            "choice": choice,
        },
        {figure: data} if data else {},
    )


def ringed(picture: Picture) -> set[str]:
    """Return the measures that have a ring on the map."""
    return {name for marks in picture.marks for mark in marks for name in mark.measures}


def sankey_section(
    flows: Sequence[StoredFlow], units: Units, choice: Choice = NO_CHOICE
) -> Section:
    """Return the section of the diagram from the fields to the markets, of each network."""
    diagrams = [diagram_of(flow) for flow in flows]
    return Section(
        "diagram",
        "From the fields to the markets",
        "sankey.html",
        {
            "mass": units.mass,
            "shown": [
                {
                    "note": exits_note(flow, diagram),
                    "stages": list(_stages(diagram)),
                    "bands": _bands(diagram, units, _numbered("bands", place, len(flows))),
                }
                for place, (flow, diagram) in enumerate(zip(flows, diagrams, strict=True))
            ],
            "choice": choice,
        },
        {"sankey": sankey_data(diagrams, f"{units.mass}/yr")},
    )


def _numbered(key: str, place: int, count: int) -> str:
    """Return an id of its own for each of several."""
    return key if count == 1 else f"{key}-{place}"


def _bands(diagram: Diagram, units: Units, key: str) -> Table:
    columns = (
        Column("stage", minor=True),
        Column("from"),
        Column("to"),
        *(Column(f"{head}, {units.mass}/yr", number=True) for head in ("before", "after")),
        Column(f"change, {units.mass}/yr", number=True),
    )
    rows = tuple(
        Row((
            text_cell(band.stage),
            text_cell(band.tail),
            text_cell(band.head),
            number_cell(band.before),
            number_cell(band.after),
            change_cell(band.after - band.before),
        ))
        for band in diagram.rows
    )  # fmt: skip
    return Table(key, "The bands as a table", columns, rows, shown=30)


def _stages(diagram: Diagram) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each stage of the diagram as a list, for a narrow screen."""
    most = max((max(box.before, box.after) for box in diagram.boxes), default=0.0) or 1.0
    for stage, heading in enumerate(HEADINGS.values()):
        rows = [
            {"name": box.name, "before": box.before, "after": box.after,
             "left": 100.0 * box.before / most, "right": 100.0 * box.after / most}
            for box in diagram.boxes
            if box.stage == stage
        ]  # fmt: skip
        if rows:
            yield heading, rows


def where_section(flows: Sequence[StoredFlow], units: Units, choice: Choice = NO_CHOICE) -> Section:
    """Return the section of the flow by mode, exit, place of the market and region."""
    shown = [
        list(_where_tables(flow, units, place, len(flows))) for place, flow in enumerate(flows)
    ]
    return Section("where", "Where the flow went", "where.html", {"shown": shown, "choice": choice})


def _where_tables(result: StoredFlow, units: Units, place: int, count: int) -> Iterator[Table]:
    names = {node.node: node.name for node in result.network.nodes}
    for by, (title, counted) in _BY.items():
        if by == "market":
            counts = list(_markets(result.markets))
        else:
            counts = [
                Counts(names.get(row["key"], row["key"]) if by == "exit" else row["key"],
                       number(row["before"]), number(row["after"]))
                for row in result.displacement
                if row["by"] == by
            ]  # fmt: skip
        table = bar_table(by, title, counted, f"{units.mass}/yr", counts)
        if table is not None:
            yield replace(table, key=_numbered(table.key, place, count))


def _markets(rows: Iterable[Record]) -> Iterator[Counts]:
    """Yield each market with all its commodities together."""
    sums: dict[str, Counts] = {}
    for row in rows:
        so_far = sums.get(row["node"], Counts(row["name"], 0.0, 0.0))
        sums[row["node"]] = Counts(
            so_far.name,
            so_far.before + number(row["before"]),
            so_far.after + number(row["after"]),
        )
    yield from sums.values()


def binding_section(result: StoredResult, units: Units) -> Section | None:
    """Return the section of what holds the trafficker back; None where nothing does."""
    if not result.binding:
        return None
    columns = (
        Column("capacity"),
        Column(f"left of it, {units.mass}/yr", number=True),
        Column(f"{units.gain} for one {units.mass} more", number=True, sorted="descending"),
    )
    rows = tuple(
        Row((
            name_cell(capacity_label(result.network, row["on"], row["id"], row["commodity"]),
                      row["id"]),
            number_cell(number(row["capacity"]), f"{number(row['capacity']):,.4g}"),
            number_cell(number(row["shadow_price"]), f"{number(row['shadow_price']):,.3g}"),
        ))
        for row in result.binding
    )  # fmt: skip
    table = Table(
        "binding",
        "What holds the trafficker back",
        columns,
        rows,
        shown=10,
        caption=(
            "Capacities that are used up under the plan. A little more of one would bring the "
            "trafficker at most so much: to close what is worth most hurts most."
        ),
    )
    return Section("holds", "What holds the trafficker back", "table.html", {"table": table})


def organisations_section(organisations: Sequence[Record], units: Units) -> Section | None:
    """Return the section of who earns; None where the network does not say."""
    if not organisations:
        return None
    columns = (
        Column("organisation"),
        *(Column(f"{head}, {units.money}/yr", number=True) for head in ("before", "after")),
        Column(f"change, {units.money}/yr", number=True),
        Column("change, %", number=True, minor=True),
    )
    rows = []
    for row in organisations:
        share = float(row["earned_change_share"]) if row["earned_change_share"] else None
        still = share is None or not round(100.0 * share, 1)
        cells = (
            name_cell(row["organisation"]),
            number_cell(number(row["earned_before"])),
            number_cell(number(row["earned_after"])),
            change_cell(number(row["earned_change"])),
            number_cell(None if still else share, f"{100.0 * (share or 0.0):+.1f}"),
        )
        rows.append(Row(cells))
    table = Table(
        "organisations",
        "The receipts as a table",
        columns,
        tuple(rows),
        caption=(
            f"Receipts, {units.money} a year, before what each of them pays; what one pays, "
            "another may earn, so they don't add up. They belong to the flow shown: another one of "
            "the same value may pay others."
        ),
    )
    return Section("earn", "Who earns", "table.html", {"table": table})
