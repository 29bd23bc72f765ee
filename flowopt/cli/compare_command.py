"""`flowopt compare`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Unpack

import click

from flowopt import defaults
from flowopt.cli.common_options import (
    OBJECTIVE,
    SolverFlags,
    carry_option,
    check_criterion,
    criterion_options,
    ids_option,
    of_option,
    resource_option,
    solver_options,
    ties_option,
)
from flowopt.cli.exit_codes import INTERRUPTED, end_without_plan
from flowopt.cli.inputs import period_option, read, scenario_option, seconds_so_far
from flowopt.cli.kept_work import remove_kept
from flowopt.cli.live_display import sweep_display
from flowopt.cli.luck_answers import under_luck
from flowopt.cli.measure_names import measures_of
from flowopt.cli.output import Output, output_options
from flowopt.cli.over_time_answers import refuse_criterion, refuse_given
from flowopt.cli.processors import processors, quiet_cluster
from flowopt.cli.question_command import QuestionCommand
from flowopt.criteria import TAIL
from flowopt.errors import OutOfTime, RequestError, SolverError

if TYPE_CHECKING:
    from flowopt.criteria import CriterionName
    from flowopt.network.network import Network
    from flowopt.objectives import Objective, Ties
    from flowopt.results.frontier import Frontier
    from flowopt.results.luck_plans import LuckPlans
    from flowopt.results.scenario_plans import ScenarioPlans
    from flowopt.results.schedule_frontier import ScheduleFrontier
    from flowopt.results.several_frontiers import SeveralFrontiers


class CompareOptions(SolverFlags):
    """Options passed to the library as given."""

    budgets: str
    of: str | None
    objectives: tuple[Objective, ...]
    ties: Ties
    resources: dict[str, float]
    include: list[str]
    exclude: list[str]
    cluster: str | None
    resume: bool


@click.command(cls=QuestionCommand)
@click.argument(
    "networks", metavar="NETWORK...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@scenario_option
@period_option
@click.option(
    "--budgets",
    required=True,
    metavar="BUDGETS",
    help="M USD a year: from:to:step, a list such as 0,5,12.5, or all for every budget at which "
    "the best plan changes.",
)
@click.option(
    "--objective",
    "objectives",
    multiple=True,
    type=OBJECTIVE,
    default=[defaults.OBJECTIVE],
    show_default=True,
    help="What is counted, as in `flowopt solve`; repeat to compare several.",
)
@of_option
@criterion_options(all_of_them=False)
@ties_option
@resource_option
@carry_option
@ids_option("--include", help="Measures every plan must hold, as m11 or a part of a name.")
@ids_option("--exclude", help="Measures no plan may hold.")
@solver_options
@click.option(
    "--workers",
    type=int,
    help="Budgets to solve side by side, each in a process of its own; all processors by default. "
    "With --solver race, each takes two.",
)
@click.option(
    "--cluster", metavar="ADDRESS", help="Solve on this Dask cluster instead: tcp://host:8786."
)
@click.option("--resume", is_flag=True, help="Go on with a comparison that was stopped.")
@output_options
def compare(
    networks: tuple[Path, ...],
    *,
    scenario: str | None,
    period: str | None,
    criterion: CriterionName | None,
    tail: float | None,
    carry: bool,
    workers: int | None,
    output: Output,
    **options: Unpack[CompareOptions],
) -> None:
    """Find the best plan for each of many budgets, and what each extra million buys.

    The time limit is for each budget, or with --budgets all for the whole comparison. With --out,
    every finished budget is kept in DIR.partial until all are done. Example:

        flowopt compare networks/peru-2014 --budgets 0:160:10 --out results/mine

    On a network with periods: the best schedule for each, the budget being that of every period.
    """
    check_criterion(criterion, tail, scenario=scenario)
    output.check()
    if output.out is None and options["resume"]:
        raise click.UsageError("--resume goes on with what --out DIR has kept: give --out as well")
    limit = options["time_limit"] * len(networks)
    loaded = [read(path, limit=limit, scenario=scenario, period=period) for path in networks]
    over_time = [network for network in loaded if network.periods]
    if carry and not over_time:
        raise click.UsageError("--carry is for a network with periods")
    for name in ("include", "exclude"):
        options[name] = measures_of(loaded, options[name], f"--{name}", quiet=output.quiet)
    workers = workers if workers is not None else processors()
    ask = _asked(loaded, options, criterion=criterion, tail=tail, carry=carry)
    from flowopt.planning.sweep.store import ROWS
    from flowopt.report.result_writer import write_result

    if options["cluster"] is not None:
        quiet_cluster()
    keep = None if output.out is None else output.out.with_name(f"{output.out.name}.partial")
    with (
        _reporting_kept_rows(keep),
        sweep_display(output.live, gap=options["gap"], workers=workers) as watch,
    ):
        found = ask(
            workers=workers,
            keep=keep,
            restart=output.force,
            keep_on_interrupt=keep is None,
            watch=watch,
            on_message=None if output.quiet else partial(click.echo, err=True),
            seconds_reading=seconds_so_far(),
        )
        output.write(partial(write_result, found, loaded))
    if keep is not None:
        remove_kept(keep, ROWS)
    if over_time:
        _show_schedules(found, loaded[0], output)
    elif any(under_luck(network, criterion) for network in loaded):
        if len(loaded) > 1 or len(options["objectives"]) > 1:
            _show_several(found, loaded, output)
        else:
            _show_means(found, loaded[0], output)
    elif criterion is None:
        _show_frontier(found, loaded, output)
    else:
        _show_plans(found, loaded[0], output)


def _asked(
    networks: list[Network],
    options: CompareOptions,
    *,
    criterion: CriterionName | None,
    tail: float | None,
    carry: bool,
) -> Callable[..., Any]:
    """Return the question, but for how its rows are solved and kept.

    Raises
    ------
    UsageError
        For what is asked of one year, or over scenarios, where a network has periods.
    """
    given: dict[str, Any] = {**options}
    if not any(network.periods for network in networks):
        from flowopt.planning.compare import compare as rows_of

        tail = TAIL if tail is None else tail
        return partial(rows_of, networks, **given, criterion=criterion, tail=tail)
    from flowopt.planning.compare_over_time import compare_over_time

    refuse_criterion(criterion)
    refuse_given({"--of": given.pop("of")})
    if len(networks) > 1:
        raise click.UsageError("a network with periods is compared by itself")
    objective, *more = given.pop("objectives")
    if more:
        raise click.UsageError("over time one --objective at a time is compared")
    return partial(compare_over_time, networks[0], **given, objective=objective, carry=carry)


def _show_schedules(frontier: ScheduleFrontier, network: Network, output: Output) -> None:
    """Print the schedules of budgets, and end as they did."""
    from flowopt.report.schedule_frontier_text import schedule_frontier_report

    some = any(row.value is not None for row in frontier.frontier)
    then = "report" if some else None
    output.show(frontier, lambda: schedule_frontier_report(network, frontier), then=then)
    if frontier.interrupted:
        _end_interrupted()
    if not some:
        end_without_plan("there is no schedule for any of these budgets")


def _show_frontier(frontier: Frontier, networks: list[Network], output: Output) -> None:
    """Print a frontier, and end as its rows did."""
    from flowopt.report.frontier_text import frontier_report, no_plan

    then = None if len(networks) > 1 else "report"
    output.show(frontier, lambda: frontier_report(networks, frontier), then=then)
    if frontier.limit == "interrupted":
        _end_interrupted()
    if all(row.value is None for row in frontier.frontier):
        end_without_plan(no_plan(frontier.frontier, frontier.limit))


def _show_plans(plans: ScenarioPlans, network: Network, output: Output) -> None:
    """Print plans for several scenarios, one for each budget, and end as they did."""
    from flowopt.report.criterion_text import budgets_report

    some = any(each.value is not None for each in plans.solutions)
    output.show(plans, lambda: budgets_report(network, plans), then="report" if some else None)
    if plans.interrupted:
        _end_interrupted()
    if not some:
        end_without_plan(*plans.solutions[0].reasons)


def _show_means(plans: LuckPlans, network: Network, output: Output) -> None:
    """Print plans whose measures may fail, one for each budget, and end as they did."""
    from flowopt.report.luck_plans_text import luck_budgets_report

    output.show(plans, lambda: luck_budgets_report(network, plans), then="report")
    if plans.interrupted:
        _end_interrupted()


def _show_several(several: SeveralFrontiers, networks: list[Network], output: Output) -> None:
    """Print frontiers of which measures may fail, and end as their rows did."""
    from flowopt.report.several_frontiers_text import several_frontiers_report

    output.show(several, lambda: several_frontiers_report(networks, several), then=None)
    if several.interrupted:
        _end_interrupted()
    if all(row.value is None for row in several.rows):
        end_without_plan("There is no plan for any of these budgets.")


def _end_interrupted() -> NoReturn:
    click.echo("interrupted; --out DIR keeps what is finished, to go on with", err=True)
    raise click.exceptions.Exit(INTERRUPTED)


@contextmanager
def _reporting_kept_rows(keep: Path | None) -> Iterator[None]:
    """Report the rows in `keep` after a stop, and how to go on with them."""
    try:
        yield
    except (KeyboardInterrupt, SolverError, OutOfTime, RequestError) as stopped:
        of_the_disk = isinstance(stopped.__cause__, OSError)
        if keep is None or (isinstance(stopped, RequestError) and not of_the_disk):
            raise
        count = len(list(keep.glob("row-*.json")))
        cause = "interrupted" if isinstance(stopped, KeyboardInterrupt) else "failed"
        kept = (
            f"{count} finished rows are kept in {keep}: the same command with --resume goes on"
            if count
            else "no row was finished, so nothing is kept"
        )
        click.echo(f"{cause}; {kept}", err=True)
        if not isinstance(stopped, KeyboardInterrupt):
            raise
        raise click.exceptions.Exit(INTERRUPTED) from None
