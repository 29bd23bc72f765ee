"""Validation of a network: all errors that the format forbids, and all warnings."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from flowopt.errors import InputError, Problem
from flowopt.network import schema
from flowopt.network.checks.change_rows import change_warnings, scenario_row_errors
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.earnings import earning_errors
from flowopt.network.checks.effect_errors import effect_errors
from flowopt.network.checks.grown import grown
from flowopt.network.checks.mass_gain import gain_errors
from flowopt.network.checks.ranges import range_errors, range_warnings
from flowopt.network.checks.reachability import Reachability
from flowopt.network.checks.references import reference_errors
from flowopt.network.checks.rules import reform_errors, rule_errors
from flowopt.network.checks.scenarios import Check, scenario_faults, scenario_warnings
from flowopt.network.checks.sites import pool_errors, recipe_errors
from flowopt.network.checks.time_rows import time_errors
from flowopt.network.checks.time_targets import opening_errors, trend_errors
from flowopt.network.checks.time_warnings import time_warnings
from flowopt.network.checks.warnings import warnings
from flowopt.network.tables import Tables, TablesT

_MOST = 100_000  # problems of one kind of check that are reported
_CYCLE_TABLES = ("arcs", "recipes", "sites")
# Checks that other numbers can fail, with the tables whose numbers they look at.
_OF_SCENARIOS: dict[Check, frozenset[str]] = {
    recipe_errors: frozenset({"recipes"}),
    pool_errors: frozenset({"sites", "demands"}),
    effect_errors: frozenset(
        {"arcs", "nodes", "supplies", "sites", "demands", "effects", "reforms"}
    ),
    gain_errors: frozenset({"arcs", "recipes"}),
}


def checked(network: TablesT) -> TablesT:
    """Return the network with its warnings, if it keeps to the format.

    Raises
    ------
    InputError
        With every error found; rows are counted as if the tables were files.
    """
    errors, oddities = find_problems(network)
    if errors:
        raise InputError(errors)
    return add_warnings(dataclasses.replace(network, warnings=()), oddities)


def add_warnings(network: TablesT, found: Iterable[Problem]) -> TablesT:
    """Return the network with more warnings, as a later, slower check may find them."""
    lines = dict.fromkeys((*network.warnings, *map(str, found)))
    return dataclasses.replace(network, warnings=tuple(lines))


def find_problems(
    network: Tables,
    row_numbers: Mapping[str, Sequence[int]] | None = None,
    *,
    files: Mapping[str, str] | None = None,
) -> tuple[list[Problem], list[Problem]]:
    """Return the errors and the warnings of a network, each sorted by place.

    Parameters
    ----------
    network
        A network, checked or not.
    row_numbers
        Row numbers by table as an editor shows them; without, the header is row 1.
    files
        Name of a table in messages; without, ``<table>.csv``.

    Returns
    -------
    errors, warnings : lists of Problem
        Breaches of the format, and oddities. Warnings are sought only where there are no errors,
        because one mistake makes much else look odd.
    """
    draft = Draft(network.tables(), row_numbers or {}, files or {})
    errors = list(_misplaced_rows(network, draft)) or find_errors(draft)
    oddities = [] if errors else _oddities(network, draft)
    return sorted(errors, key=_place), sorted(oddities, key=_place)


def with_warnings(network: TablesT, draft: Draft, known: Iterable[Problem] = ()) -> TablesT:
    """Return a network that has passed the checks with its warnings, `known` ones among them."""
    return add_warnings(network, sorted([*known, *_oddities(network, draft)], key=_place))


def _place(problem: Problem) -> tuple[str, int, str]:
    return problem.place


def find_errors(draft: Draft) -> list[Problem]:
    """Return all errors among the rows of a draft."""
    errors = [
        problem
        for check in (
            reference_errors,
            recipe_errors,
            pool_errors,
            effect_errors,
            rule_errors,
            reform_errors,
            earning_errors,
            scenario_row_errors,
            range_errors,
            time_errors,
            opening_errors,
            trend_errors,
        )
        for problem in islice(check(draft), _MOST)
    ]
    faulty = {problem.file for problem in errors}
    if all(draft.all_whole(t) and draft.file(t) not in faulty for t in _CYCLE_TABLES):
        errors.extend(gain_errors(draft))
    if not errors and all(map(draft.all_whole, schema.TABLES)):
        errors.extend(islice(scenario_faults(draft, _OF_SCENARIOS), _MOST))
    return errors


def _oddities(network: Tables, draft: Draft) -> list[Problem]:
    """Return all oddities of a network that has passed the checks, with those of its scenarios."""
    reach = Reachability(grown(network))
    own = list(warnings(reach, draft))

    def of_scenario(other: Draft) -> Iterator[Problem]:
        same = dataclasses.replace(network, **other.tables)  # type: ignore[arg-type]  # each its table
        return warnings(Reachability(grown(same)), other)

    return [
        *own,
        *change_warnings(draft),
        *range_warnings(draft),
        *time_warnings(network, draft, reach),
        *scenario_warnings(draft, own, of_scenario),
    ]


def _misplaced_rows(network: Tables, draft: Draft) -> Iterable[Problem]:
    """Yield rows that belong to another table, which only a program can hand over."""
    for table, row in schema.TABLES.items():
        for index, each in enumerate(draft.tables[table]):
            if type(each) is not row:
                message = f"a {type(each).__name__} stands where a {row.__name__} belongs"
                yield draft.problem(table, index, None, message)
    if type(network.info) is not schema.Info:
        message = f"a {type(network.info).__name__} stands where a schema.Info belongs"
        yield Problem("network.toml", None, None, message)
