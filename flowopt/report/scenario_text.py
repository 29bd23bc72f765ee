"""Heading of a text: the network, and the scenarios of it that an answer leaves aside."""

from __future__ import annotations

from rich.console import Console

from flowopt.network.network import Network
from flowopt.report.terminal import plain

_NAMED = 6  # scenarios that the line lists


def print_heading(console: Console, network: Network) -> None:
    """Print which network an answer is about."""
    console.print(plain(f"{network.info.title} ({network.info.label})", style="bold"))
    print_scenarios_aside(console, network)


def print_scenarios_aside(console: Console, network: Network) -> None:
    """Print that the network was taken as it stands, where it has scenarios."""
    names = [row.scenario for row in network.scenarios]
    if not names:
        return
    listed = ", ".join(names[:_NAMED]) + ", ..." * (len(names) > _NAMED)
    what = "1 scenario is" if len(names) == 1 else f"{len(names)} scenarios are"
    console.print(plain(f"{what} not looked at: {listed}; --scenario ID looks at one"))
