"""Tables of a `Frontier`, made from the rows of sweeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from flowopt.errors import OutOfTime
from flowopt.network.network import Network
from flowopt.planning.conflicts import Conditions
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.result_warnings import network_warnings, out_of_scale
from flowopt.planning.sweep.budgets import PlanCosts
from flowopt.planning.sweep.consistency import ConsistentRows
from flowopt.planning.sweep.cross_table import cross_rows
from flowopt.planning.sweep.evidence import ProofCache
from flowopt.planning.sweep.plan_pool import NO_CROSS, NO_LADDER, PlanPool
from flowopt.planning.sweep.row import RowRequest, RowResult
from flowopt.planning.sweep.shared_model import shared_model
from flowopt.planning.sweep.summary import knees, role
from flowopt.results.budget_rows import (
    DisplacementAt,
    FrontierRow,
    LadderRow,
    MarketAt,
    MeasureAt,
    PlanAt,
)
from flowopt.results.frontier import Evidence, SweepSummary
from flowopt.results.numbers import change_of, regret, relative_gap, rounded, share
from flowopt.results.response import Response


@dataclass(frozen=True, slots=True)
class SweepTables:
    """Tables of one sweep, that is, of one network and objective."""

    frontier: tuple[FrontierRow, ...]
    measures: tuple[MeasureAt, ...]
    markets: tuple[MarketAt, ...]
    displacement: tuple[DisplacementAt, ...]
    ladder: tuple[LadderRow, ...]
    sweep: SweepSummary
    consistent: ConsistentRows
    proofs: ProofCache


def sweep_tables(pool: PlanPool) -> SweepTables:
    """Return the tables of a sweep."""
    request, consistent, before = pool.source.first, pool.consistent, pool.before
    planned = [row for row in consistent.rows if row.value is not None]
    bends = knees([row.budget for row in planned], [row.value or 0.0 for row in planned])
    knee = {planned[place].budget for place in bends}
    network = request.network
    proved = (before.proof, *(row.proof for row in planned if row.proof is not None))
    proofs = ProofCache(pool.problem, proved, pool.last)
    measures = tuple(_measures(request, planned))
    late = pool.warnings
    ladder: tuple[LadderRow, ...] = ()
    try:
        ladder = tuple(_ladder(pool, knee, proofs))
    except OutOfTime:
        late = (*late, NO_LADDER)
    sweep = _sweep(pool, measures, ladder, knee)
    return SweepTables(
        frontier=tuple(_frontier(consistent, before.value)),
        measures=measures,
        markets=tuple(row for each in planned for row in _markets(network, each, before)),
        displacement=tuple(row for each in planned for row in _displacement(each, before)),
        ladder=ladder,
        sweep=replace(sweep, warnings=(*late, *sweep.warnings)),
        consistent=consistent,
        proofs=proofs,
    )


def cross(tables: Sequence[SweepTables]) -> tuple[list[PlanAt], list[SweepTables]]:
    """Return the cross table, one network and objective after the other, and the other tables.

    Where the time is up, the rows of a network and objective are left out with a warning.
    """
    cross_table: list[PlanAt] = []
    warned = []
    for each in tables:
        network, sweep = each.sweep.network, each.sweep
        plans = [other.frontier for other in tables if other.sweep.network == network]
        try:
            cross_table += list(cross_rows(each.frontier, plans, each.proofs))
        except OutOfTime:
            sweep = replace(sweep, warnings=(NO_CROSS, *sweep.warnings))
        warned.append(replace(each, sweep=sweep))
    return cross_table, warned


def evidence(tables: SweepTables) -> Evidence:
    """Return the proofs of the values of a sweep, once all its tables are made."""
    return Evidence(
        network=tables.sweep.network,
        objective=tables.sweep.objective,
        proofs=tables.proofs.all(),
        below=(None,) * bool(tables.consistent.below) + tables.consistent.below[1:],
        beyond=tables.consistent.beyond,
        crossed=NO_CROSS not in tables.sweep.warnings,
    )


def _frontier(consistent: ConsistentRows, baseline: float) -> Iterator[FrontierRow]:
    earlier: RowResult | None = None
    for row, step in zip(consistent.rows, consistent.steps, strict=True):
        marginal = None
        if earlier is not None and earlier.value is not None and row.value is not None:
            cut_more = change_of(row.value, earlier.value)
            marginal = rounded(cut_more / (row.budget - earlier.budget))
        cut = None if row.value is None else rounded(baseline - row.value)
        proved = row.value is not None and row.bound is not None
        yield FrontierRow(
            network=row.network,
            objective=row.objective,
            budget=row.budget,
            spent=row.spent,
            value=row.value,
            bound=row.bound,
            gap=relative_gap(row.value or 0.0, row.bound or 0.0, baseline) if proved else None,
            baseline=baseline,
            cut=cut,
            cut_share=None if cut is None else share(cut, baseline),
            marginal=marginal,
            n_measures=None if row.value is None else len(row.plan),
            measures=";".join(row.plan),
            status=row.status,
            seconds=row.seconds,
            step=step,
        )
        earlier = row


def _measures(request: RowRequest, rows: Sequence[RowResult]) -> Iterator[MeasureAt]:
    buying = [bool(row.plan) for row in rows]
    for measure in request.network.measures:
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
                n_plans=plans,
                role=part,
                kind=measure.kind,
            )


def _markets(network: Network, row: RowResult, before: Response) -> Iterator[MarketAt]:
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
            change_share=share(change, market.delivered),
            country=countries[market.node],
        )


def _displacement(row: RowResult, before: Response) -> Iterator[DisplacementAt]:
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


def _ladder(pool: PlanPool, knee: set[float], proofs: ProofCache) -> Iterator[LadderRow]:
    plan_costs, names, baseline = PlanCosts(pool.model), pool.model.measures, pool.before.value
    rows = {
        row.budget: (row, step)
        for row, step in zip(pool.consistent.rows, pool.consistent.steps, strict=True)
    }
    for rung in pool.ladder():
        row, step = rows[rung.budget]
        best = row.value or 0.0
        value = proofs.of(names[i] for i in rung.plan).value
        loss, loss_share = regret(value, best, baseline)
        yield LadderRow(
            network=row.network,
            objective=row.objective,
            budget=row.budget,
            buy=";".join(names[i] for i in rung.buy),
            spent=plan_costs.of(rung.plan),
            value=value,
            best=best,
            regret=loss,
            regret_share=loss_share,
            knee=int(row.budget in knee),
            step=step,
        )


def _sweep(
    pool: PlanPool, measures: Sequence[MeasureAt], ladder: Sequence[LadderRow], knee: set[float]
) -> SweepSummary:
    request, consistent, before = pool.source.first, pool.consistent, pool.before
    network = request.network
    roles = {row.measure: row.role for row in measures}
    switches: dict[str, list[float]] = {}
    for row in measures:
        if row.role == "switch" and row.chosen:
            switches.setdefault(row.measure, []).append(row.budget)
    least = min((row.budget for row in consistent.rows if row.budget > 0.0), default=None)
    return SweepSummary(
        network=network.info.id,
        scenario=network.info.scenario or None,
        input_sha256=network.sha256,
        objective=before.objective,
        baseline=before.value,
        rows=len(consistent.rows),
        proved=sum(each.status == "optimal" for each in consistent.rows),
        complete=consistent.complete,
        core=tuple(name for name, part in roles.items() if part == "core"),
        stays=tuple(name for name, part in roles.items() if part == "stays"),
        switches={name: tuple(budgets) for name, budgets in switches.items()},
        knees=tuple(sorted(knee)),
        most_regret=max((rung.regret for rung in ladder), default=None),
        warnings=(
            *_conflict_warnings(request, consistent),
            *out_of_scale(network, least, request.plan_request.resources),
            *network_warnings(network, before.objective, before.profit),
        ),
    )


def _conflict_warnings(request: RowRequest, consistent: ConsistentRows) -> Iterator[str]:
    """Yield the conflict that leaves every budget without a plan, if there is one."""
    if not consistent.rows or consistent.rows[-1].status != "infeasible":
        return
    most = replace(request.plan_request, budget=consistent.rows[-1].budget)
    model = shared_model(request.network)
    conditions = Conditions(problem_of(request.network, model, most))
    conflict = conditions.conflict()
    if conflict is not None:
        yield conditions.message(conflict)
