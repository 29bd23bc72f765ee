"""Answer to a plan that was tried, as values and HTML that a live page puts in their places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from flowopt.planning.recheck.certificate_reader import StatedProof
from flowopt.report.evaluation_headline import evaluation_headline
from flowopt.report.flow_sections import organisations_section, sankey_section, where_section
from flowopt.report.flow_states import FlowState
from flowopt.report.map import picture_of
from flowopt.report.map_data import map_changes
from flowopt.report.page_parts import Section
from flowopt.report.page_render import render_section
from flowopt.report.printable import printable
from flowopt.report.result_reader import Record, StoredFlow
from flowopt.report.units import Units
from flowopt.results.numbers import rounded, share
from flowopt.results.plan_result import displaced, market_changes, paid
from flowopt.results.proof import Proof
from flowopt.results.response import Response
from flowopt.serve.live_view import LiveView, TriedPlan

MEASURE_ROWS = "tick-"  # anchors of measures in their list


def answer_to(view: LiveView, tried: TriedPlan, beside: TriedPlan | None) -> dict[str, Any]:
    """Return what the page shows of a plan at once.

    Parameters
    ----------
    view
        The trafficker.
    tried
        The plan.
    beside
        The plan that it is set beside; None for no measures.
    """
    network, after = view.network, tried.response
    before = view.baseline if beside is None else beside.response
    units = Units(network, view.objective)
    summary = _summary(view, tried)
    headline = evaluation_headline(summary, units, [_promise(view, tried)])
    states = [_state("without measures" if beside is None else "the plan kept", before),
              _state("under the plan", after)]  # fmt: skip
    return {
        "measures": list(after.measures),
        "value": after.value,
        "baseline": view.baseline.value,
        "cut": summary["cut"],
        "promised": tried.promised,
        "spent": tried.spent,
        "used": tried.used,
        "broken": [printable(text) for text in tried.broken],
        "answer": printable(headline.answer),
        "figures": [asdict(each) for each in headline.figures],
        "bars": [asdict(each) for each in headline.bars],
        "map": map_changes(network, states, picture_of(network, states), rows=MEASURE_ROWS),
    }


def parts_of(view: LiveView, tried: TriedPlan, beside: TriedPlan | None) -> dict[str, Any]:
    """Return what takes longer to show of a plan: where the flow went, and who earns."""
    where, earn = flow_sections(view, tried, beside)
    return {"where": render_section(where), "earn": "" if earn is None else render_section(earn)}


def diagram_section(view: LiveView, tried: TriedPlan, beside: TriedPlan | None) -> Section:
    """Return the section of the diagram from the fields to the markets."""
    before = view.baseline if beside is None else beside.response
    units = Units(view.network, view.objective)
    return sankey_section([_flow(view, before, tried.response)], units)


def flow_sections(
    view: LiveView, tried: TriedPlan, beside: TriedPlan | None
) -> tuple[Section, Section | None]:
    """Return the sections of where the flow went, and of who earns if the network says."""
    before, after = view.baseline if beside is None else beside.response, tried.response
    units = Units(view.network, view.objective)
    return (
        where_section([_flow(view, before, after)], units),
        organisations_section(_records(paid(before, after)), units),
    )


def _summary(view: LiveView, tried: TriedPlan) -> dict[str, Any]:
    """Return of a `summary.json` what the headline needs."""
    baseline, value = view.baseline.value, tried.response.value
    cut = rounded(baseline - value)
    return {
        "objective": view.objective,
        "baseline": baseline,
        "value": value,
        "cut": cut,
        "cut_share": share(cut, baseline),
        "spent": tried.spent,
        "measures": list(tried.response.measures),
    }


def _promise(view: LiveView, tried: TriedPlan) -> Record:
    cut = rounded(view.baseline.value - tried.response.value)
    return {"plan": "yours", "promised": str(tried.promised), "cut": str(cut)}


def _state(label: str, response: Response) -> FlowState:
    return FlowState(
        label, response.measures, {(row.arc, row.commodity): row.flow for row in response.flows}
    )


def _flow(view: LiveView, before: Response, after: Response) -> StoredFlow:
    """Return the flow before and after as the sections of a page read it."""
    return StoredFlow(
        network=view.network,
        before=_stated(before.proof),
        after=_stated(after.proof),
        plan=[{"measure": name} for name in after.measures],
        flows=[],
        markets=_records(market_changes(before, after)),
        displacement=_records(displaced(before, after)),
    )


def _stated(proof: Proof) -> StatedProof:
    amounts = {
        (kind, *map(str, row[:-1])): float(row[-1])
        for kind, rows in proof.primal.items()
        for row in rows
    }
    return StatedProof(proof.measures, proof.value, amounts, {}, {})


def _records(rows: Iterable[Any]) -> list[Record]:
    """Return rows of a table as the text that a CSV file has of them."""
    listed = list(rows)
    names = [each.name for each in fields(listed[0])] if listed else []
    return [{name: _text(getattr(row, name)) for name in names} for row in listed]


def _text(value: object) -> str:
    return "" if value is None else str(value)
