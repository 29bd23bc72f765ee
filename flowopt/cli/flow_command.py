"""`flowopt flow`."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

import click

from flowopt.cli.common_options import (
    ObjectiveOptions,
    objective_options,
    of_option,
    time_limit_option,
)
from flowopt.cli.inputs import (
    network_argument,
    period_option,
    read,
    scenario_option,
    seconds_so_far,
)
from flowopt.cli.output import Output, full_option, output_options
from flowopt.cli.over_time_answers import show_response
from flowopt.cli.question_command import QuestionCommand


class FlowOptions(ObjectiveOptions):
    """Options passed to the library as given."""

    of: str | None
    time_limit: float


@click.command(cls=QuestionCommand)
@network_argument
@scenario_option
@period_option
@of_option
@objective_options
@time_limit_option("where the flow is not known by then, so it is said")
@full_option
@output_options
def flow(
    network: Path,
    *,
    scenario: str | None,
    period: str | None,
    full: bool,
    output: Output,
    **options: Unpack[FlowOptions],
) -> None:
    """Show what the trafficker does without any measure.

    On a network with periods: in every period, and what it opens.

    Example:

        flowopt flow networks/peru-2014
    """
    output.check()
    loaded = read(network, limit=options["time_limit"], scenario=scenario, period=period)
    if loaded.periods:
        show_response(loaded, output, {**options})
        return
    from flowopt.planning.respond import respond
    from flowopt.report.solution_text import response_report

    response = respond(loaded, **options, seconds_reading=seconds_so_far())
    output.write(response.write)
    output.show(response, lambda: response_report(loaded, response, full=full), then="verify")
