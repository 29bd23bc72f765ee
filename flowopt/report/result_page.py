"""Page of a result: one plan of `solve` or `evaluate`."""

from __future__ import annotations

from flowopt.network.checks.scenarios import as_it_stands
from flowopt.report.flow_sections import (
    binding_section,
    map_section,
    organisations_section,
    ringed,
    sankey_section,
    where_section,
)
from flowopt.report.flow_states import result_states
from flowopt.report.map import picture_of
from flowopt.report.page_parts import Page, Section
from flowopt.report.page_render import render
from flowopt.report.plan_sections import alternatives_section, beside_section, plan_section
from flowopt.report.quality import quality_of
from flowopt.report.quality_text import plan_quality_text
from flowopt.report.rerun_command import options_of_plan, report_command, rerun_command
from flowopt.report.result_headline import by_hand, headline_of
from flowopt.report.result_reader import StoredResult
from flowopt.report.source_section import source_section
from flowopt.report.units import Units


def page_of(result: StoredResult, *, place: str, folder: str) -> str:
    """Return the page of a result as text.

    Parameters
    ----------
    result
        The result.
    place, folder
        Paths of the network and the result, for the commands shown.

    Raises
    ------
    RequestError
        When the extra `report` is not installed.
    """
    network, summary = result.network, result.summary
    units = Units(network, result.certificate.objective, result.certificate.of)
    chosen = not by_hand(result) or len(result.beside) > 1
    states, quality = result_states(result), quality_of(result)
    picture = picture_of(network, states)
    sections = [
        beside_section(result, units),
        plan_section(result, quality, units, ringed(picture)),
        alternatives_section(result, units),
        map_section(network, states, picture),
        sankey_section([result], units),
        where_section([result], units),
        binding_section(result, units),
        organisations_section(result.organisations, units),
        _source(result, units, place, folder),
    ]
    page = Page(
        name=f"{network.info.id}-{'evaluation' if by_hand(result) else 'plan'}",
        title=network.info.heading,
        period=network.info.period,
        about="where a limited budget cuts the flow, once the trafficker has gone round",
        headline=headline_of(result),
        quality=plan_quality_text(network, quality, chosen=chosen),
        warnings=(
            *(f"The plan breaks a condition: {text}." for text in summary.get("broken", [])),
            *as_it_stands(summary["warnings"]),
        ),
        sections=tuple(section for section in sections if section is not None),
    )
    return render(page)


def solve_command(result: StoredResult, place: str) -> str:
    """Return the command that repeats a request, as far as its files record it."""
    verb = "evaluate" if by_hand(result) else "solve"
    options = result.summary.get("options") or options_of_plan(result.network, result.certificate)
    return rerun_command(verb, place, {"scenario": result.picked or None, **options})


def _source(result: StoredResult, units: Units, place: str, folder: str) -> Section:
    summary = result.summary
    ties = f", {summary['ties']} ties" if "ties" in summary else ""
    solver = f"{summary['solver']['name']} {summary['solver']['version']}"
    seconds = f"{summary['seconds']['total']:.1f} s"
    return source_section(
        result.network,
        [
            ("Objective", f"{summary['objective']}{ties}: the planner keeps {units.quantity} low"),
            ("Solved by", f"flowopt {summary['flowopt']} with {solver} in {seconds}"),
        ],
        what="the result",
        commands=[solve_command(result, place), report_command(folder, place)],
        unknown=(
            ""
            if "options" in summary
            else "An earlier flowopt made it: a time limit, a gap or --within that was given is "
            "not on record."
        ),
    )
