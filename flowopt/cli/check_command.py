"""`flowopt check`."""

from __future__ import annotations

from pathlib import Path

import click

from flowopt.cli.inputs import network_argument, read
from flowopt.cli.output import json_option, print_json, quiet_option


@click.command()
@network_argument
@json_option("Print errors and warnings as JSON.")
@quiet_option()
def check(network: Path, as_json: bool, quiet: bool) -> None:
    """Read a network and list everything that is wrong or odd in it.

    Exits with 0, or with 1 if there are errors. Example:

        flowopt check networks/peru-2014
    """
    from flowopt.errors import InputError
    from flowopt.network.checks.warning_groups import unpriced
    from flowopt.report.solution_text import check_report

    try:
        loaded = read(network)
    except InputError as error:
        if as_json:
            print_json({"errors": [str(p) for p in error.problems], "warnings": []})
        raise
    if as_json:
        print_json({"errors": [], "warnings": [*loaded.warnings, *unpriced(loaded)]})
    elif not quiet:
        check_report(loaded)
