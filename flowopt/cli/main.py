"""The command `flowopt`: the group of its commands, each a file beside this one.

Only click loads before a command runs: a command imports all else in its function. A new command
is one import and one line in `COMMANDS`.
"""

from __future__ import annotations

import gc
import os

import click

from flowopt._version import __version__
from flowopt.cli.check_command import check
from flowopt.cli.compare_command import compare
from flowopt.cli.convert_command import convert
from flowopt.cli.evaluate_command import evaluate
from flowopt.cli.exit_codes import exit_code_of, exit_with
from flowopt.cli.export_command import export
from flowopt.cli.flow_command import flow
from flowopt.cli.late_modules import load_late
from flowopt.cli.new_command import new
from flowopt.cli.report_command import report
from flowopt.cli.serve_command import serve
from flowopt.cli.show_command import show
from flowopt.cli.signals import end_like_ctrl_c
from flowopt.cli.solve_command import solve
from flowopt.cli.streams import open_closed
from flowopt.cli.stress_command import stress
from flowopt.cli.verify_command import verify
from flowopt.clock import Clock, command_clock

COMMANDS = (
    check,
    compare,
    convert,
    evaluate,
    export,
    flow,
    new,
    report,
    serve,
    show,
    solve,
    stress,
    verify,
)


# Objects between two looks for garbage: what is loaded stays, and looking took 8 % of a command.
_ALLOCATED = 100_000


def main() -> None:
    """Run the command line and exit with its code."""
    load_late()
    gc.set_threshold(_ALLOCATED)
    open_closed()
    end_like_ctrl_c()
    exit_with(exit_code_of(lambda: cli.main(standalone_mode=False, obj=command_clock())))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="flowopt")
@click.option(
    "--no-color",
    is_flag=True,
    help="Print plain text on a terminal too; files and pipes get no other.",
)
@click.pass_context
def cli(context: click.Context, no_color: bool) -> None:
    """Find where a limited budget cuts the most flow once the trafficker has re-routed.

    A NETWORK is a folder of CSV tables with a network.toml, a workbook (.xlsx) or a JSON file;
    networks/README.md explains every column. Start with `flowopt check NETWORK`, then
    `flowopt solve NETWORK --budget 20`.
    """
    context.ensure_object(Clock)
    if no_color:
        os.environ["NO_COLOR"] = "1"  # what rich looks at, whenever it is loaded
        os.environ["TERM"] = "dumb"  # or bold letters would stay


for command in COMMANDS:
    cli.add_command(command)
