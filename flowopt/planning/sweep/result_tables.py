"""From the rows of sweeps to the tables of a `Frontier`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from flowopt.errors import OutOfTime
from flowopt.model.build import activity_model
from flowopt.network.network import Network
from flowopt.planning.conflicts import Demands
from flowopt.planning.noted import noted, out_of_scale
from flowopt.planning.plan_constraints import plan_limits
from flowopt.planning.sweep.budgets import Prices
from flowopt.planning.sweep.consistency import Agreed
from flowopt.planning.sweep.cross_table import crossed
from flowopt.planning.sweep.evidence import Proofs
from flowopt.planning.sweep.plan_pool import NO_CROSS, NO_LADDER, Pool
from flowopt.planning.sweep.row import Answer, Question
from flowopt.planning.sweep.summary import knees, role
from flowopt.results.frontier import (
    DisplacementAt,
    Evidence,
    FrontierRow,
    LadderRow,
    MarketAt,
    MeasureAt,
    PlanAt,
    Sweep,
)
from flowopt.results.numbers import change_of, relative_gap, rounded
from flowopt.results.response import Response


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


def tell(pool: Pool) -> Told:
    """Turn a sweep into tables."""
    question, agreed, before = pool.sweep.first, pool.agreed, pool.before
    told = [row for row in agreed.rows if row.value is not None]
    bends = knees([row.budget for row in told], [row.value or 0.0 for row in told])
    knee = {told[place].budget for place in bends}
    network = question.network
    known = (before.proof, *(row.proof for row in told if row.proof is not None))
    ties = question.conditions.ties
    proofs = Proofs(network, pool.model, question.objective, ties, known, pool.last)
    measures = tuple(_measures(question, told))
    late = pool.warnings
    ladder: tuple[LadderRow, ...] = ()
    try:
        ladder = tuple(_ladder(pool, knee, proofs))
    except OutOfTime:
        late = (*late, NO_LADDER)
    sweep = _sweep(pool, measures, ladder, knee)
    return Told(
        frontier=tuple(_frontier(agreed, before.value)),
        measures=measures,
        markets=tuple(row for each in told for row in _markets(network, each, before)),
        displacement=tuple(row for each in told for row in _displacement(each, before)),
        ladder=ladder,
        sweep=replace(sweep, warnings=(*late, *sweep.warnings)),
        agreed=agreed,
        proofs=proofs,
    )


def cross(told: Sequence[Told]) -> tuple[list[PlanAt], list[Told]]:
    """Return the cross table, one network and objective after the other, and what was told.

    Of a network and objective that there is no time for, it is left out with a warning.
    """
    found: list[PlanAt] = []
    named = []
    for each in told:
        network, sweep = each.sweep.network, each.sweep
        plans = [other.frontier for other in told if other.sweep.network == network]
        try:
            found += list(crossed(each.frontier, plans, each.proofs))
        except OutOfTime:
            sweep = replace(sweep, warnings=(NO_CROSS, *sweep.warnings))
        named.append(replace(each, sweep=sweep))
    return found, named


def evidence(told: Told) -> Evidence:
    """Return what proves the values of a sweep, once all its tables are made."""
    return Evidence(
        network=told.sweep.network,
        objective=told.sweep.objective,
        proofs=told.proofs.all(),
        below=(None,) * bool(told.agreed.below) + told.agreed.below[1:],
        beyond=told.agreed.beyond,
        crossed=NO_CROSS not in told.sweep.warnings,
    )


def _frontier(agreed: Agreed, baseline: float) -> Iterator[FrontierRow]:
    earlier: Answer | None = None
    for row, step in zip(agreed.rows, agreed.steps, strict=True):
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
            gap=relative_gap(row.value or 0.0, row.bound or 0.0, baseline) if known else None,
            baseline=baseline,
            cut=cut,
            cut_share=None if cut is None or baseline <= 0.0 else cut / baseline,
            marginal=marginal,
            measures=None if row.value is None else len(row.plan),
            plan=";".join(row.plan),
            status=row.status,
            seconds=row.seconds,
            step=step,
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


def _ladder(pool: Pool, knee: set[float], proofs: Proofs) -> Iterator[LadderRow]:
    prices, names, baseline = Prices(pool.model), pool.model.measures, pool.before.value
    rows = {
        row.budget: (row, step)
        for row, step in zip(pool.agreed.rows, pool.agreed.steps, strict=True)
    }
    for rung in pool.ladder():
        row, step = rows[rung.budget]
        best = row.value or 0.0
        value = proofs.of(names[i] for i in rung.plan).value
        lost = change_of(best, value)
        could = baseline - best
        yield LadderRow(
            network=row.network,
            objective=row.objective,
            budget=row.budget,
            buy=";".join(names[i] for i in rung.buy),
            spent=prices.of(rung.plan),
            value=value,
            best=best,
            lost=lost,
            lost_share=lost / could if change_of(best, baseline) > 0.0 else None,
            knee=int(row.budget in knee),
            step=step,
        )


def _sweep(
    pool: Pool, measures: Sequence[MeasureAt], ladder: Sequence[LadderRow], knee: set[float]
) -> Sweep:
    question, agreed, before = pool.sweep.first, pool.agreed, pool.before
    network = question.network
    roles = {row.measure: row.role for row in measures}
    switches: dict[str, list[float]] = {}
    for row in measures:
        if row.role == "switch" and row.chosen:
            switches.setdefault(row.measure, []).append(row.budget)
    least = min((row.budget for row in agreed.rows if row.budget > 0.0), default=None)
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
        knees=tuple(sorted(knee)),
        most_lost=max((rung.lost for rung in ladder), default=None),
        warnings=(
            *_hindrances(question, agreed),
            *out_of_scale(network, least, question.conditions.resources),
            *noted(network, before.objective, before.profit),
        ),
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
