"""`flowopt evaluate`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import click

from flowopt.cli.common_options import (
    MONEY,
    ObjectiveOptions,
    SolverFlags,
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
from flowopt.cli.over_time_answers import refuse_criterion, refuse_given, show_evaluation
from flowopt.cli.processors import processors
from flowopt.cli.question_command import QuestionCommand

if TYPE_CHECKING:
    from flowopt.network.network import Network
    from flowopt.planning.plan_comparison import Against


class EvaluateOptions(ObjectiveOptions, SolverFlags):
    """Options passed to the library as given."""

    threads: int
    budget: float | None
    of: str | None
    resources: dict[str, float]
    against: tuple[Against, ...]
    alone: bool


@click.command(cls=QuestionCommand)
@network_argument
@scenario_option
@period_option
@ids_option(
    "--measures", help="The plan, as m01,m14; parts of names do where only one measure has them."
)
@click.option(
    "--plan",
    type=click.Path(path_type=Path),
    help="Or: a CSV file with a column `measure`, the folder of a result, or that of a comparison: "
    "then --budget and --objective say which row.",
)
@click.option(
    "--campaign",
    "campaigns",
    multiple=True,
    metavar="NAME",
    help="With periods: a campaign of the network, repeat for several, or all.",
)
@click.option(
    "--schedule",
    type=click.Path(path_type=Path),
    help="With periods: a CSV file with the columns `period` and `measure`.",
)
@carry_option
@click.option("--budget", type=MONEY, help="Most it may cost, M USD a year; its own cost if blank.")
@of_option
@resource_option
@objective_options
@click.option(
    "--against",
    multiple=True,
    type=click.Choice(["coverage"]),
    help="Also the plan that covers most of today's flow, as if nobody re-routed.",
)
@criterion_options(all_of_them=True)
@click.option(
    "--best",
    is_flag=True,
    help="With periods: also the best schedule for --budget; without one, that for the money which "
    "each schedule spends in each period.",
)
@click.option("--alone", is_flag=True, help="Leave out the best plan for the same money.")
@solver_options
@threads_option
@period_workers_option
@full_option
@output_options
def evaluate(
    network: Path,
    *,
    scenario: str | None,
    period: str | None,
    measures: list[str],
    plan: Path | None,
    campaigns: tuple[str, ...],
    schedule: Path | None,
    carry: bool,
    criterion: str | None,
    tail: float | None,
    best: bool,
    workers: int | None,
    full: bool,
    output: Output,
    **options: Unpack[EvaluateOptions],
) -> None:
    """Say what a plan made by hand does and breaks, beside the best one for the same money.

    On a network with periods, campaigns (--campaign) and schedules (--schedule FILE, or --measures
    m01@2015,m01@2016) side by side: against a trafficker who foresees them, one who does not, and
    one who opens nothing. Examples:

        flowopt evaluate networks/peru-2014 --measures m22,m44

        flowopt evaluate networks/peru-2015-2019 --campaign all

        flowopt evaluate networks/tiny-years --campaign all --budget 3 --best
    """
    over_time = bool(campaigns) or schedule is not None
    if bool(measures) + (plan is not None) + over_time != 1 and not (measures and over_time):
        raise click.UsageError(
            "give the plan with --measures m01,m14 or with --plan FILE; with periods, also with "
            "--campaign or --schedule"
        )
    check_criterion(criterion, tail, scenario=scenario)
    if criterion is not None and (options["against"] or options["alone"]):
        raise click.UsageError("--against and --alone are for one network: no --criterion")
    output.check()
    from flowopt.planning.plan_file import read_plan

    loaded = read(network, limit=options["time_limit"], scenario=scenario, period=period)
    if loaded.periods:
        refuse_criterion(criterion)
        if plan is not None:
            raise click.UsageError(
                "--plan is a plan for all time; with periods, give --schedule FILE (the folder of "
                "a schedule holds schedule.csv) or --campaign NAME"
            )
        refuse_given({"--of": options["of"], "--against": options["against"]})
        left_out = ("of", "against", "alone")
        given = {name: value for name, value in options.items() if name not in left_out}
        given["workers"] = processors() if workers is None else workers
        show_evaluation(
            loaded, output, campaigns=campaigns, measures=measures, schedule=schedule,
            options={**given, "carry": carry, "best": best},
        )  # fmt: skip
        return
    if over_time or carry or best or workers is not None:
        raise click.UsageError(
            "--campaign, --schedule, --carry, --best and --workers are for a network with periods"
        )
    chosen: Iterable[str] = measures_of([loaded], measures, "--measures", quiet=output.quiet)
    if plan is not None:
        chosen = read_plan(plan, loaded, budget=options["budget"], objective=options["objective"])
    if under_luck(loaded, criterion):
        from flowopt.planning.evaluate import evaluate as value_plan

        ask = partial(value_plan, loaded, list(chosen), **options)
        answer_under_luck(loaded, criterion, tail, output, ask, full=full)
        return
    if criterion is not None:
        _in_scenarios(loaded, chosen, criterion, tail, output, options)
        return
    from flowopt.planning.evaluate import evaluate as evaluate_plan
    from flowopt.report.evaluation_text import evaluation_report

    with progress_display(output.live) as on_progress:
        evaluation = evaluate_plan(
            loaded,
            chosen,
            **options,
            on_progress=on_progress,
            keep_on_interrupt=True,
            seconds_reading=seconds_so_far(),
        )
    output.write(evaluation.write)
    output.show(evaluation, lambda: evaluation_report(loaded, evaluation, full=full), then="report")


def _in_scenarios(
    network: Network,
    measures: Iterable[str],
    criterion: str,
    tail: float | None,
    output: Output,
    options: EvaluateOptions,
) -> None:
    """Say what a plan does in every scenario, and by one criterion or by each of them."""
    from flowopt.planning.evaluate import evaluate as evaluate_plan

    given: dict[str, Any] = {
        name: value for name, value in options.items() if name not in ("against", "alone")
    }
    ask = partial(evaluate_plan, network, list(measures), **given)
    answer_by_criterion(network, criterion, tail, output, ask)
