"""Formulation of `solve` as a mathematical programme, for other solvers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flowopt.defaults import OBJECTIVE
from flowopt.errors import RequestError
from flowopt.keywords import naming_keywords
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.bilevel_program import TwoLevels, two_levels
from flowopt.model.build import activity_model
from flowopt.model.formulations import programme_of
from flowopt.model.milp import Milp
from flowopt.network.chances import may_fail
from flowopt.network.read import NetworkOrPath, network_of
from flowopt.objectives import Objective
from flowopt.overview import Overview, Overviewed, amount
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.programme_names import with_readable_names
from flowopt.planning.symbols import Symbol, symbol_rows, symbols_of_one, symbols_of_two
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
    """

    network: str
    input_sha256: str
    objective: Objective
    budget: float
    milp: Milp
    symbols: Rows[Symbol]
    levels: TwoLevels | None = None
    of: str | None = None

    def _overview(self) -> Overview:
        whole = int(self.milp.integer.sum())
        return Overview(
            f"Formulation of {self.network}: {self.objective}, budget {amount(self.budget)}",
            (
                ("variables", f"{len(self.milp.names):,}, of which {whole:,} whole"),
                ("rows", f"{len(self.milp.row_names):,}"),
                ("counts", self.of or ""),
                ("levels", "one" if self.levels is None else "two"),
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

    Raises
    ------
    RequestError
        When an option is out of range or names something unknown, or when a closure can't be
        written as a linear row, as nothing bounds what it closes.

    Examples
    --------
    >>> import flowopt
    >>> network = flowopt.read_network("networks/two-bridges")
    >>> programme = formulate(network, budget=4)
    >>> programme.symbols[0].name, programme.symbols[0].measure
    ('x_m_north', 'm_north')
    """
    network = network_of(network)
    if may_fail(network):
        raise RequestError(
            "measures of this network may fail, and no programme of a fair size is its problem: "
            "solve finds the best plan in the mean over what works, with a bound; leave success "
            "blank in a copy of the network to export the problem of measures that always work"
        )
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
    problem = problem_of(network, activity_model(network), request)
    model, limits = problem.model, problem.constraints
    if bilevel:
        levels = two_levels(model, objective, limits)
        milp, blocks = levels.milp, symbols_of_two(network, model, levels)
    else:
        levels = None
        trafficker = BestResponseSolver(model, objective, ties=request.ties)
        milp = programme_of(model, objective, trafficker).build(limits, 1.0).milp
        blocks = symbols_of_one(network, model, objective)
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
    )
