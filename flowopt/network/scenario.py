"""Networks of scenarios: the tables with the numbers that one of `scenarios` says hold."""

from __future__ import annotations

import dataclasses
from typing import Any

from flowopt.errors import InputError, RequestError
from flowopt.network.checks.cells import of_scenario, scenario_numbers, with_numbers
from flowopt.network.checks.change_rows import change_errors
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.targets import Targets
from flowopt.network.checks.validation import checked
from flowopt.network.tables import Tables, TablesT
from flowopt.similar_names import closest


def scenario_network(network: TablesT, scenario: str) -> TablesT:
    """Return the network of one scenario, checked like a file, without the tables of scenarios.

    Raises
    ------
    RequestError
        When the network has no such scenario.
    InputError
        When a change is faulty, or the scenario breaks the format; never for a checked network.
    """
    known = [row.scenario for row in network.scenarios]
    if scenario not in known:
        raise RequestError(_no_such(scenario, known))
    changes = of_scenario(enumerate(network.changes), scenario)
    draft = Draft(network.tables())
    if problems := list(change_errors(draft, changes)):
        raise InputError(problems)
    numbers = scenario_numbers(draft.tables, Targets(draft), changes)
    tables: dict[str, Any] = with_numbers(draft.tables, numbers)
    info = dataclasses.replace(network.info, scenario=scenario)
    return checked(
        dataclasses.replace(network, info=info, warnings=(), scenarios=(), changes=(), **tables)
    )


def scenario_weights(network: Tables) -> dict[str, float]:
    """Return the share of each scenario in a mean, in file order; they add up to 1."""
    total = sum(row.weight for row in network.scenarios)
    return {row.scenario: row.weight / total for row in network.scenarios}


def _no_such(scenario: str, known: list[str]) -> str:
    """Return the message that a network has no such scenario."""
    if not known:
        return f"scenario {scenario!r}: the network has none; give it scenarios.csv"
    near = closest(scenario, known)
    hint = f"did you mean {near!r}?" if near else f"it has {', '.join(known)}"
    return f"the network has no scenario {scenario!r}; {hint}"
