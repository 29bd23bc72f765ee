"""`flowopt verify`."""

from __future__ import annotations

from pathlib import Path

import click

from flowopt.cli.exit_codes import FAILED
from flowopt.cli.inputs import folder_argument, network_option, read
from flowopt.cli.output import json_option, print_json, quiet_option


@click.command()
@folder_argument
@network_option
@click.option(
    "--enumerate",
    "every_plan",
    is_flag=True,
    help="Also try every other plan (up to 20 measures, over time measures times periods); this "
    "part uses a solver.",
)
@json_option("Print the checks as JSON.")
@quiet_option("Print nothing but what failed.")
def verify(
    folder: Path, network: Path | None, every_plan: bool, as_json: bool, quiet: bool
) -> None:
    """Re-check a result in DIR with plain arithmetic, without any solver.

    DIR is what solve, evaluate, flow or compare wrote, and holds the network that it is about.
    With --network the two are also compared. Exits with 0 if every check passes, with 1 if one
    fails. Example:

        flowopt verify results/mine
    """
    from dataclasses import replace

    from flowopt.plain_text import visible
    from flowopt.planning.verify import verify as recheck

    given = None if network is None else read(network)
    verdict = recheck(folder, given)
    if every_plan:
        from flowopt.planning.enumerate import prove_by_enumeration

        verdict = replace(verdict, checks=(*verdict.checks, *prove_by_enumeration(folder, given)))
    if as_json:
        print_json(verdict.summary())
    else:
        for line in verdict.lines(only_failures=quiet):
            click.echo(visible(line))
    if not verdict.passed:
        raise click.exceptions.Exit(FAILED)
