"""The outcome of a run over scenarios, as a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from flowopt.clock import LimitReason
from flowopt.criteria import CRITERIA
from flowopt.errors import OutOfTime
from flowopt.model.formulations import Bilevel
from flowopt.model.solver import solver_threads
from flowopt.network.checks.warning_groups import without_amounts
from flowopt.network.network import Network
from flowopt.planning.evaluation_outcome import EvaluationOutcome, evaluation_of
from flowopt.planning.marginal_values import NO_VALUES, MarginalValues, marginal_values_of, proof_of
from flowopt.planning.outcome import seconds_of
from flowopt.planning.plan_comparison import ComparedPlans
from flowopt.planning.plan_conditions import broken
from flowopt.planning.plan_constraints import plan_totals
from flowopt.planning.recorded_options import on_record
from flowopt.planning.scenario_run import FoundForAll, ScenarioRun
from flowopt.planning.served_ranges import ServedRanges
from flowopt.results.document import Option
from flowopt.results.evaluation import Evaluation
from flowopt.results.numbers import change_of, rounded
from flowopt.results.plan_result import SolverRun
from flowopt.results.proof import Proof
from flowopt.results.rows import PlanRow, Rows
from flowopt.results.scenario_solution import ScenarioRow, ScenarioSolution

_NAMED = 3  # scenarios of a warning
_EXPLAINED = 12  # scenarios up to which each measure's worth is proved in every one of them
_LATE = "the time limit came first: what the plan for '{}' alone would leave was not looked at"
_TOO_MANY = (
    "what each measure is worth is left out: that is looked at for up to {} scenarios, and there "
    "are {}"
)


@dataclass(frozen=True, slots=True)
class _World:
    """The plan in one scenario: its evaluation, and the values without each measure."""

    evaluation: Evaluation
    marginal: MarginalValues


def scenario_solution_of(
    network: Network, run: ScenarioRun, found: FoundForAll, solved: float, seconds_reading: float
) -> ScenarioSolution:
    """Return the result that tells the plan of a run in every scenario.

    Parameters
    ----------
    network
        The network with its scenarios.
    run, found
        The run, and its plan; one made by hand has a status of its own.
    solved
        `time.perf_counter` when the plan was found.
    seconds_reading
        Time spent before.
    """
    worlds = _worlds(run, found, solved)
    rows = Rows(ScenarioRow, _rows(run, [world.evaluation for world in worlds]))
    first = worlds[0].evaluation
    value = _criterion(run, [row.value for row in rows], rows)
    evaluated = found.status == "evaluated"
    aimed = run.problem.rules.request.target is not None
    bound = None
    if not (evaluated or aimed):
        bound = min(rounded(found.bound - run.criterion.shift), value)
    looking, late = ({}, ()) if evaluated or aimed else _looking(run)
    spent, used = plan_totals(run.model, sorted(found.plan))
    many = [_TOO_MANY.format(_EXPLAINED, len(rows))] if len(rows) > _EXPLAINED else []
    wanted, measures = run.problem.wanted, run.model.measures
    return ScenarioSolution(
        network=network.info.id,
        input_sha256=network.sha256,
        objective=first.objective,
        criterion=wanted.criterion,
        tail=wanted.tail if wanted.criterion == "cvar" else None,
        budget=first.budget,
        target=_target(run),
        cost_bound=found.cost_bound,
        resources=first.resources,
        status=found.status,
        baseline=_criterion(run, [row.baseline for row in rows], rows),
        value=value,
        bound=bound,
        spent=spent,
        used=used,
        plan=_plan(run, found, worlds, value, rows),
        measures=first.measures,
        scenarios=rows,
        worlds={row.scenario: world.evaluation for row, world in zip(rows, worlds, strict=True)},
        looked_at=run.problem.worlds[run.problem.expected_one].scenario if looking else None,
        looking=looking,
        solver=_solver_run(run),
        seconds=seconds_of(run.comparisons[0].run, seconds_reading, run.build_seconds, solved),
        include=tuple(measures[i] for i in sorted(run.limits.include)),
        exclude=tuple(measures[i] for i in sorted(run.limits.exclude)),
        warnings=(*many, *late, *_warnings(rows, worlds)),
        interrupted=run.interrupted,
        ties=first.ties,
        limit=found.limit,
        options=_options(run, first, evaluated=evaluated),
    )


def _warnings(rows: Sequence[ScenarioRow], worlds: Sequence[_World]) -> list[str]:
    """Return what is odd in all scenarios, and what is in some of them, with their names.

    Of the latter, those that differ in amounts alone are one, told with the amounts of its first.
    """
    in_each = [world.evaluation.warnings for world in worlds]
    everywhere = [text for text in in_each[0] if all(text in each for each in in_each)]
    kinds: dict[str, list[tuple[str, str]]] = {}
    for row, texts in zip(rows, in_each, strict=True):
        for text in texts:
            if text not in everywhere:
                kinds.setdefault(without_amounts(text), []).append((f"'{row.scenario}'", text))
    return [*everywhere, *map(_of_some, kinds.values())]


def _of_some(found: Sequence[tuple[str, str]]) -> str:
    """Return one line for a warning of some scenarios."""
    names, texts = zip(*found, strict=True)
    listed = _listed(list(dict.fromkeys(names)))
    differ = " (the amounts are those of the first)" if len(set(texts)) > 1 else ""
    return f"in {listed}: {texts[0]}{differ}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def without_plan(
    network: Network,
    run: ScenarioRun,
    reasons: tuple[str, ...],
    solved: float,
    seconds_reading: float,
    *,
    limit: LimitReason | None = None,
) -> ScenarioSolution:
    """Return the result of a request whose conditions no plan keeps, by reasons, or none found."""
    request, wanted, measures = run.problem.rules.request, run.problem.wanted, run.model.measures
    return ScenarioSolution(
        network=network.info.id,
        input_sha256=network.sha256,
        objective=request.objective,
        criterion=wanted.criterion,
        tail=wanted.tail if wanted.criterion == "cvar" else None,
        budget=None if request.budget is None else float(request.budget),
        target=_target(run),
        resources=run.problem.rules.resource_limits,
        status="infeasible" if reasons else "no_solution",
        baseline=None,
        value=None,
        bound=None,
        spent=None,
        used={},
        plan=Rows(PlanRow),
        measures=(),
        scenarios=Rows(ScenarioRow),
        worlds={},
        solver=_solver_run(run),
        seconds=seconds_of(run.comparisons[0].run, seconds_reading, run.build_seconds, solved),
        include=tuple(measures[i] for i in sorted(run.limits.include)),
        exclude=tuple(measures[i] for i in sorted(run.limits.exclude)),
        reasons=reasons,
        interrupted=run.interrupted,
        ties=run.comparisons[0].baseline.ties,
        limit=limit,
        options=_options(run, None, evaluated=False),
    )


def _target(run: ScenarioRun) -> float | None:
    target = run.problem.rules.request.target
    return None if target is None else float(target)


def _worlds(run: ScenarioRun, found: FoundForAll, solved: float) -> list[_World]:
    """Return the plan in every scenario, beside the own best one."""
    worlds = []
    several = len(run.comparisons)
    for place, (comparison, own) in enumerate(zip(run.comparisons, run.own, strict=True)):
        one, clock = comparison.run, run.whole_clock.part(1.0 / (several - place))
        one.interrupted, one.trafficker.deadline = run.interrupted, clock.deadline
        comparison.set_beside(found.plan, own)
        after, marginal = comparison.responses["yours"], NO_VALUES
        if several <= _EXPLAINED:
            marginal = marginal_values_of(
                one,
                found.plan,
                after.value,
                scale=comparison.baseline.value,
                clock=clock,
            )
        outcome = EvaluationOutcome(
            comparison, tuple(broken(one.problem, found.plan)), marginal, ServedRanges(), solved
        )
        worlds.append(_World(evaluation_of(outcome, ComparedPlans(), 0.0), marginal))
    return worlds


def _rows(run: ScenarioRun, evaluations: Sequence[Evaluation]) -> list[ScenarioRow]:
    rows = []
    for world, share, each in zip(
        run.problem.worlds, run.problem.shares.tolist(), evaluations, strict=True
    ):
        best = each.comparison[1]
        rows.append(
            ScenarioRow(
                scenario=world.scenario,
                name=world.name,
                weight=share,
                baseline=each.baseline,
                value=each.value,
                low=each.value,
                high=each.value,
                cut=rounded(each.baseline - each.value),
                cut_share=each.cut_share,
                own_best=best.value,
                own_bound=best.value if best.bound is None else best.bound,
                regret=change_of(best.value, each.value),
                own_measures=best.measures,
            )
        )
    return rows


def _criterion(run: ScenarioRun, values: Sequence[float], rows: Sequence[ScenarioRow]) -> float:
    """Return the criterion of values as the result states them."""
    reference = {
        "zero": [0.0] * len(rows),
        "nothing": [row.baseline for row in rows],
        "best": [row.own_best for row in rows],
    }[CRITERIA[run.criterion.name].reference]
    criterion = run.criterion.compared_with(np.array(reference))
    return rounded(criterion.of(np.array(values)))


def _plan(
    run: ScenarioRun,
    found: FoundForAll,
    worlds: Sequence[_World],
    value: float,
    rows: Sequence[ScenarioRow],
) -> Rows[PlanRow]:
    """Return the plan's rows, the largest loss by the criterion first."""
    lost: dict[int, float] = {}
    for measure in found.plan:
        proofs = [world.marginal.dropped.get(measure) for world in worlds]
        left = [proof.value for proof in proofs if proof is not None]
        if len(left) == len(worlds):
            lost[measure] = _criterion(run, left, rows) - value
    if run.problem.rules.request.objective != "bilevel":
        lost = {measure: max(0.0, each) for measure, each in lost.items()}
    order = sorted(found.plan, key=lambda m: (-round(lost[m], 9) if m in lost else np.inf, m))
    measures = run.problem.rules.network.measures
    return Rows(
        PlanRow,
        (
            PlanRow(rank, row.measure, row.name, row.kind, row.cost, lost.get(m))
            for rank, m in enumerate(order, start=1)
            for row in [measures[m]]
        ),
    )


