"""`flowopt convert`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowopt.cli.foreign_options import foreign_options, read_any
from flowopt.cli.inputs import network_argument
from flowopt.cli.output import quiet_option

if TYPE_CHECKING:
    from flowopt.network.network import Network

_SHOWN = 10  # nodes without a place that are named


class _ConvertCommand(click.Command):
    """Command whose help lists kinds of file from the register, which loads when it is shown."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help with the kinds of file filled in."""
        from flowopt.network.formats import foreign_kinds, written_kinds

        template = self.help or ""
        text = template.replace("WRITTEN_KINDS", written_kinds())
        self.help = text.replace("FOREIGN_KINDS", foreign_kinds())
        try:
            super().format_help_text(ctx, formatter)
        finally:
            self.help = template  # a register that grows is shown as it is then


@click.command(cls=_ConvertCommand)
@network_argument
@click.argument("target", metavar="DST", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace a file, or a folder with a network, at DST.")
@click.option(
    "--result",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="To .geojson: add what the plan of this result does.",
)
@click.option(
    "--layer",
    "layers",
    multiple=True,
    type=click.Choice(["nodes", "arcs", "measures"]),
    help="To .geojson: only this layer; repeat for several.",
)
@foreign_options
@quiet_option()
def convert(
    network: Path,
    target: Path,
    *,
    force: bool,
    result: Path | None,
    layers: tuple[Any, ...],
    import_options: dict[str, Any],
    quiet: bool,
) -> None:
    """Write a network in another format, which the end of DST names.

    WRITTEN_KINDS. The network stays the same, and so do its results; columns and sheets whose
    names begin with _ are left behind, like all else that is no part of it. Graphs are for other
    programs, and .geojson is a map for QGIS. Examples:

        flowopt convert networks/peru-2014 peru.xlsx

        flowopt convert peru.xlsx my-peru

        flowopt convert networks/peru-2014 peru.geojson --result results/peru-2014/budget-20

    NETWORK may also be of another program: FOREIGN_KINDS. What such files lack, the options say.
    Example:

        flowopt convert net.max my-net --measures every-arc --cost 1
    """
    from flowopt.network.checks.warning_groups import grouped_warnings
    from flowopt.network.files.destination import check_destination, write_atomically
    from flowopt.network.formats import written_as
    from flowopt.network.write import write_network
    from flowopt.report.geojson import GEOJSON

    format = written_as(target, also=[GEOJSON])
    if (result or layers) and format is not GEOJSON:
        raise click.UsageError("--result and --layer are for a DST that ends in .geojson")
    check_destination(target, folder=not format.suffixes, force=force)  # before a long reading
    loaded = read_any(network, import_options)
    if format is GEOJSON:
        write_atomically(target, _geojson(loaded, result, layers, quiet=quiet), force=force)
    else:
        write_network(loaded, target, force=force)
    for warning in grouped_warnings(loaded.warnings) if not quiet else ():
        click.echo(f"warning: {warning}", err=True)
    if format.lost and not quiet:
        click.echo(f"left out: {format.lost}", err=True)
    if not quiet and not format.is_read:
        click.echo(f"{target}: {format.name}")
    elif not quiet:
        click.echo(f"{target}: {format.name}; check it with")
        click.echo(f"flowopt check {target}")


def _geojson(
    network: Network, result: Path | None, layers: tuple[Any, ...], *, quiet: bool
) -> bytes:
    """Return the map of a network; warn about nodes that are not on it."""
    from flowopt.report.geojson import LAYERS, geojson_text, unplaced
    from flowopt.report.result_reader import read_result

    missing = () if quiet else unplaced(network)
    if missing:
        names = ", ".join(missing[:_SHOWN]) + ", ..." * (len(missing) > _SHOWN)
        click.echo(
            f"warning: {len(missing)} of {len(network.nodes)} nodes have no coordinates, so no map "
            f"shows them: {names}; give them lat and lon",
            err=True,
        )
    read = None if result is None else read_result(result, network)
    return geojson_text(network, read, layers=layers or LAYERS).encode()
