"""Options, progress and result of a solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from flowopt.clock import LimitReason
from flowopt.defaults import GAP
from flowopt.model.activities import Floats
from flowopt.model.open_nodes import Path as NodePath

Status = Literal["optimal", "limit", "infeasible", "no_solution"]


@dataclass(frozen=True, slots=True)
class SolverOptions:
    """Options of a solver.

    Attributes
    ----------
    name : str
        ``highs``, ``scip``, ``race`` (both side by side), ``cbc`` or any name PuLP knows.
    time_limit : float or None
        Seconds of the solver's own work; None for no limit.
    gap : float
        Relative gap at which a plan counts as optimal.
    threads : int
        Threads of HiGHS by itself. Its search is the same each time for the same number of them.
    nodes : int or None
        Most branch-and-bound nodes (HiGHS and SCIP only), None for no limit.
    good_start : bool
        Whether the start is about as good as plans get, or the solver surely meets one as good on
        its way: it then need not look for better ones and goes for the bound (HiGHS and SCIP only).
    cuts : bool
        Whether nodes are sharpened by cuts: fewer are needed, but each is dearer (SCIP with a good
        start only).
    careful : bool
        Whether presolve is left out and the seed is another: a second look at what was claimed
        (HiGHS only).
    enough : float or None
        Objective at or below which a solution ends the search, and above which none is wanted: a
        programme without one below is infeasible.
    tell_open : bool
        Whether to tell which nodes are left open, and to close none that holds a solution, however
        good another one is (SCIP only).
    log : Path or None
        The file that takes what the solver prints.
    """

    name: str = "highs"
    time_limit: float | None = None
    gap: float = GAP
    threads: int = 1
    nodes: int | None = None
    good_start: bool = False
    cuts: bool = True
    careful: bool = False
    enough: float | None = None
    tell_open: bool = False
    log: Path | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a running solve; None where the solver has nothing yet."""

    seconds: float
    incumbent: float | None
    bound: float | None


@dataclass(frozen=True, slots=True)
class MilpResult:
    """Result of a solver: no solution means no values and no objective.

    Attributes
    ----------
    status : str
        ``optimal`` (within the gap, or enough), ``limit`` (stopped with a solution),
        ``no_solution`` (stopped without), ``infeasible``.
    values : array or None
        One value per variable of the `Milp`.
    objective, bound : float or None
        The solution's objective, and the proved lower bound on every solution's.
    limit : str or None
        What stopped the solver short of the gap: the ``time``, the ``nodes``, or the user
        (``interrupted``, also where it ended of itself at that moment). None where it ended of
        itself.
    solver, version : str
        Who solved it.
    nodes, iterations : int or None
        Branch-and-bound nodes and simplex iterations, where known.
    rejected : array or None
        Values of the best solution above `SolverOptions.enough`, where there is none below.
    open_nodes : tuple of paths or None
        Decisions that lead to each node that was left open, where they were asked for and are
        known: whatever is no worse than `SolverOptions.enough` keeps those of one of them.
    """

    status: Status
    values: Floats | None
    objective: float | None
    bound: float | None
    limit: LimitReason | None
    solver: str
    version: str
    nodes: int | None = None
    iterations: int | None = None
    rejected: Floats | None = None
    open_nodes: tuple[NodePath, ...] | None = None

    @property
    def interrupted(self) -> bool:
        """True where the user stopped it."""
        return self.limit == "interrupted"


def wanted(result: MilpResult, enough: float | None) -> MilpResult:
    """Return a result as `SolverOptions.enough` has it: a solution below is all that is asked."""
    if enough is None:
        return result
    if result.objective is not None and result.objective <= enough:
        return replace(
            result, status="optimal", limit="interrupted" if result.interrupted else None
        )
    none = result.status == "infeasible" or (result.bound is not None and result.bound > enough)
    status: Status = "infeasible" if none else "no_solution"
    return replace(result, status=status, values=None, objective=None, rejected=result.values)


OnProgress = Callable[[Progress], None]
