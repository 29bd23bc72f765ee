"""Checks of scenarios as networks: each must pass what the network as it stands must pass.

A fault that only a scenario has is put down to the row of `changes` that made it: the first in the
order of the file with which, after those before it, the fault is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from flowopt.errors import Problem
from flowopt.network.checks.cells import scenario_numbers, with_numbers
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.targets import Targets

Check = Callable[[Draft], Iterable[Problem]]
IN_SCENARIO = "in scenario "  # begins what is wrong or odd in one alone
_NUMBER = re.compile(r"\d[\d.,e+-]*")
_Key = tuple[object, ...]


class _Scenario:
    """One scenario of a draft: its tables after the first rows of its changes, or after all."""

    def __init__(self, draft: Draft, targets: Targets, changes: Sequence[tuple[int, Any]]) -> None:
        self.changes = changes
        self._draft, self._targets = draft, targets
        self._found: dict[int, dict[_Key, Problem]] = {}

    def tables(self, count: int) -> dict[str, tuple[Any, ...]]:
        """Return the tables that differ after the first `count` changes."""
        first = self.changes[:count]
        numbers = scenario_numbers(self._draft.tables, self._targets, first)
        return with_numbers(self._draft.tables, numbers)

    @cached_property
    def changed(self) -> dict[str, tuple[Any, ...]]:
        """Tables that differ after all changes, which errors and warnings are sought in."""
        return self.tables(len(self.changes))

    def draft(self, tables: Mapping[str, Sequence[Any]]) -> Draft:
        """Return the draft of the scenario, whose rows keep their places."""
        whole = {**self._draft.tables, "scenarios": (), "changes": (), **tables}
        return Draft(whole, self._draft.numbers, self._draft.files)

    def faults(self, count: int, checks: Mapping[Check, frozenset[str]]) -> dict[_Key, Problem]:
        """Return the faults after the first changes, of those checks that see a table changed."""
        if count not in self._found:
            tables = self.changed if count == len(self.changes) else self.tables(count)
            draft = self.draft(tables)
            self._found[count] = {
                (check, *problem.place): problem
                for check, seen in checks.items()
                if not seen.isdisjoint(tables)
                for problem in check(draft)
            }
        return self._found[count]

    def maker(self, key: _Key, checks: Mapping[Check, frozenset[str]]) -> int:
        """Return how many changes it takes, in their order, for a fault to be there."""
        without, there = 0, len(self.changes)
        while there - without > 1:
            middle = (without + there) // 2
            if key in self.faults(middle, checks):
                there = middle
            else:
                without = middle
        return there


def scenario_faults(draft: Draft, checks: Mapping[Check, frozenset[str]]) -> Iterator[Problem]:
    """Yield the faults that scenarios have and the network as it stands has not.

    Parameters
    ----------
    draft
        Tables without any fault.
    checks
        Checks of a network, with the tables that each looks at.
    """
    for name, scenario in _scenarios(draft).items():
        for key, problem in scenario.faults(len(scenario.changes), checks).items():
            index, change = scenario.changes[scenario.maker(key, checks) - 1]
            column = "factor" if change.value is None else "value"
            yield draft.problem("changes", index, column, _in_scenario(name, problem))


def scenario_warnings(
    draft: Draft, known: Iterable[Problem], warnings: Callable[[Draft], Iterable[Problem]]
) -> Iterator[Problem]:
    """Yield the oddities that scenarios have and the network as it stands has not.

    Parameters
    ----------
    draft
        The tables of a network without faults.
    known
        The oddities of the network as it stands.
    warnings
        Warnings about the draft of a network.
    """
    there = {_kind(problem) for problem in known}
    rows = draft.ids("scenarios") or {}
    for name, scenario in _scenarios(draft).items():
        tables = scenario.changed
        for problem in warnings(scenario.draft(tables)) if tables else ():
            if _kind(problem) not in there:
                message = _in_scenario(name, problem)
                yield draft.problem("scenarios", rows[name], "scenario", message)


def _in_scenario(name: str, problem: Problem) -> str:
    return f"{IN_SCENARIO}{name!r}, {problem}"


def as_it_stands(warnings: Iterable[str]) -> list[str]:
    """Return the warnings of a network that are not about a scenario of it."""
    return [warning for warning in warnings if f": {IN_SCENARIO}" not in warning]


def _kind(problem: Problem) -> _Key:
    """Return what an oddity is, whatever amounts it names."""
    return (*problem.place, _NUMBER.sub("0", problem.message))


def _scenarios(draft: Draft) -> dict[str, _Scenario]:
    """Return the scenarios that change anything, in the order of their first change.

    They are made once for a draft.
    """
    if "scenarios" in draft.memo:
        found: dict[str, _Scenario] = draft.memo["scenarios"]
        return found
    changes: dict[str, list[tuple[int, Any]]] = {}
    for index, change in enumerate(draft.tables["changes"]):
        changes.setdefault(change.scenario, []).append((index, change))
    targets = Targets(draft)
    found = {name: _Scenario(draft, targets, rows) for name, rows in changes.items()}
    draft.memo["scenarios"] = found
    return found
