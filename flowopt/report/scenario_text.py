"""The shared parts of all texts: heading, scenarios that are left aside, and warnings."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from flowopt.criteria import CRITERION_NAMES
from flowopt.network.checks.scenarios import as_it_stands
from flowopt.network.network import Network
from flowopt.report.terminal import plain


def print_heading(console: Console, network: Network, *, plans: bool = False) -> None:
    """Print which network an answer is about; with `plans`, one that may be for all scenarios."""
    console.print(plain(f"{network.info.title} ({network.info.label})", style="bold"))
    print_scenarios_aside(console, network, plans=plans)


def print_scenarios_aside(console: Console, network: Network, *, plans: bool = False) -> None:
    """Print that the network was taken as it stands, where it has scenarios."""
    count = len(network.scenarios)
    if not count:
        return
    what = "1 scenario is" if count == 1 else f"{count} scenarios are"
    names = "|".join(CRITERION_NAMES)
    all_of_them = f"--criterion {names} asks for one plan for all"
    asked = all_of_them if plans else "--scenario ID looks at one"
    console.print(plain(f"{what} not looked at; {asked}."))


def print_warnings(console: Console, warnings: Iterable[str]) -> None:
    """Print the warnings of an answer; `check` has those of scenarios that it leaves aside."""
    for warning in as_it_stands(warnings):
        console.print(plain(f"warning: {warning}"), soft_wrap=True)
