"""Checks of the CSV tables of a comparison, from its certificate and networks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from flowopt.planning.recheck.arithmetic import exceeds, plan_cost
from flowopt.planning.recheck.certificate_reader import StatedProof
from flowopt.planning.recheck.frontier_certificate_reader import StatedRow
from flowopt.planning.recheck.frontier_roles import Roles, knees, steps_of
from flowopt.planning.recheck.frontier_rows import SweepContext, spread
from flowopt.planning.recheck.summary_checks import relative_gap
from flowopt.planning.recheck.table_checks import (
    ANY_SECONDS,
    Difference,
    ExpectedRow,
    change_of,
    compare_table,
    read_table,
    totals_of,
)
from flowopt.planning.recheck.verdict import Check, Comparison

_MOST = 100  # budgets of one network and objective in the cross table

FRONTIER = (
    "network objective budget spent value bound gap baseline cut cut_share marginal n_measures "
    "measures status seconds step"
)
MEASURES = "network objective measure name cost budget chosen n_plans role kind"
MARKETS = (
    "network objective budget node name continent commodity before after change change_share "
    "country"
)
DISPLACEMENT = "network objective budget by key before after change"
LADDER = "network objective budget buy spent value best regret regret_share knee step"
PLANS = "network objective budget plan_objective plan_budget spent value best regret regret_share"


ExpectedTable = tuple[str, list[ExpectedRow]]


def check_tables(folder: Path, sweeps: Sequence[SweepContext]) -> Iterator[Check]:
    """Yield the check of each table of a comparison."""
    for name, (columns, rows) in tables_of(folder, sweeps).items():
        yield compare_table(folder / name, columns, rows)


def tables_of(folder: Path, sweeps: Sequence[SweepContext]) -> dict[str, ExpectedTable]:
    """Return the columns and rows that each table must have, by the name of its file."""
    bought = _bought(folder / "ladder.csv")
    return {
        "frontier.csv": (FRONTIER, [row for each in sweeps for row in frontier_rows(each)]),
        "measures.csv": (MEASURES, [row for each in sweeps for row in measure_rows(each)]),
        "markets.csv": (MARKETS, [row for each in sweeps for row in sweep_market_rows(each)]),
        "displacement.csv": (
            DISPLACEMENT,
            [row for each in sweeps for row in sweep_displacement_rows(each)],
        ),
        "ladder.csv": (LADDER, [row for each in sweeps for row in ladder_rows(each, bought)]),
        "plans.csv": (PLANS, [row for each in sweeps for row in cross_table_rows(each, sweeps)]),
    }


# -- rows -----------------------------------------------------------------------


def frontier_rows(sweep: SweepContext) -> Iterator[ExpectedRow]:
    """Yield a row for each budget."""
    stated, baseline = sweep.stated, sweep.stated.baseline
    earlier: tuple[StatedRow, StatedProof] | None = None
    steps = steps_of(sweep)
    for row in stated.rows:
        head = (stated.network, stated.objective, row.budget)
        proof = row.proof
        if proof is None:
            yield (
                *head,
                *(None,) * 4,
                baseline,
                *(None,) * 4,
                "",
                row.status,
                ANY_SECONDS,
                steps[row.budget],
            )
            earlier = None
            continue
        cut = Difference(baseline - proof.value, max(abs(baseline), abs(proof.value)))
        gap = None if row.bound is None else relative_gap(proof.value, row.bound, baseline)
        share = Difference(cut.value / baseline, cut.side / baseline) if baseline > 0.0 else None
        yield (
            *head,
            sweep.cost(proof),
            proof.value,
            row.bound,
            gap,
            baseline,
            cut,
            share,
            None if earlier is None else _marginal(*earlier, row, proof),
            float(len(proof.measures)),
            ";".join(proof.measures),
            row.status,
            ANY_SECONDS,
            steps[row.budget],
        )
        earlier = (row, proof)


def _marginal(
    less: StatedRow, cheap: StatedProof, more: StatedRow, dear: StatedProof
) -> Difference:
    """Return the marginal cut per M USD between two budgets."""
    change, money = change_of(dear.value, cheap.value), more.budget - less.budget
    if money <= 0.0:  # a fault of the certificate, found elsewhere
        return Difference(math.nan, 0.0)
    return Difference(change.value / money, change.side / money)


def sweep_market_rows(sweep: SweepContext) -> Iterator[ExpectedRow]:
    """Yield every commodity at every market, without measures and for each budget."""
    nodes = {node.node: node for node in sweep.network.nodes}
    stated = sweep.stated
    for row, proof in stated.planned:
        for demand in sweep.network.demands:
            node, place = nodes[demand.node], ("deliver", demand.node, demand.commodity)
            before, after = stated.proofs[0].amount(*place), proof.amount(*place)
            change = change_of(before, after)
            yield (
                *(stated.network, stated.objective, row.budget),
                *(node.node, node.name, node.continent, demand.commodity),
                *(before, after, change),
                Difference(change.value / before, change.side / before) if before else None,
                node.country,
            )


def sweep_displacement_rows(sweep: SweepContext) -> Iterator[ExpectedRow]:
    """Yield the flow by mode, kind and so on, without measures and for each budget."""
    stated = sweep.stated
    before = totals_of(sweep.network, stated.proofs[0])
    for row, proof in stated.planned:
        after = totals_of(sweep.network, proof)
        for (by, key), amount in before.items():
            change = change_of(amount, after[by, key])
            head = (stated.network, stated.objective, row.budget)
            yield (*head, by, key, amount, after[by, key], change)


# -- measures ---------------------------------------------------------------------


def measure_rows(sweep: SweepContext) -> Iterator[ExpectedRow]:
    """Yield every measure at every budget, measure by measure."""
    stated = sweep.stated
    roles = Roles(sweep)
    for measure in sweep.network.measures:
        chosen = roles.chosen(measure.measure)
        for (row, _), held in zip(stated.planned, chosen, strict=True):
            yield (
                *(stated.network, stated.objective),
                *(measure.measure, measure.name, measure.cost, row.budget),
                *(float(held), float(sum(chosen)), roles.of(measure.measure), measure.kind),
            )


# -- the ladder -----------------------------------------------------------------------------------

Bought = dict[tuple[str, str, float], str]


def ladder_rows(sweep: SweepContext, bought: Bought) -> Iterator[ExpectedRow]:
    """Yield the rungs; `bought` is the purchases stated in the table, whose order is free."""
    stated, baseline = sweep.stated, sweep.stated.baseline
    held: set[str] = set()
    steps = steps_of(sweep)
    bends = knees(sweep)
    for row, proof in stated.planned:
        rung = stated.rungs.get(row.budget)
        if rung is None:
            continue
        new = [name for name in rung.measures if name not in held]
        lost = change_of(proof.value, rung.value)
        could = change_of(proof.value, baseline)
        head = (stated.network, stated.objective, row.budget)
        share = None
        if could.value > 0.0:
            cut = baseline - proof.value
            share = Difference(lost.value / cut, lost.side / cut)
        yield (
            *head,
            _in_order(sweep, held, new, bought.get(head, "")),
            sweep.cost(rung),
            rung.value,
            proof.value,
            lost,
            share,
            float(row.budget in bends),
            steps[row.budget],
        )
        held |= set(rung.measures)


def _in_order(sweep: SweepContext, held: set[str], new: list[str], stated: str) -> str:
    """Return the purchases in the order stated, if it is a valid one: requirements first.

    Of measures that require one another any may come first, once nothing else is left to.
    """
    order = stated.split(";") if stated else []
    if sorted(order) != sorted(new):
        return ";".join(new)
    rules = [rule for rule in sweep.network.rules if rule.relation == "requires"]
    for place, name in enumerate(order):
        bought = held | {*order[:place]}
        waiting = {rule.measure for rule in rules if rule.other not in bought}
        if name in waiting and not waiting >= {*order[place:]}:
            return ";".join(new)
    return stated


def _bought(path: Path) -> Bought:
    """Return the purchases stated in the ladder's table at each budget."""
    bought: Bought = {}
    for cells in read_table(path, LADDER, Comparison("")):
        try:
            bought[cells[0].removeprefix("'"), cells[1], float(cells[2])] = cells[3]
        except ValueError:
            continue  # a fault of the table, found elsewhere
    return bought


