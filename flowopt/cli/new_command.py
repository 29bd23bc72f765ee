"""`flowopt new`."""

from __future__ import annotations

from pathlib import Path

import click

from flowopt.cli.output import quiet_option


@click.command()
@click.argument("folder", metavar="DST", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "source",
    metavar="NAME",
    help="Copy this network, which is shipped, instead of the template.",
)
@quiet_option()
def new(folder: Path, source: str | None, quiet: bool) -> None:
    """Make a folder to start a network of your own from, or one workbook.

    A template with an example in every table, or a copy of a shipped network. Examples:

        flowopt new my-network

        flowopt new my-network.xlsx

        flowopt new my-peru --from peru-2014
    """
    from flowopt.network.new_network import new_network

    new_network(folder, source=source)
    if not quiet:
        first = "read its README.md for what to edit first" if folder.is_dir() else "edit it"
        click.echo(f"{folder}: {first}, then")
        click.echo(f"flowopt check {folder}")
