"""Arguments that name inputs: networks, and folders of results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowopt.cli.signals import alarm
from flowopt.clock import Clock
from flowopt.errors import OutOfTime

if TYPE_CHECKING:
    from flowopt.network.network import Network

_GRACE = 1.0  # seconds after the limit for which an answer is worth waiting
_LEAST_READING = 3.0  # seconds that reading may take however short the limit

network_argument = click.argument("network", type=click.Path(path_type=Path))
folder_argument = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
network_option = click.option(
    "--network",
    type=click.Path(path_type=Path),
    help="Another copy of the network, to compare with the one that DIR holds; needed where it "
    "holds none.",
)


scenario_option = click.option(
    "--scenario", metavar="ID", help="Look at one scenario of scenarios.csv in its place."
)


period_option = click.option(
    "--period", metavar="ID", help="Look at one period of periods.csv alone, as one year."
)


def read(
    path: Path,
    *,
    limit: float | None = None,
    scenario: str | None = None,
    period: str | None = None,
) -> Network:
    """Return a network, read within a time limit of the command but for a second.

    Parameters
    ----------
    path
        The network.
    limit
        Seconds from the start of the command on.
    scenario
        The scenario of it to return; None for the network as it stands.
    period
        The period of that to return, as a network of one year; None for all of them.

    Raises
    ------
    OutOfTime
        When that takes longer. A small network is read however short the limit.
    RequestError
        When it has no such scenario or period.
    """
    network = _read(path, limit=limit)
    network = network if scenario is None else network.scenario(scenario)
    return network if period is None else network.period(period)


def _read(path: Path, *, limit: float | None) -> Network:
    from flowopt.network.read import read_network

    if limit is None or not limit > 0.0:  # the library says what is wrong with it
        return read_network(path)
    late = OutOfTime(
        f"the time limit of {limit:g} s was over before {path} was read; give it more time"
    )
    with alarm(max(_LEAST_READING, limit + _GRACE - seconds_so_far()), late):
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