def _looking(run: ScenarioRun) -> tuple[Mapping[str, Proof], tuple[str, ...]]:
    """Return what the best plan for one scenario leaves in each, for `expected`.

    Nothing and a warning where there is no time for it: the plan itself is not lost for that.
    """
    if run.criterion.name != "expected":
        return {}, ()
    worlds, place = run.problem.worlds, run.problem.expected_one
    plan = run.own[place].plan
    try:
        proofs = [proof_of(comparison.run, plan) for comparison in run.comparisons]
    except OutOfTime:
        return {}, (_LATE.format(worlds[place].scenario),)
    return {world.scenario: proof for world, proof in zip(worlds, proofs, strict=True)}, ()


def _solver_run(run: ScenarioRun) -> SolverRun:
    options = run.options
    alone = run.comparisons[0].run
    threads = solver_threads(alone.solver_options, in_parts=isinstance(alone.programme, Bilevel))
    used = [*(each.run.solver_version for each in run.comparisons), run.solver_version]
    return SolverRun(options.solver.lower(), ", ".join(dict.fromkeys(used)), threads)


def _options(run: ScenarioRun, plan: Evaluation | None, *, evaluated: bool) -> Mapping[str, Option]:
    """Return the options on record: what was asked, and how it was solved."""
    request, wanted = run.problem.rules.request, run.problem.wanted
    names = ("budget", "resource", "objective", "ties")
    made = {"measures": plan.measures} if evaluated and plan is not None else {}
    chosen = () if evaluated else ("include", "exclude")
    if request.target is not None:
        chosen = ("target", *chosen)
    return on_record(
        **made,
        **request.recorded(*names, *chosen),
        **wanted.recorded(),
        **run.options.recorded(),
    )
