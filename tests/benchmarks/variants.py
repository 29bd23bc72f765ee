"""The ways to answer one question that are measured side by side.

`flowopt`
    The whole of `flowopt.solve`: search, proof, tie-break, and what each measure is worth.
`plain`
    The textbook model (see `plain`), built in PuLP and solved by HiGHS.
`raw`
    HiGHS by itself on the file of flowopt's own programme, so that what PuLP and flowopt add
    around it can be seen: no search before, no start, no tie-break.

Each gives a `Run`, and calls `on_clock` when its clock starts. Reading or generating the network
comes before that, and valuing the plan of `plain` and `raw` by the trafficker's own programme after
the clock has stopped.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pulp

from flowopt.model import incumbent, solver
from flowopt.model.activities import ActivityModel
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.formulations import programme_of
from flowopt.network.network import Network
from flowopt.objectives import Objective
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.solve import solve
from flowopt.report.programmes import lp_text
from tests.benchmarks import watched
from tests.benchmarks.plain import big_m, plain_model


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes
    ----------
    budget : float
        M USD a year.
    objective : str
        ``flow``, ``profit`` or ``bilevel``.
    limit : float
        Seconds, from the network in memory to the answer.
    gap : float
        Relative gap at which a plan counts as optimal.
    threads : int
        Threads of the solver.
    """

    budget: float
    objective: Objective
    limit: float
    gap: float
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Run:
    """What a variant found, and when; seconds count from its start.

    Attributes
    ----------
    status : str
        ``optimal``, ``limit``, ``no_solution``, ``infeasible``.
    rows, columns, nodes : int or None
        Of the programme, and of its tree (all trees together).
    build : float
        Seconds spent on making the programme.
    first, proof : float or None
        Seconds to the first incumbent and to the proof.
    total, cpu : float
        Seconds in all, and of the processor.
    plan : tuple of int, or None
        Indices of measures.
    claimed, bound : float or None
        What the variant says the plan is worth, and that none is worth less, in the objective's
        unit.
    """

    status: str
    rows: int | None
    columns: int | None
    nodes: int | None
    build: float
    first: float | None
    proof: float | None
    total: float
    cpu: float
    plan: tuple[int, ...] | None
    claimed: float | None
    bound: float | None


def _nobody() -> None:
    """Hear that the clock starts, and do nothing."""


class _Clock:
    """Wall clock and processor since a moment, of which somebody may want to hear."""

    def __init__(self, on_clock: Callable[[], None]) -> None:
        on_clock()
        self.wall = time.perf_counter()
        self.processor = time.process_time()

    def since(self) -> tuple[float, float]:
        return time.perf_counter() - self.wall, time.process_time() - self.processor


# -- the whole of flowopt -----------------------------------------------------------------------


@dataclass(slots=True)
class _Log:
    """What can be seen of a solve from outside."""

    sizes: list[tuple[int, int]] = field(default_factory=list)
    nodes: int = 0
    first: float | None = None


def by_flowopt(network: Network, question: Question, on_clock: Callable[[], None] = _nobody) -> Run:
    """Answer by `flowopt.solve`."""
    log = _Log()
    began = _Clock(on_clock)

    def report(progress: solver.Progress) -> None:
        if progress.incumbent is not None and log.first is None:
            log.first = time.perf_counter()

    with _overheard(log, question.objective):
        found = solve(
            network,
            budget=question.budget,
            objective=question.objective,
            time_limit=question.limit,
            gap=question.gap,
            threads=question.threads,
            on_progress=report,
        )
    total, cpu = began.since()
    place = {row.measure: i for i, row in enumerate(network.measures)}
    rows, columns = max(log.sizes, key=lambda size: size[1], default=(None, None))
    solved = found.seconds.build + found.seconds.solve
    return Run(
        status=found.status,
        rows=rows,
        columns=columns,
        nodes=log.nodes,
        build=found.seconds.build,
        first=solved if log.first is None else log.first - began.wall,
        proof=solved if found.status == "optimal" else None,
        total=total,
        cpu=cpu,
        plan=None if found.value is None else tuple(place[m] for m in found.measures),
        claimed=found.value,
        bound=found.bound,
    )


@contextmanager
def _overheard(log: _Log, objective: Objective) -> Iterator[None]:
    """Listen to the solver and to the search without changing what they do.

    Of several programmes the first with the most columns counts: those for other objectives are
    smaller, and those that settle ties only have rows more.
    """
    solve_milp, better = solver.solve_milp, incumbent.Incumbent._better

    def heard(milp: Any, *given: Any, **named: Any) -> solver.MilpResult:
        result = solve_milp(milp, *given, **named)
        log.sizes.append((len(milp.row_names), len(milp.names)))
        log.nodes += result.nodes or 0
        return result

    def seen(self: incumbent.Incumbent, plan: incumbent.Plan, value: float) -> bool:
        taken = better(self, plan, value)
        if taken and log.first is None and self._trafficker.objective == objective:
            log.first = time.perf_counter()
        return taken

    users = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("flowopt.") and getattr(module, "solve_milp", None) is solve_milp
    ]
    try:
        for module in users:
            module.solve_milp = heard  # type: ignore[attr-defined]  # takes and returns the same
        incumbent.Incumbent._better = seen  # type: ignore[method-assign]  # takes and returns the same
        yield
    finally:
        for module in users:
            module.solve_milp = solve_milp  # type: ignore[attr-defined]  # takes and returns the same
        incumbent.Incumbent._better = better  # type: ignore[method-assign]  # takes and returns the same


