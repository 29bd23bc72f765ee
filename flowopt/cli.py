"""The command line: parse, call, print. Everything but click loads inside a command."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from flowopt._version import __version__
from flowopt.errors import FlowoptError, SolverError

if TYPE_CHECKING:
    from flowopt.model.solver import OnProgress
    from flowopt.network.network import Network
    from flowopt.planning.sweep.watch import Watch

FAILED = 1
NO_ANSWER = 3
INTERRUPTED = 130
_MANY = 1000  # plans that --within lists at most
Command = TypeVar("Command", bound=Callable[..., Any])


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; nothing was written", err=True)
        code = INTERRUPTED
    except FlowoptError as error:
        click.echo(_explain(error), err=True)
        code = error.exit_code
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  so that the exit does not complain
        code = 0
    except Exception as error:
        if os.environ.get("FLOWOPT_DEBUG"):
            raise
        click.echo(
            f"flowopt failed unexpectedly ({type(error).__name__}: {error}). This is a fault of "
            "flowopt, not of your files: please report it, with what FLOWOPT_DEBUG=1 shows.",
            err=True,
        )
        code = 4
    _end(code)


def _end(code: int | None) -> None:
    """Exit; at once if a solver that was told to stop is still busy in a thread."""
    if any(thread.daemon for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code or 0)
    sys.exit(code)


def _explain(error: FlowoptError) -> str:
    text = str(error)
    problems = getattr(error, "problems", None)
    if problems is None:
        return f"Error: {text}"
    count = len(problems)
    return f"{text}\n{count} error{'s' if count != 1 else ''}; nothing was written"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="flowopt")
@click.option(
    "--no-color",
    is_flag=True,
    help="Print plain text on a terminal too; files and pipes get no other.",
)
def cli(no_color: bool) -> None:
    """Find where a limited budget cuts the most flow once the trafficker has re-routed.

    A NETWORK is a folder of CSV tables with a network.toml; networks/README.md explains every
    column. Start with `flowopt check NETWORK`, then `flowopt solve NETWORK --budget 20`.
    """
    if no_color:
        os.environ["NO_COLOR"] = "1"  # what rich looks at, whenever it is loaded
        os.environ["TERM"] = "dumb"  # or bold letters would stay


# -- what several commands share ------------------------------------------------------------------


def _network_argument(command: Command) -> Command:
    return click.argument("network", type=click.Path(path_type=Path))(command)


def _output_options(command: Command) -> Command:
    for option in (
        click.option("--quiet", is_flag=True, help="Print nothing but errors."),
        click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON."),
        click.option("--force", is_flag=True, help="Replace an earlier result in --out."),
        click.option(
            "--out", type=click.Path(path_type=Path), help="Write the result to this new folder."
        ),
    ):
        command = option(command)
    return command


_OBJECTIVES = click.Choice(["flow", "profit", "bilevel"])
_ties = click.option(
    "--ties",
    type=click.Choice(["pessimistic", "optimistic"]),
    default="pessimistic",
    show_default=True,
    help="With bilevel: which of equally profitable flows counts, the worst for the planner or "
    "the best.",
)


def _objective_options(command: Command) -> Command:
    objective = click.option(
        "--objective",
        type=_OBJECTIVES,
        default="flow",
        show_default=True,
        help="flow: both count weighted tonnes. profit: both count the trafficker's profit. "
        "bilevel: the planner counts tonnes, the trafficker profit.",
    )
    return objective(_ties(command))


def _solver_options(command: Command) -> Command:
    for option in (
        click.option(
            "--gap",
            type=float,
            default=1e-4,
            show_default=True,
            help="Relative gap at which the plan counts as proved.",
        ),
        click.option(
            "--time-limit",
            type=float,
            default=300.0,
            show_default=True,
            help="Seconds; at the limit the best plan so far is given, with its bound.",
        ),
        click.option("--solver", default="highs", show_default=True, help="highs, cbc, scip, ..."),
    ):
        command = option(command)
    return command


def _read(path: Path) -> tuple[Network, float]:
    from flowopt.network.read import read_network

    began = time.perf_counter()
    network = read_network(path)
    return network, time.perf_counter() - began


def _amounts(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, float]:
    amounts = {}
    for value in values:
        name, equals, amount = value.rpartition("=")
        try:
            amounts[name.strip()] = float(amount)
        except ValueError:
            equals = ""
        if not equals or not name.strip():
            raise click.BadParameter(f"'{value}' is not NAME=AMOUNT, such as helicopter_hours=400")
    return amounts


def _ids(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> list[str]:
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


def _share(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    try:
        return float(value.removesuffix("%")) / (100.0 if value.endswith("%") else 1.0)
    except ValueError:
        raise click.BadParameter(f"'{value}' is not a share such as 1% or 0.01") from None


@contextmanager
def _progress(show: bool) -> Iterator[OnProgress | None]:
    """Show a live line on stderr if that is a terminal."""
    if not show or not sys.stderr.isatty():
        yield None
        return
    from flowopt.report.tables import progress_line

    with progress_line() as update:
        yield update


@contextmanager
def _live(show: bool, gap: float, workers: int) -> Iterator[Watch | None]:
    """Show a live table of rows on stderr if that is a terminal."""
    if not show or not sys.stderr.isatty():
        yield None
        return
    from tempfile import TemporaryDirectory

    from flowopt.planning.sweep.watch import Watch
    from flowopt.report.frontier import live_table

    with TemporaryDirectory(prefix="flowopt-", ignore_cleanup_errors=True) as folder:
        watch = Watch(Path(folder), workers)
        with live_table(watch, gap):
            yield watch


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# -- the commands ---------------------------------------------------------------------------------


@cli.command()
@_network_argument
@click.option("--json", "as_json", is_flag=True, help="Print errors and warnings as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def check(network: Path, as_json: bool, quiet: bool) -> None:
    """Read a network and list everything that is wrong or odd in it.

    Exits with 0, or with 1 if there are errors. Example:

        flowopt check networks/peru-2014
    """
    from flowopt.errors import InputError
    from flowopt.report.tables import check_report

    try:
        found, _ = _read(network)
    except InputError as error:
        if as_json:
            _print_json({"errors": [str(p) for p in error.problems], "warnings": []})
        raise
    if as_json:
        _print_json({"errors": [], "warnings": list(found.warnings)})
    elif not quiet:
        check_report(found)


@cli.command()
@_network_argument
@_objective_options
@_output_options
def flow(
    network: Path,
    objective: Any,
    ties: Any,
    out: Path | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Show what the trafficker does without any measure.

    Example:

        flowopt flow networks/peru-2014
    """
    if out is not None:
        from flowopt.report.files import check_target

        check_target(out, force=force)
    found, _ = _read(network)
    from flowopt.planning.respond import respond
    from flowopt.report.files import write_response
    from flowopt.report.tables import response_report

    response = respond(found, objective=objective, ties=ties)
    if out is not None:
        write_response(response, out, force=force)
    if as_json:
        _print_json(response.summary())
    elif not quiet:
        response_report(found, response)


