"""From the rows of sweeps to the tables of a `Frontier`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flowopt.frontier import (
    DisplacementAt,
    Evidence,
    FrontierRow,
    LadderRow,
    MarketAt,
    MeasureAt,
    PlanAt,
    Sweep,
)
from flowopt.model.build import activity_model
from flowopt.model.trafficker import Trafficker
from flowopt.network.network import Network
from flowopt.planning.clash import Demands
from flowopt.planning.request import core, plan_limits
from flowopt.planning.respond import indices
from flowopt.planning.sweep import order
from flowopt.planning.sweep.budgets import Prices
from flowopt.planning.sweep.consistent import Agreed, agree
from flowopt.planning.sweep.cross import crossed
from flowopt.planning.sweep.evidence import Proofs
from flowopt.planning.sweep.ladder import Ladders
from flowopt.planning.sweep.reading import knees, role
from flowopt.planning.sweep.row import Answer, Question, cold_response
from flowopt.results import Response, change_of, relative_gap, rounded


@dataclass(frozen=True, slots=True)
class Told:
    """What one sweep says: the tables of one network and objective."""

    frontier: tuple[FrontierRow, ...]
    measures: tuple[MeasureAt, ...]
    markets: tuple[MarketAt, ...]
    displacement: tuple[DisplacementAt, ...]
    ladder: tuple[LadderRow, ...]
    sweep: Sweep
    agreed: Agreed
    proofs: Proofs


def tell(sweep: order.Sweep) -> Told:
    """Turn a sweep into tables."""
    question = sweep.first
    network = question.network
    model, ties = activity_model(network), question.conditions.ties
    before = cold_response(network, model, question.objective, (), ties)
    agreed = agree(sweep, before.value)
    told = [row for row in agreed.rows if row.value is not None]
    bends = knees([row.budget for row in told], [row.value or 0.0 for row in told])
    knee = {told[place].budget for place in bends}
    known = (before.proof, *(row.proof for row in told if row.proof is not None))
    proofs = Proofs(network, model, question.objective, ties, known)
    frontier = tuple(_frontier(agreed.rows, before.value))
    measures = tuple(_measures(question, told))
    ladder = tuple(_ladder(question, agreed, before.value, knee, proofs))
    return Told(
        frontier=frontier,
        measures=measures,
        markets=tuple(row for each in told for row in _markets(network, each, before)),
        displacement=tuple(row for each in told for row in _displacement(each, before)),
        ladder=ladder,
        sweep=_sweep(question, agreed, measures, ladder, before),
        agreed=agreed,
        proofs=proofs,
    )


def cross(told: Sequence[Told]) -> Iterator[PlanAt]:
    """Yield the cross table of a comparison, one network and objective after the other."""
    for each in told:
        network = each.sweep.network
        plans = [other.frontier for other in told if other.sweep.network == network]
        yield from crossed(each.frontier, plans, each.proofs)


def evidence(told: Told) -> Evidence:
    """Return what proves the values of a sweep, once all its tables are made."""
    return Evidence(
        network=told.sweep.network,
        objective=told.sweep.objective,
        proofs=told.proofs.all(),
        below=told.agreed.below,
        beyond=told.agreed.beyond,
    )


def _frontier(rows: Sequence[Answer], baseline: float) -> Iterator[FrontierRow]:
    earlier: Answer | None = None
    for row in rows:
        marginal = None
        if earlier is not None and earlier.value is not None and row.value is not None:
            cut_more = change_of(row.value, earlier.value)
            marginal = rounded(cut_more / (row.budget - earlier.budget))
        cut = None if row.value is None else rounded(baseline - row.value)
        known = row.value is not None and row.bound is not None
        yield FrontierRow(
            network=row.network,
            objective=row.objective,
            budget=row.budget,
            spent=row.spent,
            value=row.value,
            bound=row.bound,
            gap=relative_gap(row.value or 0.0, row.bound or 0.0) if known else None,
            baseline=baseline,
            cut=cut,
            cut_share=None if cut is None or baseline <= 0.0 else cut / baseline,
            marginal=marginal,
            measures=None if row.value is None else len(row.plan),
            plan=";".join(row.plan),
            status=row.status,
            seconds=row.seconds,
        )
        earlier = row


def _measures(question: Question, rows: Sequence[Answer]) -> Iterator[MeasureAt]:
    buying = [bool(row.plan) for row in rows]
    for measure in question.network.measures:
        chosen = [measure.measure in row.plan for row in rows]
        part, plans = role(chosen, buying), sum(chosen)
        for row, held in zip(rows, chosen, strict=True):
            yield MeasureAt(
                network=row.network,
                objective=row.objective,
                measure=measure.measure,
                name=measure.name,
                cost=measure.cost,
                budget=row.budget,
                chosen=int(held),
                plans=plans,
                role=part,
                kind=measure.kind,
            )


def _markets(network: Network, row: Answer, before: Response) -> Iterator[MarketAt]:
    countries = {node.node: node.country for node in network.nodes}
    for market, after in zip(before.markets, row.delivered, strict=True):
        change = change_of(market.delivered, after)
        yield MarketAt(
            network=row.network,
            objective=row.objective,
            budget=row.budget,
            node=market.node,
            name=market.name,
            continent=market.continent,
            commodity=market.commodity,
            before=market.delivered,
            after=after,
            change=change,
            change_share=change / market.delivered if market.delivered else None,
            country=countries[market.node],
        )


def _displacement(row: Answer, before: Response) -> Iterator[DisplacementAt]:
    for (by, key, amount), after in zip(before.totals, row.totals, strict=True):
        yield DisplacementAt(
            network=row.network,
            objective=row.objective,
            budget=row.budget,
            by=by,
            key=key,
            before=amount,
            after=after,
            change=change_of(amount, after),
        )


def _ladder(
    question: Question, agreed: Agreed, baseline: float, knee: set[float], proofs: Proofs
) -> Iterator[LadderRow]:
    pairs = [
        (row, step)
        for row, step in zip(agreed.rows, agreed.steps, strict=True)
        if row.value is not None
    ]
    if not pairs:
        return
    network, asked = question.network, question.conditions
    model = activity_model(network)
    limits, _ = plan_limits(network, model, 0.0, asked.resources, asked.include, asked.exclude)
    prices = Prices(model)
    trafficker = Trafficker(model, question.objective, ties=question.conditions.ties)
    ladders = Ladders(model, trafficker, limits, core(model, limits), scale=baseline)
    rungs = ladders.best(
        [row.budget for row, _ in pairs],
        [frozenset(indices(model.measures, row.plan, what="measure")) for row, _ in pairs],
        [row.value or 0.0 for row, _ in pairs],
    )
    for (row, step), rung in zip(pairs, rungs, strict=True):
        best = row.value or 0.0
        value = proofs.of(model.measures[i] for i in rung.plan).value
        lost = max(0.0, change_of(best, value))
        could = baseline - best
        yield LadderRow(
            network=row.network,
            objective=row.objective,
            budget=row.budget,
            buy=";".join(model.measures[i] for i in rung.buy),
            spent=prices.of(rung.plan),
            value=value,
            best=best,
            lost=lost,
            lost_share=lost / could if change_of(best, baseline) > 0.0 else None,
            knee=int(row.budget in knee),
            step=step,
        )


def _sweep(
    question: Question,
    agreed: Agreed,
    measures: Sequence[MeasureAt],
    ladder: Sequence[LadderRow],
    before: Response,
) -> Sweep:
    network = question.network
    roles = {row.measure: row.role for row in measures}
    switches: dict[str, list[float]] = {}
    for row in measures:
        if row.role == "switch" and row.chosen:
            switches.setdefault(row.measure, []).append(row.budget)
    return Sweep(
        network=network.info.id,
        input_sha256=network.sha256,
        objective=before.objective,
        baseline=before.value,
        budgets=len(agreed.rows),
        proved=sum(each.status == "optimal" for each in agreed.rows),
        complete=agreed.complete,
        core=tuple(name for name, part in roles.items() if part == "core"),
        stays=tuple(name for name, part in roles.items() if part == "stays"),
        switches={name: tuple(budgets) for name, budgets in switches.items()},
        knees=tuple(rung.budget for rung in ladder if rung.knee),
        most_lost=max((rung.lost for rung in ladder), default=None),
        warnings=(*_hindrances(question, agreed), *network.warnings),
    )


def _hindrances(question: Question, agreed: Agreed) -> Iterator[str]:
    """Yield why no budget has a plan, if none has."""
    if not agreed.rows or agreed.rows[-1].status != "infeasible":
        return
    network, asked, most = question.network, question.conditions, agreed.rows[-1].budget
    model = activity_model(network)
    limits, _ = plan_limits(network, model, most, asked.resources, asked.include, asked.exclude)
    demands = Demands(network, model, limits, given=asked.resources)
    clash = demands.clash()
    if clash is not None:
        yield demands.sentence(clash)