# -- the textbook model -------------------------------------------------------------------------


class _WatchedHighs(pulp.HiGHS):  # type: ignore[misc]  # PuLP is untyped here
    """PuLP's HiGHS, with its first incumbent timed."""

    def __init__(self, deadline: float, question: Question) -> None:
        super().__init__(msg=False)
        self.deadline = deadline
        self.question = question
        self.began = 0.0
        self.done: watched.Watched

    def callSolver(self, lp: Any) -> None:
        self.began = time.perf_counter()
        self.done = watched.run(
            lp.solverModel,
            deadline=self.deadline,
            gap=self.question.gap,
            threads=self.question.threads,
        )


def by_plain(network: Network, question: Question, on_clock: Callable[[], None] = _nobody) -> Run:
    """Answer by the textbook model.

    Raises
    ------
    ValueError
        When the constants of the model can't be told for this network.
    """
    began = _Clock(on_clock)
    most = big_m(network, question.objective)
    model = activity_model(network)
    limits = problem_of(network, model, PlanRequest(budget=question.budget)).constraints
    plain = plain_model(model, question.objective, limits, most)
    highs = _WatchedHighs(began.wall + question.limit, question)
    plain.problem.solve(highs)
    seconds = began.since()
    done = highs.done
    plan = None
    if done.values is not None:
        plan = tuple(i for i, x in enumerate(plain.plan) if (x.varValue or 0.0) > 0.5)
    return _run(done, plan, began.wall, build=highs.began - began.wall, seconds=seconds)


# -- HiGHS by itself ----------------------------------------------------------------------------


def by_raw(network: Network, question: Question, on_clock: Callable[[], None] = _nobody) -> Run:
    """Answer by HiGHS on the file of flowopt's programme; only HiGHS is on the clock."""
    made = time.perf_counter()
    model = activity_model(network)
    limits = problem_of(network, model, PlanRequest(budget=question.budget)).constraints
    trafficker = BestResponseSolver(model, question.objective)
    baseline = trafficker.value()
    programme = programme_of(model, question.objective, trafficker)
    problem = programme.build(limits, baseline if baseline > 0.0 else 1.0)
    with tempfile.TemporaryDirectory(prefix="flowopt-") as scratch:
        path = Path(scratch) / "programme.lp"
        path.write_text(lp_text(problem.milp, []), encoding="utf-8")
        began = _Clock(on_clock)
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        if highs.readModel(str(path)) == highspy.HighsStatus.kError:
            raise RuntimeError("HiGHS can't read the file of the programme")
        done = watched.run(
            highs,
            deadline=began.wall + question.limit,
            gap=question.gap,
            threads=question.threads,
        )
        seconds = began.since()
    plan = None
    if done.values is not None:
        # What stands in no row is not in the file.
        value = dict(zip(highs.getLp().col_names_, done.values.tolist(), strict=True))
        names = [problem.milp.names[j] for j in problem.plan.tolist()]
        plan = tuple(i for i, name in enumerate(names) if value.get(name, 0.0) > 0.5)
    build = began.wall - made
    return _run(done, plan, began.wall, build=build, seconds=seconds, scale=problem.scale)


def _run(
    done: watched.Watched,
    plan: tuple[int, ...] | None,
    began: float,
    *,
    build: float,
    seconds: tuple[float, float],
    scale: float = 1.0,
) -> Run:
    return Run(
        status=done.status,
        rows=done.rows,
        columns=done.columns,
        nodes=done.nodes,
        build=build,
        first=None if done.first is None else done.first - began,
        proof=done.ended - began if done.status == "optimal" else None,
        total=seconds[0],
        cpu=seconds[1],
        plan=plan,
        claimed=None if done.objective is None else done.objective * scale,
        bound=None if done.bound is None else done.bound * scale,
    )


VARIANTS: dict[str, Callable[[Network, Question, Callable[[], None]], Run]] = {
    "flowopt": by_flowopt,
    "plain": by_plain,
    "raw": by_raw,
}


def worth(model: ActivityModel, objective: Objective, plan: tuple[int, ...]) -> float:
    """Return what a plan is worth by the trafficker's own programme."""
    return float(np.float64(BestResponseSolver(model, objective).value(plan)))
