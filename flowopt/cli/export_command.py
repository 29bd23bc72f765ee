"""`flowopt export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowopt import defaults
from flowopt.cli.common_options import MONEY, OBJECTIVE, ids_option, of_option, resource_option
from flowopt.cli.inputs import network_argument, period_option, read, scenario_option
from flowopt.cli.measure_names import measures_of
from flowopt.cli.output import quiet_option

if TYPE_CHECKING:
    from flowopt.objectives import Objective


@click.command()
@network_argument
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path))
@scenario_option
@period_option
@click.option("--budget", type=MONEY, required=True, help="Most the plan may cost, M USD a year.")
@of_option
@resource_option
@click.option(
    "--objective",
    type=OBJECTIVE,
    default=defaults.OBJECTIVE,
    show_default=True,
    help="Who counts what, as in `flowopt solve`. Of equally profitable flows, the one best for "
    "the planner counts.",
)
@ids_option("--include", help="Measures the plan must hold, as m11 or a part of a name.")
@ids_option("--exclude", help="Measures the plan may not hold.")
@click.option("--force", is_flag=True, help="Replace files that are there already.")
@quiet_option()
def export(
    network: Path,
    target: Path,
    scenario: str | None,
    period: str | None,
    budget: float,
    of: str | None,
    resources: dict[str, float],
    objective: Objective,
    include: list[str],
    exclude: list[str],
    force: bool,
    quiet: bool,
) -> None:
    """Write the question of `flowopt solve` as a mathematical programme, for other solvers.

    FILE ends in .lp or .mps: a mixed-integer programme whose optimum is the best plan. Or in .aux:
    a bilevel programme in the format of MibS and BOBILib, with the .mps beside it and a .txt that
    says the same as the .aux by indices. What each name stands for is in .lp.symbols.csv, or
    .mps.symbols.csv. Examples:

        flowopt export networks/tiny tiny.lp --budget 4

        flowopt export networks/tiny tiny.aux --budget 4 --objective profit
    """
    from flowopt.planning.formulate import formulate
    from flowopt.report.programmes import check_programme_place, write_programme

    check_programme_place(target, force=force)  # before a long reading
    loaded = read(network, scenario=scenario, period=period)
    programme = formulate(
        loaded,
        budget=budget,
        of=of,
        resources=resources,
        objective=objective,
        include=measures_of([loaded], include, "--include", quiet=quiet),
        exclude=measures_of([loaded], exclude, "--exclude", quiet=quiet),
        bilevel=target.suffix.lower() == ".aux",
    )
    for path in write_programme(programme, target, force=force):
        if not quiet:
            click.echo(path)
