"""Page of a schedule: the answer, when to do what, what opens, and one period at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowopt.network.network import Network
from flowopt.network.tables import matches
from flowopt.network.timeline import Timeline
from flowopt.report.campaigns_luck import outcomes_section
from flowopt.report.flow_sections import map_section, sankey_section
from flowopt.report.flow_states import FlowState, result_states
from flowopt.report.headline import number_in
from flowopt.report.luck_over_time_text import large_first, luck_sentence
from flowopt.report.map import Picture, picture_of
from flowopt.report.page_parts import Choice, Page, Section
from flowopt.report.page_render import render
from flowopt.report.parts_sections import parts_section
from flowopt.report.period_figures import period_name, periods_of
from flowopt.report.quality import assumed_legs
from flowopt.report.quality_text import QualityText, comparison_quality_text
from flowopt.report.rerun_command import report_command, rerun_command
from flowopt.report.result_reader import StoredFlow, number
from flowopt.report.schedule_chart import chart_rows
from flowopt.report.schedule_headline import schedule_headline, span_of
from flowopt.report.schedule_sections import (
    openings_section,
    periods_section,
    schedule_section,
)
from flowopt.report.source_section import source_section
from flowopt.report.stored_schedule import StoredSchedule
from flowopt.results.over_time_rows import OpeningChange


def schedule_page(result: StoredSchedule, *, place: str, folder: str) -> str:
    """Return the page of a schedule as text; parameters as in `page_of`."""
    network, units = result.network, result.units
    states = schedule_states(result)
    picture = picture_of(network, states)
    names = tuple(period_name(each) for each in network.periods)
    choice = Choice(names, 0, "Period", in_order=True)
    sections = [
        schedule_section(result),
        luck_of_stored(result),
        periods_section(result),
        openings_section(result),
        parts_section(network, [[flow.displacement for flow in result.flows.values()]]),
        maps_section(result, picture),
        map_section(network, states, picture, choice=choice),
        sankey_section(list(result.flows.values()), units, choice),
        _source(result, place, folder),
    ]
    page = Page(
        name=f"{network.info.id}-schedule",
        title=network.info.heading,
        period=span_of(network),
        about="when to do what, once the trafficker has gone round and opened what pays"
        + (", in the mean over what works" if result.lucky else ""),
        headline=schedule_headline(network, result.summary, units),
        quality=schedule_quality(result),
        warnings=tuple(result.summary["warnings"]),
        sections=tuple(section for section in sections if section is not None),
    )
    return render(page)


def luck_of_stored(result: StoredSchedule) -> Section | None:
    """Return the section of what may work; None where nothing fails."""
    luck, units = result.luck, result.units
    if luck is None or not result.outcomes:
        return None
    said = luck_sentence(luck, number_in(result.summary, "value"), units)
    shown = result.outcomes[0].campaign
    return outcomes_section(result.network, units, [large_first(said)], result.outcomes, shown)


def schedule_states(result: StoredSchedule) -> list[FlowState]:
    """Return the flow without measures and under the schedule, in each period in turn."""
    rows = tuple(row.measure for row in chart_rows(result.network, result.schedule))
    found = []
    for period, flow in result.flows.items():
        in_force = {row.measure for row in result.schedule if row.period == period and row.in_force}
        before, after = result_states(flow)
        plan = tuple(name for name in rows if name in in_force)
        found += [before, FlowState(after.label, plan, after.amounts, rows)]
    return found


def schedule_quality(result: StoredSchedule) -> QualityText:
    """Return the sentences on the data behind a schedule."""
    in_force = [
        [row.measure for row in result.schedule if row.period == period and row.in_force]
        for period in result.flows
    ]
    shares = [_assumed(flow) for flow in result.flows.values()]
    found = comparison_quality_text(result.network, in_force, shares)
    return QualityText(found.worst, (*found.others, *on_openings(result.network)))


def _assumed(flow: StoredFlow) -> float | None:
    moved = ((row["arc"], row["commodity"], number(row["after"])) for row in flow.flows)
    return assumed_legs(flow.network, moved)


def on_openings(network: Network) -> Iterator[str]:
    """Yield the sentence on the data behind openings and trends."""
    rows = [*network.openings, *network.trends]
    assumed = sum(row.grade in (None, "X") for row in rows)
    if assumed:
        yield f"What opens and what changes in time is assumed in {assumed} of {len(rows)} rows."


def maps_section(result: StoredSchedule, picture: Picture) -> Section | None:
    """Return the section of small maps, one for each period; None without coordinates."""
    if not picture.places:
        return None
    network = result.network
    caption = (
        "What markets buy, under the schedule, one map for each period on one scale. Orange legs "
        "are those whose capacity the trafficker has added to by then; all of their flow is "
        "orange. Curves show what goes from where to where, no routes."
    )
    title = "The flow in each period"
    figure = {"id": "maps", "look": "maps", "title": title, "heading": "",
              "caption": caption}  # fmt: skip
    return Section(
        "small-maps",
        "The map, period by period",
        "figures.html",
        {"shown": [figure]},
        {
            "maps": {
                "draw": "maps",
                "map": "map-0",
                "panel": "source" if picture.telling == picture.source else "world",
                "periods": periods_of(network.periods),
                "opened": [
                    {"arcs": sorted(arcs), "places": places}
                    for arcs, places in opened_by_period(result)
                ],
            }
        },
    )


def opened_by_period(result: StoredSchedule) -> Iterator[tuple[set[str], list[list[float]]]]:
    """Yield the arcs that have grown by each period, and the places where something else has."""
    network, timeline = result.network, Timeline(result.network.periods)
    spots = {
        node.node: [round(node.lon, 2), round(node.lat, 2)]
        for node in network.nodes
        if node.lon is not None and node.lat is not None
    }
    for place in range(len(timeline)):
        arcs: set[str] = set()
        nodes: dict[str, None] = {}
        for row in result.openings:
            since = timeline.since(timeline.index[row.period], _lead(network, row))
            if row.opened <= 0.0 or place not in since:
                continue
            if row.on == "arc":
                arcs.add(row.id)
            else:
                nodes.update(dict.fromkeys(_nodes_of(result, row.on, row.id)))
        yield arcs, [spots[node] for node in nodes if node in spots]


def _lead(network: Network, opened: OpeningChange) -> float:
    """Return how long it takes until what opens counts, years."""
    return next(
        row.lead
        for row in network.openings
        if row.on == opened.on
        and row.commodity in ("", opened.commodity)
        and matches(row.target, [opened.id])
    )


def _nodes_of(result: StoredSchedule, on: str, target: str) -> Iterator[str]:
    """Yield the nodes of what opens."""
    network = result.network
    if on == "pool":
        yield from (r.node for r in (*network.sites, *network.demands) if r.pool == target)
    elif on == "site":
        yield from (row.node for row in network.sites if row.site == target)
    else:
        yield target


def _source(result: StoredSchedule, place: str, folder: str) -> Section:
    summary: Any = result.summary
    solver = f"{summary['solver']['name']} {summary['solver']['version']}"
    seconds = f"{summary['seconds']:.1f} s"
    ties = f", {summary['ties']} ties" if summary.get("ties") else ""
    quantity = result.units.quantity
    return source_section(
        result.network,
        [
            ("Periods", Timeline(result.network.periods).described()),
            ("Objective", f"{summary['objective']}{ties}: the planner keeps {quantity} low"),
            ("Solved by", f"flowopt {summary['flowopt']} with {solver} in {seconds}"),
        ],
        what="the result",
        commands=[
            rerun_command("solve", place, summary["options"]),
            report_command(folder, place),
        ],
    )
