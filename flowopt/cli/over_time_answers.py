"""Answers of commands about a network with periods."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowopt.cli.exit_codes import end_interrupted, end_without_plan
from flowopt.cli.inputs import seconds_so_far
from flowopt.cli.live_display import progress_display
from flowopt.cli.measure_names import measures_of
from flowopt.cli.output import Output

if TYPE_CHECKING:
    from flowopt.network.network import Network

_NOT_YET = "is not there yet for a network with periods"


def show_response(network: Network, output: Output, options: dict[str, Any]) -> None:
    """Show what the trafficker does in every period without measures, and what it opens."""
    from flowopt.planning.evaluate_over_time import respond_over_time
    from flowopt.report.over_time_text import response_over_time_report

    refuse_given({"--of": options.pop("of", None)})
    response = respond_over_time(network, **options, seconds_reading=seconds_so_far())
    output.write(response.write)
    output.show(response, lambda: response_over_time_report(network, response), then="report")


def show_evaluation(
    network: Network,
    output: Output,
    *,
    campaigns: Iterable[str],
    measures: Iterable[str],
    schedule: Path | None,
    options: dict[str, Any],
) -> None:
    """Say what campaigns and schedules do over the periods, side by side.

    Parameters
    ----------
    network, output
        The network, with periods, and where the answer goes.
    campaigns, measures, schedule
        What to evaluate: campaigns by name, a schedule in words, and one in a file.
    options
        The other options, as the library has them.
    """
    from flowopt.planning.evaluate_over_time import evaluate_over_time
    from flowopt.planning.schedule_file import read_schedule
    from flowopt.report.over_time_text import evaluation_over_time_report

    words = measures_of([network], list(measures), "--measures", quiet=output.quiet)
    with progress_display(output.live) as on_progress:
        evaluation = evaluate_over_time(
            network,
            campaigns,
            measures=words,
            schedules={} if schedule is None else {schedule.stem: read_schedule(schedule)},
            **options,
            on_progress=on_progress,
            keep_on_interrupt=True,
            seconds_reading=seconds_so_far(),
        )
    output.write(evaluation.write)
    output.show(evaluation, lambda: evaluation_over_time_report(network, evaluation), then="report")


def show_schedule(network: Network, output: Output, options: dict[str, Any]) -> None:
    """Find the best schedule, and say how good it is.

    Parameters
    ----------
    network, output
        The network, with periods, and where the answer goes.
    options
        The options of the question and the solver, as `solve` has them.
    """
    from flowopt.planning.solve_over_time import solve_over_time
    from flowopt.report.schedule_text import schedule_report

    later = ("of", "within", "solver_log")
    refuse_given({f"--{name.replace('_', '-')}": options.get(name) for name in later})
    given = {name: value for name, value in options.items() if name not in later}
    for name in ("include", "exclude"):
        given[name] = measures_of([network], given[name], f"--{name}", quiet=output.quiet)
    with progress_display(output.live) as on_progress:
        solution = solve_over_time(
            network,
            **given,
            on_progress=on_progress,
            keep_on_interrupt=True,
            seconds_reading=seconds_so_far(),
        )
    output.write(solution.write)
    then = None if solution.value is None else "report"
    output.show(solution, lambda: schedule_report(network, solution), then=then)
    if solution.status == "no_solution" and solution.limit == "interrupted":
        end_interrupted()
    if solution.value is None:
        end_without_plan(*solution.reasons)


def refuse_criterion(criterion: str | None) -> None:
    """Refuse a criterion over scenarios, whose plan is that of one year."""
    if criterion is not None:
        raise click.UsageError(
            "--criterion is about one year, not a network with periods: name one with --period ID; "
            "or find the best schedule of each scenario with --scenario ID, and see what it does "
            "in another with evaluate --schedule FILE --scenario ID"
        )


def refuse_given(given: dict[str, object]) -> None:
    """Refuse options that say nothing of a network with periods; blank ones are not given."""
    for name, value in given.items():
        if value:
            raise click.UsageError(f"{name} {_NOT_YET}")
