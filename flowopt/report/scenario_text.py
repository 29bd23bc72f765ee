"""Heading of a text: the network, and the scenarios of it that an answer leaves aside."""

from __future__ import annotations

from rich.console import Console

from flowopt.criteria import CRITERIA
from flowopt.network.network import Network
from flowopt.report.terminal import plain

_NAMED = 6  # scenarios that the line lists


def print_heading(console: Console, network: Network, *, plans: bool = False) -> None:
    """Print which network an answer is about; with `plans`, one that may be for all scenarios."""
    console.print(plain(f"{network.info.title} ({network.info.label})", style="bold"))
    print_scenarios_aside(console, network, plans=plans)


def print_scenarios_aside(console: Console, network: Network, *, plans: bool = False) -> None:
    """Print that the network was taken as it stands, where it has scenarios."""
    names = [row.scenario for row in network.scenarios]
    if not names:
        return
    listed = ", ".join(names[:_NAMED]) + ", ..." * (len(names) > _NAMED)
    what = "1 scenario is" if len(names) == 1 else f"{len(names)} scenarios are"
    criteria = "|".join(name for name in CRITERIA if name != "all")
    every = f"--criterion {criteria} asks for one plan for all, " if plans else ""
    line = f"{what} not looked at: {listed}; {every}--scenario ID looks at one"
    console.print(plain(line), soft_wrap=True)
