"""What a command reads: networks, and the folders of results."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

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


def read(path: Path) -> tuple[Network, float]:
    """Return a network and the seconds that reading it took."""
    from flowopt.network.read import read_network

    began = time.perf_counter()
    network = read_network(path)
    return network, time.perf_counter() - began


def network_of(folder: Path, network: Path | None) -> Path:
    """Return where the network of a result stands: the one given with it, else its own."""
    if network is not None:
        return network
    from flowopt.planning.recheck.networks import own_network_file

    return own_network_file(folder)
