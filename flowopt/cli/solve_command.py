"""`flowopt solve`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import click

from flowopt import defaults
from flowopt.amounts import amount_of
from flowopt.cli.common_options import (
    ALL,
    MONEY,
    ObjectiveOptions,
    SolverFlags,
    amount,
    carry_option,
    check_criterion,
    criterion_options,
    ids_option,
    objective_options,
    of_option,
    period_workers_option,
    resource_option,
    solver_options,
    threads_option,
)
from flowopt.cli.criterion_answers import answer_by_criterion
from flowopt.cli.exit_codes import end_interrupted, end_without_plan
from flowopt.cli.inputs import (
    network_argument,
    period_option,
    read,
    scenario_option,
    seconds_so_far,
)
from flowopt.cli.live_display import progress_display
from flowopt.cli.luck_answers import answer_under_luck, under_luck
from flowopt.cli.measure_names import measures_of
from flowopt.cli.output import Output, full_option, output_options
from flowopt.cli.over_time_answers import refuse_criterion, show_schedule
from flowopt.cli.processors import processors
from flowopt.cli.question_command import QuestionCommand

if TYPE_CHECKING:
    from flowopt.network.network import Network

_MANY = 1000  # plans that --within lists at most


class SolveOptions(ObjectiveOptions, SolverFlags):
    """Options passed to the library as given."""

    threads: int
    budget: float | None
    target: float | None
    of: str | None
    resources: dict[str, float]
    include: list[str]
    exclude: list[str]
    within: float | None
    solver_log: Path | None


def _share(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    try:
        return amount_of(value.removesuffix("%")) / (100.0 if value.endswith("%") else 1.0)
    except ValueError as error:
        raise click.BadParameter(f"{error}; a share is 1% or 0.01") from None


@click.command(cls=QuestionCommand)
@network_argument
@scenario_option
@period_option
@click.option("--budget", type=MONEY, help="Most the plan may cost, M USD a year.")
@click.option(
    "--target",
    type=amount("the unit of the objective"),
    help="Instead: the cheapest plan that brings the objective to this or below; with a "
    "criterion, what that counts (the sure cut to this or above).",
)
@of_option
@resource_option
@carry_option
@objective_options
@ids_option("--include", help="Measures the plan must hold, as m11 or a part of a name.")
@ids_option("--exclude", help="Measures the plan may not hold.")
@criterion_options(all_of_them=True)
@click.option(
    "--alternatives",
    type=int,
    help="How many of the best plans to list; none holds all of an earlier one.",
)
@click.option(
    "--within",
    metavar="SHARE",
    callback=_share,
    help="List all plans whose value is within this share of the best, such as 1% or 0.01.",
)
@solver_options
@threads_option
@period_workers_option
@click.option(
    "--solver-log",
    type=click.Path(path_type=Path),
    help="Append what the solvers print to this file; nothing of it is printed here.",
)
@full_option
@output_options
def solve(
    network: Path,
    *,
    scenario: str | None,
    period: str | None,
    carry: bool,
    criterion: str | None,
    tail: float | None,
    alternatives: int | None,
    workers: int | None,
    full: bool,
    output: Output,
    **options: Unpack[SolveOptions],
) -> None:
    """Find the plan that cuts the most for a budget, and prove how good it is.

    On a network with periods: the best schedule, what is in force and bought when. The budget is
    that of every period; --include m01@2016 forces a measure in one of them. Examples:

        flowopt solve networks/peru-2014 --budget 20 --out results/mine

        flowopt solve networks/tiny-years --budget 3
    """
    check_criterion(criterion, tail, scenario=scenario)
    if criterion is not None and (alternatives is not None or options["within"] is not None):
        raise click.UsageError("--alternatives and --within are for one network: no --criterion")
    if criterion == ALL and options["target"] is not None:
        raise click.UsageError(
            "--criterion all does not go with --target: each counts something else; name one"
        )
    output.check()
    loaded = read(network, limit=options["time_limit"], scenario=scenario, period=period)
    if loaded.periods:
        refuse_criterion(criterion)
        over_time = {
            "carry": carry,
            "alternatives": defaults.ALTERNATIVES if alternatives is None else alternatives,
            "workers": processors() if workers is None else workers,
        }
        show_schedule(loaded, output, {**options, **over_time})
        return
    if carry or workers is not None:
        raise click.UsageError("--carry and --workers are for a network with periods")
    for name in ("include", "exclude"):
        options[name] = measures_of([loaded], options[name], f"--{name}", quiet=output.quiet)
    if under_luck(loaded, criterion):
        from flowopt.planning.solve import solve as best_under_luck

        count = _listed(alternatives, options["within"])
        ask = partial(best_under_luck, loaded, **options, alternatives=count)
        answer_under_luck(loaded, criterion, tail, output, ask, full=full)
        return
    if criterion is not None:
        _for_scenarios(loaded, criterion, tail, output, options)
        return
    from flowopt.planning.solve import solve as best_plan
    from flowopt.report.solution_text import solution_report

    with progress_display(output.live) as on_progress:
        solution = best_plan(
            loaded,
            **options,
            alternatives=_listed(alternatives, options["within"]),
            on_progress=on_progress,
            keep_on_interrupt=True,
            seconds_reading=seconds_so_far(),
        )
    output.write(solution.write)
    then = None if solution.value is None else "report"
    output.show(solution, lambda: solution_report(loaded, solution, full=full), then=then)
    if solution.status == "no_solution" and solution.interrupted:
        end_interrupted()
    if solution.status in ("infeasible", "no_solution"):
        end_without_plan(*solution.reasons)


def _listed(alternatives: int | None, within: float | None) -> int:
    """Return how many of the best plans are wanted."""
    return alternatives or (defaults.ALTERNATIVES if within is None else _MANY)


def _for_scenarios(
    network: Network, criterion: str, tail: float | None, output: Output, options: SolveOptions
) -> None:
    """Find one plan for all scenarios, by one criterion or by each of them."""
    from flowopt.planning.solve import solve as best_plan

    given: dict[str, Any] = {name: value for name, value in options.items() if name != "within"}
    ask = partial(best_plan, network, **given)
    first = answer_by_criterion(network, criterion, tail, output, ask)
    if first.status == "no_solution" and first.interrupted:
        end_interrupted()
    if first.status in ("infeasible", "no_solution"):
        end_without_plan(*first.reasons)