# -- the cross table ------------------------------------------------------------------------------


def cross_table_rows(sweep: SweepContext, sweeps: Sequence[SweepContext]) -> Iterator[ExpectedRow]:
    """Yield each plan of the same network at every budget of a sweep that it fits."""
    stated, network = sweep.stated, sweep.network
    if not stated.crossed:
        return
    values = {proof.measures: proof.value for proof in stated.proofs}
    offers = [
        (other.stated.objective, made.budget, plan.measures, plan_cost(network, plan.measures))
        for other in sweeps
        if other.stated.network == stated.network
        for made, plan in spread(other.stated.planned, _MOST)
    ]
    for row, proof in spread(stated.planned, _MOST):
        cut = baseline_cut(stated.baseline, proof.value)
        for objective, budget, plan, spent in offers:
            if exceeds(spent, row.budget):
                continue
            value = values.get(plan, math.nan)  # nothing is close to what has no proof
            regret = change_of(proof.value, value)
            share = None if cut is None else Difference(regret.value / cut, regret.side / cut)
            yield (
                *(stated.network, stated.objective, row.budget, objective, budget),
                *(spent, value, proof.value, regret, share),
            )


def baseline_cut(baseline: float, value: float) -> float | None:
    """Return the cut of a plan, None where it has none."""
    return baseline - value if change_of(value, baseline).value > 0.0 else None
