"""`flowopt report`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from flowopt.cli.inputs import folder_argument, network_option, network_path, read
from flowopt.cli.output import quiet_option


@click.command()
@folder_argument
@network_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write the page to this file instead of DIR/report.html.",
)
@click.option("--png", is_flag=True, help="Also write pictures beside the page, as PNG.")
@click.option("--svg", is_flag=True, help="Also write pictures beside the page, as SVG.")
@click.option("--force", is_flag=True, help="Replace files that are there already.")
@quiet_option()
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

        flowopt report results/mine
    """
    from flowopt.report.page_files import PAGE_ENDS, make_report
    from flowopt.report.result_kinds import PAGE

    place = network_path(folder, network)
    target = folder / PAGE if out is None else out
    there = os.path.lexists(target) and not target.is_dir()  # if it is no page, that is told below
    if target.suffix.lower() not in PAGE_ENDS and not there:
        raise click.UsageError(f"--out {target}: the page is one file; write --out {target / PAGE}")
    formats = [name for name, wanted in (("png", png), ("svg", svg)) if wanted]
    loaded = read(place)
    pictures = make_report(
        folder, loaded, place=str(place), page=target, formats=formats, force=force
    )
    if not quiet:
        click.echo(f"{target}: open it in any browser; it needs no network")
        for path in pictures:
            click.echo(str(path))
