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
    help="The network that the result is about; always needed.",
)


def read(path: Path) -> tuple[Network, float]:
    """Return a network and the seconds that reading it took."""
    from flowopt.network.read import read_network

    began = time.perf_counter()
    network = read_network(path)
    return network, time.perf_counter() - began


def network_of(folder: Path, network: Path | None) -> Path:
    """Return the network that was given with a result; refuse to go on without."""
    if network is None:
        command = click.get_current_context().info_name
        raise click.UsageError(
            "the result does not hold its network: give it with --network, as in "
            f"`flowopt {command} {folder} --network networks/peru-2014`"
        )
    return network
