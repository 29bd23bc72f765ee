"""Page of a plan for several scenarios: the answer, each scenario, the plan, one flow at a time."""

from __future__ import annotations

from collections.abc import Iterator

from flowopt.report.flow_sections import map_section, ringed, sankey_section, where_section
from flowopt.report.flow_states import result_states
from flowopt.report.map import picture_of
from flowopt.report.page_parts import Choice, Page, Section
from flowopt.report.page_render import render
from flowopt.report.plan_sections import plan_section
from flowopt.report.quality import quality_of
from flowopt.report.quality_text import QualityText, plan_quality_text
from flowopt.report.rerun_command import report_command, rerun_command
from flowopt.report.scenario_headline import scenario_headline
from flowopt.report.scenario_sections import label_of, scenarios_section
from flowopt.report.scenario_words import MEASURED
from flowopt.report.source_section import source_section
from flowopt.report.stored_scenarios import StoredScenarios


def scenario_page(result: StoredScenarios, *, place: str, folder: str) -> str:
    """Return the page of a plan for several scenarios as text; parameters as in `page_of`."""
    network, units = result.network, result.units
    flows = list(result.flows.values())
    states = [state for flow in flows for state in result_states(flow)]
    picture = picture_of(network, states)
    names = tuple(label_of(result.row(name)) for name in result.flows)
    choice = Choice(names, list(result.flows).index(result.leading))
    quality = quality_of(result.flows[result.leading])
    counted = f"the {MEASURED[result.summary['criterion']]} gets worse"
    page = Page(
        name=f"{network.info.id}-{'evaluation' if result.by_hand else 'plan'}-scenarios",
        title=network.info.heading,
        period=network.info.period,
        about=f"one plan for {len(result.rows)} scenarios, once the trafficker has gone round",
        headline=scenario_headline(result),
        quality=_with_scenarios(
            result, plan_quality_text(network, quality, chosen=not result.by_hand)
        ),
        warnings=(
            *(f"The plan breaks a condition: {text}." for text in result.summary["broken"]),
            *result.summary["warnings"],
        ),
        sections=(
            scenarios_section(result),
            plan_section(result, quality, units, ringed(picture), counted=counted),
            map_section(network, states, picture, choice=choice),
            sankey_section(flows, units, choice),
            where_section(flows, units, choice),
            _source(result, place, folder),
        ),
    )
    return render(page)


def scenarios_command(result: StoredScenarios, place: str) -> str:
    """Return the command that repeats a request."""
    verb = "evaluate" if result.by_hand else "solve"
    return rerun_command(verb, place, result.summary["options"])


def _with_scenarios(result: StoredScenarios, quality: QualityText) -> QualityText:
    """Return the sentences on the data, with those on the rows that make the scenarios."""
    return QualityText(quality.worst, (*quality.others, *_on_changes(result)))


def _on_changes(result: StoredScenarios) -> Iterator[str]:
    rows = result.network.changes
    assumed = sum(row.grade in (None, "X") for row in rows)
    if assumed:
        yield (
            f"What the scenarios say differently is assumed in {assumed} of its {len(rows)} rows."
        )


def _source(result: StoredScenarios, place: str, folder: str) -> Section:
    summary, units = result.summary, result.units
    solver = f"{summary['solver']['name']} {summary['solver']['version']}"
    seconds = f"{summary['seconds']['total']:.1f} s"
    tail = "" if summary["tail_share"] is None else f", tail {summary['tail_share']:g}"
    ties = f", {summary['ties']} ties" if "ties" in summary else ""
    return source_section(
        result.network,
        [
            ("Objective", f"{summary['objective']}{ties}: the planner keeps {units.quantity} low"),
            ("Criterion", f"{summary['criterion']}{tail}"),
            ("Solved by", f"flowopt {summary['flowopt']} with {solver} in {seconds}"),
        ],
        what="the result",
        commands=[scenarios_command(result, place), report_command(folder, place)],
    )
