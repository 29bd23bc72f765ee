"""`flowopt flow`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Unpack

import click

from flowopt.cli.inputs import network_argument, read
from flowopt.cli.options import Counting, objective_options
from flowopt.cli.output import Output, output_options


@click.command()
@network_argument
@objective_options
@output_options
def flow(network: Path, *, output: Output, **asked: Unpack[Counting]) -> None:
    """Show what the trafficker does without any measure.

    Example:

        flowopt flow networks/peru-2014
    """
    output.check()
    found, _ = read(network)
    from flowopt.planning.respond import respond
    from flowopt.report.files import write_response
    from flowopt.report.tables import response_report

    response = respond(found, **asked)
    output.write(partial(write_response, response, found))
    output.tell(response, lambda: response_report(found, response))
