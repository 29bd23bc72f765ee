"""`flowopt show`."""

from __future__ import annotations

from pathlib import Path

import click

from flowopt.cli.inputs import network_argument, read
from flowopt.cli.output import json_option, print_json


@click.command()
@network_argument
@click.argument("words", metavar="[TABLE] [WORDS]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Print every row, however many there are.")
@json_option("Print the rows as JSON, with their sources and notes.")
def show(network: Path, words: tuple[str, ...], every: bool, as_json: bool) -> None:
    """List what a network holds: its tables, the rows of one, or those that hold words.

    TABLE is measures, nodes, arcs or another table of the format; without one, every table is
    searched. Examples:

        flowopt show networks/peru-2014

        flowopt show networks/peru-2014 measures huallaga
    """
    from flowopt.network.schema import TABLES
    from flowopt.report.listing_text import found_rows, listing

    loaded = read(network)
    table = words[0] if words and words[0] in TABLES else None
    searched = words if table is None else words[1:]
    if as_json:
        print_json(dict(found_rows(loaded, table, searched)))
    else:
        listing(loaded, table, searched, every=every)
