"""`flowopt stress`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from flowopt import defaults
from flowopt.amounts import amount_of
from flowopt.cli.common_options import MONEY, ObjectiveOptions, ids_option, objective_options
from flowopt.cli.exit_codes import INTERRUPTED
from flowopt.cli.inputs import (
    network_argument,
    period_option,
    read,
    scenario_option,
    seconds_so_far,
)
from flowopt.cli.kept_work import remove_kept
from flowopt.cli.live_display import draws_display
from flowopt.cli.measure_names import measures_of
from flowopt.cli.output import Output, output_options
from flowopt.cli.processors import processors, quiet_cluster
from flowopt.cli.question_command import QuestionCommand
from flowopt.errors import OutOfTime, SolverError

if TYPE_CHECKING:
    from flowopt.network.network import Network

_COVERAGE = "coverage"


class StressOptions(ObjectiveOptions):
    """Options passed to the library as given."""

    draws: int
    seed: int
    common: float
    ranges: dict[str, float]
    resolve: int
    budget: float | None
    cluster: str | None
    resume: bool


def _grades(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, float]:
    """Return factors by grade."""
    found = {}
    for value in values:
        grade, equals, factor = value.partition("=")
        if not equals:
            raise click.BadParameter(f"'{value}' is not GRADE=FACTOR, such as X=2.5")
        try:
            found[grade.strip()] = amount_of(factor)
        except ValueError as error:
            raise click.BadParameter(f"{grade.strip()}: {error}") from None
    return found


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
    "--rival",
    "rivals",
    multiple=True,
    metavar="NAME=PLAN",
    help="Another plan beside it: NAME=DIR, NAME=FILE or NAME=m01;m02; or coverage, the one that "
    "covers most of today's flow for the same money. Repeat for several.",
)
@click.option(
    "--budget",
    type=MONEY,
    help="M USD a year of --rival coverage and --resolve; what the plan costs if blank.",
)
@objective_options
@click.option(
    "--draws",
    type=click.IntRange(min=2),
    default=defaults.DRAWS,
    show_default=True,
    help="How often all numbers are drawn.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=defaults.SEED,
    show_default=True,
    help="Of the draws: the same seed gives the same files.",
)
@click.option(
    "--common",
    type=click.FloatRange(0.0, 1.0),
    default=defaults.COMMON,
    show_default=True,
    help="Share of the variance that the numbers of a group have in common.",
)
@click.option(
    "--ranges",
    multiple=True,
    callback=_grades,
    metavar="GRADE=FACTOR",
    help="How many times as large, or as small, a number of a grade may be, unless ranges.csv "
    "says so; A=1.05, B=1.15, C=1.3, X=1.6 if not given.",
)
@click.option(
    "--resolve",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Also find the best plan in the first so many draws.",
)
@click.option(
    "--workers", type=int, help="Processes that share the draws; all processors by default."
)
@click.option(
    "--cluster", metavar="ADDRESS", help="Value on this Dask cluster instead: tcp://host:8786."
)
@click.option("--resume", is_flag=True, help="Go on with a stress that was stopped.")
@output_options
def stress(
    network: Path,
    *,
    scenario: str | None,
    period: str | None,
    measures: list[str],
    plan: Path | None,
    rivals: tuple[str, ...],
    workers: int | None,
    output: Output,
    **options: Unpack[StressOptions],
) -> None:
    """Sample how a plan fares when all numbers move within their ranges.

    How far each may be off is in ranges.csv, or follows from its grade. The result is a sample:
    a distribution, what drives it, and what would make another plan better; it proves nothing.
    With --out, every finished draw is kept in DIR.partial until all are done. Example:

        flowopt stress networks/peru-2014 --measures m01,m11,m12,m13 --rival coverage
    """
    if bool(measures) == (plan is not None):
        raise click.UsageError("give the plan with --measures m01,m14 or with --plan FILE")
    if output.out is None and options["resume"]:
        raise click.UsageError("--resume goes on with what --out DIR has kept: give --out as well")
    output.check()
    loaded = read(network, scenario=scenario, period=period)
    from flowopt.planning.plan_file import read_plan

    of_row = partial(
        read_plan, network=loaded, budget=options["budget"], objective=options["objective"]
    )
    chosen: Iterable[str] = measures_of([loaded], measures, "--measures", quiet=output.quiet)
    if plan is not None:
        chosen = of_row(plan)
    others = _rivals(rivals, loaded, of_row, quiet=output.quiet)
    from flowopt.planning.stress.journal import DRAWS
    from flowopt.planning.stress.stress_plans import stress as stress_plan
    from flowopt.report.result_writer import write_stress
    from flowopt.report.stress_text import stress_report

    if options["cluster"] is not None:
        quiet_cluster()
    keep = None if output.out is None else output.out.with_name(f"{output.out.name}.partial")
    with _reporting_kept_draws(keep), draws_display(output.live) as on_draws:
        found = stress_plan(
            loaded,
            chosen,
            rivals=others,
            **options,
            workers=workers if workers is not None else processors(),
            keep=keep,
            restart=output.force,
            on_draws=on_draws,
            on_message=None if output.quiet else partial(click.echo, err=True),
            seconds_reading=seconds_so_far(),
        )
        output.write(partial(write_stress, found, loaded))
    if keep is not None:
        remove_kept(keep, DRAWS)
    output.show(found, lambda: stress_report(loaded, found), then="report")


def _rivals(
    rivals: Iterable[str],
    network: Network,
    of_file: Callable[[Path], tuple[str, ...]],
    *,
    quiet: bool,
) -> dict[str, Iterable[str] | None]:
    """Return the measures of each rival by its name, None for the covering plan."""
    found: dict[str, Iterable[str] | None] = {}
    for text in rivals:
        name, equals, what = (part.strip() for part in text.partition("="))
        if not equals and name == _COVERAGE:
            found[name] = None
            continue
        if not equals or not what:
            raise click.BadParameter(
                f"--rival '{text}' is neither coverage nor NAME=PLAN, such as ours=my-plan.csv or "
                "ours=m01;m02"
            )
        if name in found:
            raise click.BadParameter(f"--rival '{text}': another rival is {name}; name each once")
        place = Path(what)
        if place.exists():
            found[name] = of_file(place)
        elif set("/\\") & set(what) or place.suffix:
            raise click.BadParameter(
                f"--rival '{text}': there is no file or folder {what}; give one, or measures as "
                f"{name}=m01;m02"
            )
        else:
            words = [word.strip() for word in what.replace(",", ";").split(";") if word.strip()]
            found[name] = measures_of([network], words, "--rival", quiet=quiet)
    return found


@contextmanager
def _reporting_kept_draws(keep: Path | None) -> Iterator[None]:
    """Report after a stop that finished draws are kept, and how to go on with them."""
    try:
        yield
    except (KeyboardInterrupt, SolverError, OutOfTime) as stopped:
        if keep is None or not keep.is_dir():
            raise
        cause = "interrupted" if isinstance(stopped, KeyboardInterrupt) else "failed"
        click.echo(
            f"{cause}; finished draws are kept in {keep}: the same command with --resume goes on",
            err=True,
        )
        if not isinstance(stopped, KeyboardInterrupt):
            raise
        raise click.exceptions.Exit(INTERRUPTED) from None
