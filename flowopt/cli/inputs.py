"""Arguments that name inputs: networks, and folders of results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowopt.clock import Clock

if TYPE_CHECKING:
    from flowopt.network.network import Network

network_argument = click.argument("network", type=click.Path(path_type=Path))
folder_argument = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
network_option = click.option(
    "--network",
    type=click.Path(path_type=Path),
    help="Another copy of the network, to compare with the one that DIR holds; needed where it "
    "holds none.",
)


def read(path: Path) -> Network:
    """Return a network."""
    from flowopt.network.read import read_network

    return read_network(path)


def seconds_so_far() -> float:
    """Return the seconds since the command began, starting Python included."""
    return click.get_current_context().ensure_object(Clock).elapsed()


def network_path(folder: Path, network: Path | None) -> Path:
    """Return the path of the network of a result: the one given, else its own."""
    if network is not None:
        return network
    from flowopt.planning.recheck.result_networks import own_network_file

    return own_network_file(folder)
