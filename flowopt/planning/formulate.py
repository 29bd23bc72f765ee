"""Formulation of `solve` as a mathematical programme, for other solvers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flowopt.defaults import OBJECTIVE
from flowopt.errors import RequestError
from flowopt.keywords import naming_keywords
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.bilevel_program import TwoLevels, two_levels
from flowopt.model.build import activity_model
from flowopt.model.formulations import programme_of
from flowopt.model.milp import Milp
from flowopt.model.series_model import in_series
from flowopt.network.chances import may_fail
from flowopt.network.read import NetworkOrPath, network_of
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.overview import Overview, Overviewed, amount
from flowopt.planning.luck_formulation import FormulatedOutcome, formulate_luck
from flowopt.planning.plan_constraints import PlanProblem, problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.programme_names import with_readable_names
from flowopt.planning.symbols import (
    Blocks,
    Symbol,
    symbol_rows,
    symbols_of_one,
    symbols_of_two,
)
from flowopt.results.rows import Rows


@dataclass(frozen=True, slots=True, repr=False)
class Formulation(Overviewed):
    """Programme whose optimum is the best plan, with the meaning of its variables and rows.

    Attributes
    ----------
    network, input_sha256 : str
        The network's id and hash.
    objective : str
        Who counts what.
    budget : float
        Most the plan may cost, M USD a year.
    milp : Milp
        Minimises the planner's objective: weighted t a year, or M USD a year for `profit`.
    symbols : Rows of Symbol
        One row for each variable and each row, in the order of the programme.
    levels : TwoLevels or None
        What is the trafficker's, where the programme has two levels.
    of : str or None
        The part of the markets whose deliveries count, as in a `Solution`; None for all.
    outcomes : Rows of FormulatedOutcome
        Where measures may fail, what their luck may be, with its block of the programme; empty
        where all work.
    """

    network: str
    input_sha256: str
    objective: Objective
    budget: float
    milp: Milp
    symbols: Rows[Symbol]
    levels: TwoLevels | None = None
    of: str | None = None
    outcomes: Rows[FormulatedOutcome] = field(default_factory=lambda: Rows(FormulatedOutcome))

    def _overview(self) -> Overview:
        whole = int(self.milp.integer.sum())
        return Overview(
            f"Formulation of {self.network}: {self.objective}, budget {amount(self.budget)}",
            (
                ("variables", f"{len(self.milp.names):,}, of which {whole:,} whole"),
                ("rows", f"{len(self.milp.row_names):,}"),
                ("counts", self.of or ""),
                ("levels", "one" if self.levels is None else "two"),
                ("outcomes", f"{len(self.outcomes):,}" if self.outcomes else ""),
            ),
        )


@naming_keywords
def formulate(
    network: NetworkOrPath,
    *,
    budget: float,
    of: str | None = None,
    resources: Mapping[str, float] | None = None,
    objective: Objective = OBJECTIVE,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    bilevel: bool = False,
) -> Formulation:
    """Return the programme whose optimum is the best plan for a budget.

    Where measures may fail, its objective is the mean over what works, with a block for each
    outcome of their luck.

    Parameters
    ----------
    network
        A checked network, or the path of one.
    budget
        Most the plan may cost, M USD a year.
    of
        Count the deliveries of a part of the markets only, as in `solve`.
    resources
        Limits of other resources by id; they count instead of those in the network.
    objective
        As in `solve`. Equally profitable flows of `bilevel` are settled by the programme as is
        best for the planner (``ties="optimistic"``).
    include, exclude
        Measures that must, or may not, be in the plan.
    bilevel
        Whether the trafficker stays a programme of its own below the planner's
        (`flowopt.model.bilevel_program`), instead of being replaced by its optimality conditions.
        Refused where measures may fail.

    Raises
    ------
    RequestError
        When an option is out of range or names something unknown, when a closure can't be
        written as a linear row, as nothing bounds what it closes, or when measures may fail in too
        many ways.

    Examples
    --------
    >>> import flowopt
    >>> network = flowopt.read_network("networks/two-bridges")
    >>> programme = formulate(network, budget=4)
    >>> programme.symbols[0].name, programme.symbols[0].measure
    ('x_m_north', 'm_north')
    """
    network = network_of(network)
    request = PlanRequest(
        budget=budget,
        of=of,
        resources=dict(resources or {}),
        objective=objective,
        ties="optimistic",
        include=tuple(include),
        exclude=tuple(exclude),
    )
    request.check()
    request.check_limited()
    if may_fail(network):
        if bilevel:
            raise RequestError(
                "measures of this network may fail, and a programme of two levels is that of "
                "measures that always work: export it in one level, as .lp or .mps, or leave "
                "success blank in a copy of the network"
            )
        lucky = formulate_luck(network, request)
        problem, milp, blocks = lucky.problem, lucky.milp, lucky.blocks
        levels, outcomes = None, lucky.outcomes
    else:
        problem = problem_of(network, activity_model(network), request)
        milp, blocks, levels = _certain(problem, bilevel=bilevel)
        outcomes = ()
    symbols = symbol_rows(milp, blocks, levels)
    milp, named, levels = with_readable_names(milp, symbols, levels)
    return Formulation(
        network=network.info.id,
        input_sha256=network.sha256,
        objective=objective,
        budget=budget,
        milp=milp,
        symbols=Rows(Symbol, named),
        levels=levels,
        of=problem.request.of,
        outcomes=Rows(FormulatedOutcome, outcomes),
    )


def _certain(problem: PlanProblem, *, bilevel: bool) -> tuple[Milp, Blocks, TwoLevels | None]:
    """Return the programme of measures that always work, what it is about, and its two levels."""
    network, model, objective = problem.network, problem.model, problem.request.objective
    if bilevel:
        levels = two_levels(model, objective, problem.constraints)
        return levels.milp, symbols_of_two(network, model, levels), levels
    trafficker = BestResponseSolver(model, objective, ties=problem.request.ties)
    programme = programme_of(model, objective, trafficker)
    milp = programme.build(problem.constraints, 1.0).milp
    if OBJECTIVES[objective].programme == "zero-sum":
        model = in_series(model)  # as `ZeroSum` has it
    return milp, symbols_of_one(network, model, objective), None
