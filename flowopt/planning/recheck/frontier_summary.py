"""Checks of `summary.json` of a comparison, from its certificate and networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flowopt.planning.recheck.frontier_certificate_reader import FrontierCertificate
from flowopt.planning.recheck.frontier_roles import Roles, complete, knees, most_regret
from flowopt.planning.recheck.frontier_rows import SweepContext
from flowopt.planning.recheck.summary_checks import Expected, compare_value
from flowopt.planning.recheck.verdict import Check, Comparison
from flowopt.result_names import FORMAT

_UNCHECKED = ("flowopt", "seconds")
_UNCHECKED_OF_SWEEP = ("warnings",)


def check_frontier_summary(
    certificate: FrontierCertificate, sweeps: Sequence[SweepContext], summary: Mapping[str, Any]
) -> Check:
    """Compare every number and name of `summary.json` with the certificate."""
    check = Comparison("summary.json agrees with the certificate")
    entries = _of_all(certificate, sweeps)
    _compare(check, summary, entries, _UNCHECKED)
    if certificate.limit in ("time", "nodes"):
        proved = all(
            complete(sweep) is not False
            and all(row.status in ("optimal", "infeasible") for row in sweep.stated.rows)
            for sweep in sweeps
        )
        check.equal("that all is proved, where something stopped it,", proved, False)
    stated = summary.get("frontiers")
    if not isinstance(stated, list) or len(stated) != len(sweeps):
        check.fault(f"frontiers is no list of {len(sweeps)} objects")
        return check.check()
    for number, (sweep, part) in enumerate(zip(sweeps, stated, strict=True), start=1):
        check.about = f"frontiers: {number}: "
        if isinstance(part, dict):
            _compare(check, part, _of_sweep(sweep), _UNCHECKED_OF_SWEEP)
        else:
            check.fault("it is no object with names")
    return check.check()


def unchecked_frontier_keys(
    certificate: FrontierCertificate, sweeps: Sequence[SweepContext], summary: Mapping[str, Any]
) -> Iterator[str]:
    """Yield the keys of `summary.json` that nothing is compared with."""
    known = {*_of_all(certificate, sweeps), "frontiers"}
    yield from (key for key in summary if key not in known)
    parts = summary.get("frontiers")
    keys = dict.fromkeys(
        key
        for sweep, part in zip(sweeps, parts if isinstance(parts, list) else [], strict=False)
        if isinstance(part, dict)
        for key in part
        if key not in _of_sweep(sweep)
    )
    yield from keys


def _compare(
    check: Comparison, stated: Mapping[str, Any], entries: Expected, others: Sequence[str]
) -> None:
    for key in (*entries, *others):
        if key not in stated:
            check.fault(f"{key} is missing")
    for key, (expected, side) in entries.items():
        if key in stated:
            compare_value(check, key, stated[key], expected, side)


def _of_all(certificate: FrontierCertificate, sweeps: Sequence[SweepContext]) -> Expected:
    budgets = certificate.budgets
    rows = [row for sweep in sweeps for row in sweep.stated.rows]
    return {
        "format": (FORMAT, 0.0),
        "budgets": (budgets if budgets == "all" else list(budgets), 0.0),
        "resources": (dict(certificate.resources), 0.0),
        "include": (list(certificate.include), 0.0),
        "exclude": (list(certificate.exclude), 0.0),
        "allowed_gap": (certificate.gap, 0.0),
        **({} if certificate.ties is None else {"ties": (certificate.ties, 0.0)}),
        **({} if certificate.of is None else {"of": (certificate.of, 0.0)}),
        "time_limit": (certificate.time_limit, 0.0),
        "limit": (certificate.limit, 0.0),
        "rows": (len(rows), 0.0),
        "proved": (sum(row.status == "optimal" for row in rows), 0.0),
        "options": (dict(certificate.options), 0.0),
        "solver": (dict(certificate.solver), 0.0),
    }


def _of_sweep(sweep: SweepContext) -> Expected:
    stated = sweep.stated
    roles = Roles(sweep)
    names = [measure.measure for measure in sweep.network.measures]
    part = {name: roles.of(name) for name in names}
    budgets = [row.budget for row, _ in stated.planned]
    switches = {
        name: [b for b, held in zip(budgets, roles.chosen(name), strict=True) if held]
        for name in names
        if part[name] == "switch"
    }
    lost = most_regret(sweep)
    scenario = sweep.network.info.scenario
    return {
        **({"scenario": (scenario, 0.0)} if scenario else {}),
        "network": (stated.network, 0.0),
        "input_sha256": (stated.input_sha256, 0.0),
        "objective": (stated.objective, 0.0),
        "baseline": (stated.baseline, 0.0),
        "rows": (len(stated.rows), 0.0),
        "proved": (sum(row.status == "optimal" for row in stated.rows), 0.0),
        "complete": (complete(sweep), 0.0),
        "core": ([name for name in names if part[name] == "core"], 0.0),
        "stays": ([name for name in names if part[name] == "stays"], 0.0),
        "switches": (switches, 0.0),
        "knees": (knees(sweep), 0.0),
        "most_regret": (None if lost is None else lost.value, 0.0 if lost is None else lost.side),
    }
