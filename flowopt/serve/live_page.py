"""The page of a live server: one question, its measures, and the flow without any of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES
from flowopt.report.flow_sections import map_section
from flowopt.report.flow_states import FlowState
from flowopt.report.luck_text import of_hundred
from flowopt.report.map import picture_of
from flowopt.report.page_parts import Section
from flowopt.report.page_render import render_live
from flowopt.report.printable import printable
from flowopt.report.units import Units
from flowopt.serve.known_frontier import KnownFrontier
from flowopt.serve.live_answer import SideBySide
from flowopt.serve.live_network import LiveNetwork
from flowopt.serve.live_requests import Question
from flowopt.serve.live_view import LiveView

_STANDS = "as the tables stand"
_MEASURE_ROWS = "tick-"  # anchors of measures in their list


def live_page(
    live: LiveNetwork, question: Question, *, saves: bool, frontier: KnownFrontier | None = None
) -> tuple[str, str]:
    """Return the page of a question as text, and its content security policy.

    Parameters
    ----------
    live, question
        The network, and what is asked of it.
    saves
        Whether results can be saved on this machine.
    frontier
        The frontier of a comparison, where one is known.

    Raises
    ------
    RequestError
        When the question names what the network lacks, or the extra `report` is not installed.
    SolverError
        When the solver fails on the network without measures.
    """
    view = live.view(question)
    network, whole = view.network, live.network_of(question)
    units = Units(network, view.objective)
    nothing = SideBySide.of(view, frozenset(), None)
    amounts = {(row.arc, row.commodity): row.flow for row in view.baseline.flows}
    states = [FlowState("without measures", (), amounts), FlowState("under the plan", (), amounts)]
    map_ = map_section(network, states, picture_of(network, states), rows=_MEASURE_ROWS)
    map_ = replace(map_, values={**map_.values, "rings": True})  # once measures are ticked
    where, earn = nothing.flow_sections()
    sections: dict[str, Section | None] = {
        "map": map_,
        "diagram": nothing.diagram_section(),
        "where": where,
        "earn": earn,
    }
    found = (section for section in sections.values() if section is not None)
    figures = {name: data for section in found for name, data in section.figures.items()}
    answer = f"Without measures: {units.quantity} {view.baseline.value:,.1f} {units.unit} a year."
    values = {
        "title": network.info.heading,
        "period": network.info.period,
        "answer": answer,
        "question": question,
        "objectives": [
            {"key": key, "words": f"{key}: {traits.help}"} for key, traits in OBJECTIVES.items()
        ],
        "scenarios": _choice(
            [(row.scenario, row.name) for row in live.network.scenarios], optional=True
        ),
        "periods": _choice(
            [(row.period, row.name) for row in live.network.periods], optional=False
        ),
        "money": units.money,
        "everything": sum(row.cost for row in network.measures) or 1.0,
        "saves": saves,
        "frontier": printable(frontier.note(whole, view.objective)) if frontier else "",
        "sections": sections,
    }
    data = {
        "name": printable(f"{network.info.id}-live"),
        "finding": printable(answer),
        "figures": figures,
        "live": {
            "map": map_.values["figure"],
            "ground": view.map.still(),
            "frontier": {"points": frontier.points(whole, view.objective) if frontier else []},
            **_live_data(view, question, units),
        },
    }
    return render_live(values, data)


def first_question(network: Network) -> Question:
    """Return the question that a page begins with: of a network over time, its first period."""
    return Question(period=network.periods[0].period if network.periods else "")


def _choice(rows: list[tuple[str, str]], *, optional: bool) -> list[dict[str, str]]:
    """Return what can be chosen, by key; where nothing has to be, the tables as they stand."""
    stands = [{"key": "", "words": _STANDS}] if optional and rows else []
    return [*stands, *({"key": key, "words": name or key} for key, name in rows)]


def _named(view: LiveView, measure: str, name: str) -> str:
    """Return the name of a measure, and how often it works where it may fail."""
    success = view.success[measure]
    return name if success >= 1.0 else f"{name} (works in {of_hundred(success)} of 100 years)"


def _live_data(view: LiveView, question: Question, units: Units) -> dict[str, Any]:
    """Return what the script of the page knows of the network."""
    network = view.network
    requires: dict[str, list[str]] = {row.measure: [] for row in network.measures}
    excludes: dict[str, list[str]] = {row.measure: [] for row in network.measures}
    for rule in network.rules:
        if rule.relation == "requires":
            requires[rule.measure].append(rule.other)
        elif rule.relation == "excludes":
            excludes[rule.measure].append(rule.other)
            excludes[rule.other].append(rule.measure)
    return {
        "network": network.info.id,
        "question": question.model_dump(),
        "money": units.money,
        "unit": units.unit,
        "baseline": view.baseline.value,
        "measures": [
            {
                "id": row.measure,
                "name": printable(_named(view, row.measure, row.name)),
                "kind": printable(row.kind),
                "cost": row.cost,
                "requires": requires[row.measure],
                "excludes": excludes[row.measure],
            }
            for row in network.measures
        ],
        "resources": [
            {
                "id": row.resource,
                "name": printable(row.name),
                "unit": printable(row.unit),
                "limit": row.limit,
            }
            for row in network.resources
        ],
    }
