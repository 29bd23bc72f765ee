"""Page of a comparison: what money buys, which measures, the ladder, a plan for each budget."""

from __future__ import annotations

from collections.abc import Iterator

from flowopt.network.checks.scenarios import as_it_stands
from flowopt.report.comparison_reader import StoredComparison, StoredSweep
from flowopt.report.flow_states import FlowState, stated_state
from flowopt.report.frontier_headline import frontier_headline
from flowopt.report.frontier_sections import frontier_sections
from flowopt.report.page_parts import Page, Section
from flowopt.report.page_render import render
from flowopt.report.quality import assumed_legs
from flowopt.report.quality_text import comparison_quality_text
from flowopt.report.rerun_command import options_of_comparison, report_command, rerun_command
from flowopt.report.result_reader import number
from flowopt.report.source_section import source_section


def comparison_page(comparison: StoredComparison, *, place: str, folder: str) -> str:
    """Return the page of a comparison as text; parameters as in `page_of`."""
    network, first = comparison.network, comparison.sweeps[0]
    states = [sweep_states(sweep) for sweep in comparison.sweeps]
    ties = {"ties": comparison.summary["ties"]} if "ties" in comparison.summary else {}
    sections: list[Section] = []
    for place_of_it, (sweep, flows) in enumerate(zip(comparison.sweeps, states, strict=True)):
        sections += frontier_sections(comparison, sweep, flows, place_of_it)
    sections.append(_source(comparison, place, folder))
    plans = [sweep.plan_at(number(row["budget"])) for sweep in comparison.sweeps
             for row in sweep.rows]  # fmt: skip
    legs = [
        assumed_legs(network, ((arc, good, t) for (arc, good), t in state.amounts.items()))
        for flows in states
        for state in flows[1:]
    ]
    page = Page(
        name=f"{network.info.id}-comparison",
        title=network.info.heading,
        period=network.info.period,
        about="what each budget can do, once the trafficker has gone round",
        headline=frontier_headline({**ties, **first.about}, first.rows, first.units),
        quality=comparison_quality_text(network, plans, legs),
        warnings=tuple(dict.fromkeys(_warnings(comparison))),
        sections=tuple(sections),
    )
    return render(page)


def sweep_states(sweep: StoredSweep) -> list[FlowState]:
    """Return the flow without measures and under the plan of each budget; none without proofs."""
    if sweep.before is None:
        return []
    states = [stated_state("without measures", (), sweep.before)]
    for row in sweep.rows:
        budget = number(row["budget"])
        if (proof := sweep.after.get(budget)) is None:
            return []
        states.append(stated_state(row["budget"], sweep.plan_at(budget), proof))
    return states


def compare_command(comparison: StoredComparison, place: str) -> str:
    """Return the command that repeats a comparison, as far as its files record it."""
    summary, network = comparison.summary, comparison.network
    options = summary.get("options") or options_of_comparison(network, summary)
    return rerun_command("compare", place, {"scenario": comparison.picked or None, **options})


def _warnings(comparison: StoredComparison) -> Iterator[str]:
    for sweep in comparison.sweeps:
        yield from as_it_stands(sweep.about.get("warnings", []))


def _source(comparison: StoredComparison, place: str, folder: str) -> Section:
    summary = comparison.summary
    solver = f"{summary['solver']['name']} {summary['solver']['version']}"
    return source_section(
        comparison.network,
        [("Solved by", f"flowopt {summary['flowopt']} with {solver}")],
        what="the comparison",
        commands=[compare_command(comparison, place), report_command(folder, place)],
        unknown=(
            ""
            if "options" in summary
            else "An earlier flowopt made it: how ties were settled is not on record."
        ),
    )
