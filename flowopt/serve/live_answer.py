"""Answer to a plan that was tried, as values and HTML that a live page puts in their places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from flowopt.model.incumbent import Plan
from flowopt.planning.recheck.certificate_reader import StatedProof
from flowopt.report.evaluation_headline import evaluation_headline
from flowopt.report.flow_sections import organisations_section, sankey_section, where_section
from flowopt.report.flow_states import FlowState
from flowopt.report.page_parts import Section
from flowopt.report.page_render import render_section
from flowopt.report.printable import printable
from flowopt.report.result_reader import Record, StoredFlow
from flowopt.report.units import Units
from flowopt.results.numbers import rounded, share
from flowopt.results.plan_result import displaced, market_changes, paid
from flowopt.results.proof import Proof
from flowopt.results.response import Response
from flowopt.serve.live_luck import luck_words
from flowopt.serve.live_view import LiveView, TriedPlan

_TODAY, _KEPT, _PLAN = "without measures", "the plan kept", "under the plan"


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
    units = Units(view.network, view.objective)
    summary = _summary(view, tried)
    headline = evaluation_headline(summary, units, [_promise(view, tried)])
    was = FlowState(_TODAY, (), _amounts(view.baseline))
    if beside is not None:
        was = FlowState(_KEPT, beside.measures, beside.amounts)
    return {
        "measures": list(tried.measures),
        "value": tried.value,
        "baseline": view.baseline.value,
        "cut": summary["cut"],
        "promised": tried.promised,
        "spent": tried.spent,
        "used": tried.used,
        "broken": [printable(text) for text in tried.broken],
        "answer": printable(_answer(headline.answer, tried, units)),
        "figures": [asdict(each) for each in headline.figures],
        "bars": [asdict(each) for each in headline.bars],
        "map": view.map.moved([was, FlowState(_PLAN, tried.measures, tried.amounts)]),
    }


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The flow under a plan, as `flowopt evaluate` shows it, and the one that it is set beside.

    Attributes
    ----------
    view : LiveView
        The trafficker.
    before, after : Response
        The responses.
    today : bool
        Whether `before` is that to no measures.
    """

    view: LiveView
    before: Response
    after: Response
    today: bool

    @classmethod
    def of(cls, view: LiveView, plan: Plan, beside: Plan | None) -> SideBySide:
        """Return the responses to a plan and to one beside it, None for no measures."""
        before = view.baseline if beside is None else view.response(beside)
        return cls(view, before, view.response(plan), beside is None)

    def map(self) -> dict[str, Any]:
        """Return the map of the flows."""
        before, after = self.before, self.after
        label = _TODAY if self.today else _KEPT
        return self.view.map.moved([
            FlowState(label, before.measures, _amounts(before)),
            FlowState(_PLAN, after.measures, _amounts(after)),
        ])  # fmt: skip

    def parts(self) -> dict[str, Any]:
        """Return where the flow went, and who earns, as HTML."""
        where, earn = self.flow_sections()
        return {
            "where": render_section(where),
            "earn": "" if earn is None else render_section(earn),
        }

    def diagram_section(self) -> Section:
        """Return the section of the diagram from the fields to the markets."""
        return sankey_section([self._flow()], self._units)

    def flow_sections(self) -> tuple[Section, Section | None]:
        """Return the sections of where the flow went, and of who earns if the network says."""
        return (
            where_section([self._flow()], self._units),
            organisations_section(_records(paid(self.before, self.after)), self._units),
        )

    @property
    def _units(self) -> Units:
        return Units(self.view.network, self.view.objective)

    def _flow(self) -> StoredFlow:
        """Return the flow before and after as the sections of a page read it."""
        before, after = self.before, self.after
        return StoredFlow(
            network=self.view.network,
            before=_stated(before.proof),
            after=_stated(after.proof),
            plan=[{"measure": name} for name in after.measures],
            flows=[],
            markets=_records(market_changes(before, after)),
            displacement=_records(displaced(before, after)),
        )


def _summary(view: LiveView, tried: TriedPlan) -> dict[str, Any]:
    """Return of a `summary.json` what the headline needs."""
    baseline, value = view.baseline.value, tried.value
    cut = rounded(baseline - value)
    return {
        "objective": view.objective,
        "baseline": baseline,
        "value": value,
        "cut": cut,
        "cut_share": share(cut, baseline),
        "spent": tried.spent,
        "measures": list(tried.measures),
    }


def _answer(answer: str, tried: TriedPlan, units: Units) -> str:
    """Return the sentence on a plan, and how it spreads where it may fail."""
    if tried.luck is None or not tried.measures:
        return answer
    return f"{answer} {luck_words(tried.luck, units.unit)}"


def _promise(view: LiveView, tried: TriedPlan) -> Record:
    cut = rounded(view.baseline.value - tried.value)
    return {"plan": "yours", "promised": str(tried.promised), "cut": str(cut)}


def _amounts(response: Response) -> dict[tuple[str, str], float]:
    return {(row.arc, row.commodity): row.flow for row in response.flows if row.flow > 0.0}


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