@cli.command()
@_network_argument
@click.option("--budget", type=float, help="Most the plan may cost, M USD a year.")
@click.option(
    "--target",
    type=float,
    help="Instead: the cheapest plan that brings the objective to this or below.",
)
@click.option(
    "--resource",
    "resources",
    multiple=True,
    callback=_amounts,
    metavar="NAME=AMOUNT",
    help="Limit of another resource; repeat for several.",
)
@_objective_options
@click.option("--include", multiple=True, callback=_ids, help="Measures the plan must hold.")
@click.option("--exclude", multiple=True, callback=_ids, help="Measures the plan may not hold.")
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
@_solver_options
@_output_options
def solve(
    network: Path,
    budget: float | None,
    target: float | None,
    resources: dict[str, float],
    objective: Any,
    ties: Any,
    include: list[str],
    exclude: list[str],
    alternatives: int | None,
    within: float | None,
    solver: str,
    time_limit: float,
    gap: float,
    out: Path | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Find the plan that cuts the most for a budget, and prove how good it is.

    Example:

        flowopt solve networks/peru-2014 --budget 20 --out results/mine
    """
    if out is not None:
        from flowopt.report.files import check_target

        check_target(out, force=force)
    found, reading = _read(network)
    from flowopt.planning.solve import solve as best_plan
    from flowopt.report.files import write_solution
    from flowopt.report.tables import solution_report

    with _progress(not quiet and not as_json) as on_progress:
        solution = best_plan(
            found,
            budget=budget,
            target=target,
            resources=resources,
            objective=objective,
            ties=ties,
            include=include,
            exclude=exclude,
            alternatives=alternatives or (1 if within is None else _MANY),
            within=within,
            solver=solver,
            time_limit=time_limit,
            gap=gap,
            on_progress=on_progress,
            keep_on_interrupt=out is not None,
            seconds_reading=reading,
        )
    if out is not None:
        write_solution(solution, out, force=force)
    if as_json:
        _print_json(solution.summary())
    elif not quiet:
        solution_report(found, solution)
    if solution.status in ("infeasible", "no_solution"):
        for reason in solution.reasons:
            click.echo(f"Error: {reason}", err=True)
        raise click.exceptions.Exit(NO_ANSWER)


@cli.command()
@_network_argument
@click.option("--measures", multiple=True, callback=_ids, help="The plan, as m01,m14.")
@click.option(
    "--plan",
    type=click.Path(path_type=Path),
    help="Or: a CSV file with a column `measure`, or the folder of a result.",
)
@click.option("--budget", type=float, help="Most it may cost, M USD a year; its own cost if blank.")
@click.option(
    "--resource",
    "resources",
    multiple=True,
    callback=_amounts,
    metavar="NAME=AMOUNT",
    help="Limit of another resource; repeat for several.",
)
@_objective_options
@click.option(
    "--against",
    multiple=True,
    type=click.Choice(["coverage"]),
    help="Also the plan that covers most of today's flow, as if nobody re-routed.",
)
@click.option("--alone", is_flag=True, help="Leave out the best plan for the same money.")
@_solver_options
@_output_options
def evaluate(
    network: Path,
    measures: list[str],
    plan: Path | None,
    budget: float | None,
    resources: dict[str, float],
    objective: Any,
    ties: Any,
    against: tuple[Any, ...],
    alone: bool,
    solver: str,
    time_limit: float,
    gap: float,
    out: Path | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say what a plan made by hand does and breaks, beside the best one for the same money.

    Example:

        flowopt evaluate networks/peru-2014 --measures m22,m23,m44 --against coverage
    """
    if bool(measures) == (plan is not None):
        raise click.UsageError("give the plan with --measures m01,m14 or with --plan FILE")
    if out is not None:
        from flowopt.report.files import check_target

        check_target(out, force=force)
    from flowopt.planning.plan_file import read_plan

    chosen = measures if plan is None else read_plan(plan)
    found, reading = _read(network)
    from flowopt.planning.evaluate import evaluate as evaluate_plan
    from flowopt.report.evaluation import evaluation_report
    from flowopt.report.files import write_evaluation

    with _progress(not quiet and not as_json) as on_progress:
        evaluation = evaluate_plan(
            found,
            chosen,
            budget=budget,
            resources=resources,
            objective=objective,
            ties=ties,
            against=against,
            alone=alone,
            solver=solver,
            time_limit=time_limit,
            gap=gap,
            on_progress=on_progress,
            keep_on_interrupt=out is not None,
            seconds_reading=reading,
        )
    if out is not None:
        write_evaluation(evaluation, out, force=force)
    if as_json:
        _print_json(evaluation.summary())
    elif not quiet:
        evaluation_report(found, evaluation)


@cli.command()
@click.argument(
    "networks", metavar="NETWORK...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
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
    type=_OBJECTIVES,
    default=["flow"],
    show_default=True,
    help="What is counted, as in `flowopt solve`; repeat to compare several.",
)
@_ties
@click.option(
    "--resource",
    "resources",
    multiple=True,
    callback=_amounts,
    metavar="NAME=AMOUNT",
    help="Limit of another resource; repeat for several.",
)
@click.option("--include", multiple=True, callback=_ids, help="Measures every plan must hold.")
@click.option("--exclude", multiple=True, callback=_ids, help="Measures no plan may hold.")
@_solver_options
@click.option(
    "--workers",
    type=int,
    help="Budgets to solve side by side, each in a process of its own; all processors by default.",
)
@click.option(
    "--cluster", metavar="ADDRESS", help="Solve on this Dask cluster instead: tcp://host:8786."
)
@click.option("--resume", is_flag=True, help="Go on with a comparison that was stopped.")
@_output_options
def compare(
    networks: tuple[Path, ...],
    budgets: str,
    objectives: Any,
    ties: Any,
    resources: dict[str, float],
    include: list[str],
    exclude: list[str],
    solver: str,
    time_limit: float,
    gap: float,
    workers: int | None,
    cluster: str | None,
    resume: bool,
    out: Path | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Find the best plan for each of many budgets, and what each extra million buys.

    The time limit is for each budget, or with --budgets all for the whole comparison. With --out,
    every finished budget is kept in DIR.partial until all are done. Example:

        flowopt compare networks/peru-2014 --budgets 0:160:10 --out results/mine
    """
    if out is not None:
        from flowopt.report.files import check_target

        check_target(out, force=force)
    elif resume:
        raise click.UsageError("--resume goes on with what --out DIR has kept: give --out as well")
    found = [_read(path)[0] for path in networks]
    from flowopt.planning.compare import compare as frontier_of
    from flowopt.report.files import write_frontier
    from flowopt.report.frontier import frontier_report

    workers = workers if workers is not None else _processors()
    keep = None if out is None else out.with_name(f"{out.name}.partial")
    try:
        with _live(not quiet and not as_json, gap, workers) as watch:
            frontier = frontier_of(
                found,
                budgets=budgets,
                objectives=objectives,
                ties=ties,
                resources=resources,
                include=include,
                exclude=exclude,
                solver=solver,
                time_limit=time_limit,
                gap=gap,
                workers=workers,
                cluster=cluster,
                keep=keep,
                resume=resume,
                restart=force,
                watch=watch,
            )
    except (KeyboardInterrupt, SolverError) as stop:
        if keep is None:
            raise
        count = len(list(keep.glob("row-*.json")))
        why = "failed" if isinstance(stop, SolverError) else "interrupted"
        click.echo(
            f"{why}; {count} finished rows are kept in {keep}: the same command with --resume "
            "goes on",
            err=True,
        )
        if isinstance(stop, SolverError):
            raise
        raise click.exceptions.Exit(INTERRUPTED) from None
    if out is not None and keep is not None:
        write_frontier(frontier, out, force=force)
        shutil.rmtree(keep, ignore_errors=True)
    if as_json:
        _print_json(frontier.summary())
    elif not quiet:
        frontier_report(found, frontier)
    if all(row.value is None for row in frontier.frontier):
        click.echo("Error: there is no plan for any of these budgets", err=True)
        raise click.exceptions.Exit(NO_ANSWER)


@cli.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--network",
    type=click.Path(path_type=Path),
    help="The network that the result is about; always needed.",
)
@click.option(
    "--enumerate",
    "every_plan",
    is_flag=True,
    help="Also try every other plan (up to 20 measures); this part uses a solver.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but what failed.")
def verify(
    folder: Path, network: Path | None, every_plan: bool, as_json: bool, quiet: bool
) -> None:
    """Re-check a result in DIR with plain arithmetic, without any solver.

    Exits with 0 if every check passes, with 1 if one fails. Example:

        flowopt verify results/mine --network networks/peru-2014
    """
    from dataclasses import replace

    from flowopt.planning.verify import verify as recheck

    if network is None:
        raise click.UsageError(
            "the result does not hold its network: give it with --network, as in "
            f"`flowopt verify {folder} --network networks/peru-2014`"
        )
    found, _ = _read(network)
    verdict = recheck(folder, found)
    if every_plan:
        from flowopt.planning.enumerate import prove_best

        verdict = replace(verdict, checks=(*verdict.checks, prove_best(folder, found)))
    if as_json:
        _print_json(verdict.summary())
    else:
        for line in verdict.lines(only_failures=quiet):
            click.echo(line)
    if not verdict.passed:
        raise click.exceptions.Exit(FAILED)


@cli.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--network",
    type=click.Path(path_type=Path),
    help="The network that the result is about; always needed.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write the page to this file instead of DIR/report.html.",
)
@click.option("--png", is_flag=True, help="Also write pictures beside the page, as PNG.")
@click.option("--svg", is_flag=True, help="Also write pictures beside the page, as SVG.")
@click.option("--force", is_flag=True, help="Replace files that are there already.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def report(
    folder: Path,
    network: Path | None,
    out: Path | None,
    png: bool,
    svg: bool,
    force: bool,
    quiet: bool,
) -> None:
    """Make a page to show from the result in DIR: one file that opens without a network.

    Needs the extra `report`: pip install 'flowopt[report]'. Example:

        flowopt report results/mine --network networks/peru-2014
    """
    from flowopt.report.make import PAGE, make_report

    if network is None:
        raise click.UsageError(
            "the result does not hold its network: give it with --network, as in "
            f"`flowopt report {folder} --network networks/peru-2014`"
        )
    target = folder / PAGE if out is None else out
    formats = [name for name, wanted in (("png", png), ("svg", svg)) if wanted]
    found, _ = _read(network)
    pictures = make_report(
        folder, found, place=str(network), page=target, formats=formats, force=force
    )
    if not quiet:
        click.echo(f"{target}: open it in any browser; it needs no network")
        for path in pictures:
            click.echo(str(path))


@cli.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "source",
    metavar="NAME",
    help="Copy this network, which is shipped, instead of the template.",
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def new(folder: Path, source: str | None, quiet: bool) -> None:
    """Make a folder to start a network of your own from.

    A template with an example in every table, or a copy of a shipped network. Examples:

        flowopt new my-network

        flowopt new my-peru --from peru-2014
    """
    from flowopt.network.new import new_network

    new_network(folder, source=source)
    if not quiet:
        click.echo(f"{folder}: read its README.md for what to edit first, then")
        click.echo(f"flowopt check {folder}")


def _print_json(summary: dict[str, Any]) -> None:
    from flowopt.report.files import to_json

    click.echo(to_json(summary), nl=False)
