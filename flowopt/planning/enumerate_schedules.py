"""Proof by enumeration that no other schedule does better: for small networks, with a solver."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.planning.every_schedule import Schedules, check_places
from flowopt.planning.recheck import period_alternatives
from flowopt.planning.recheck.json_values import MalformedError
from flowopt.planning.recheck.period_context import about_of
from flowopt.planning.recheck.period_reader import read_time_certificate
from flowopt.planning.recheck.stated_over_time import TimeCertificate
from flowopt.planning.recheck.table_checks import read_table
from flowopt.planning.recheck.verdict import VALUES, Check, Comparison

NAME = "every other schedule was tried, each valued by the trafficker's programme"


def prove_schedule(folder: Path, network: Network) -> Check:
    """Try every schedule that keeps the conditions of a result, and compare with its claim.

    Parameters
    ----------
    folder
        What ``flowopt solve`` wrote with ``--out`` for a network with periods.
    network
        The network that the result is about.

    Returns
    -------
    Check
        Passed when no schedule does better than the bound that the result claims, and no
        alternative is missing; it says whether one does better than the schedule.

    Raises
    ------
    RequestError
        When the network has more than 20 measures times periods, or the result has no schedule to
        prove.
    """
    check_places(network)
    check = Comparison(NAME, VALUES)
    try:
        certificate = read_time_certificate(folder / "certificate.json")
    except MalformedError as error:
        check.fault(str(error))
        return check.check()
    if certificate.result != "schedule" or certificate.claim is None:
        raise RequestError(
            "--enumerate is for results of `flowopt solve` and `compare`; this one has no best "
            "schedule"
        )
    if missing := _unknown(network, certificate):
        check.fault(f"the network has no {', '.join(missing)}")
        return check.check()
    schedules = Schedules(network, certificate)
    if certificate.target is not None:
        _compare_cheapest(schedules, certificate, certificate.target, check)
        return check.check()
    _compare_best(schedules, certificate, check)
    if (folder / period_alternatives.FILE).exists():
        _compare_alternatives(folder, schedules, certificate, check)
    return check.check()


def _unknown(network: Network, certificate: TimeCertificate) -> list[str]:
    """Return the measures, periods and resources that a request names and the network lacks."""
    measures = {row.measure for row in network.measures}
    periods = {row.period for row in network.periods}
    words = [*certificate.include, *certificate.exclude]
    parts = [(word, "") if word in measures else word.rpartition("@")[::2] for word in words]
    named = {m for m, _ in parts} - measures | {p for _, p in parts if p} - periods
    resources = {row.resource for row in network.resources}
    return sorted(named | certificate.resources.keys() - resources)


def _compare_best(schedules: Schedules, certificate: TimeCertificate, check: Comparison) -> None:
    """Compare the best value with the result's value and bound."""
    claim, after = certificate.claim, certificate.after
    best, winner, tried = schedules.best(schedules.masks)
    check.note(f"{len(schedules.masks)} schedules keep the conditions, {tried} were valued")
    if after is None or claim is None or claim.bound is None:
        if claim is not None and claim.status == "infeasible":
            check.equal("the number of schedules", tried, 0)
        return
    value, floor = after.open.value, VALUES * abs(certificate.before.open.value)
    check.at_most("the bound", claim.bound, best, floor=floor)
    if value <= best + max(floor, VALUES * abs(best)):
        check.note(f"none does better than {value:.10g}")
    else:
        check.note(f"{'; '.join(schedules.labels(winner))} does better: {best:.10g}")


def _compare_cheapest(
    schedules: Schedules, certificate: TimeCertificate, target: float, check: Comparison
) -> None:
    """Compare the least cost of a schedule that reaches the target with the result's."""
    worst = target + 1e-7 * abs(certificate.before.open.value)  # what the search takes for equal
    claim = certificate.claim
    order = np.argsort(schedules.spent, kind="stable").tolist()
    tried, least = 0, None
    for place in order:
        tried += 1
        if schedules.value(int(schedules.masks[place])) <= worst:
            least = float(schedules.spent[place])
            break
    check.note(f"{len(order)} schedules keep the conditions, {tried} were valued, cheapest first")
    if least is None:
        check.equal("that there is a schedule", certificate.after is not None, False)
    elif claim is not None and claim.status == "infeasible":
        check.fault(f"a schedule that costs {least:.10g} reaches the target")
    elif claim is not None and claim.cost_bound is not None:
        check.at_most("the bound on the cost", claim.cost_bound, least, floor=VALUES)
        check.note(f"the cheapest that reaches the target costs {least:.10g}")


def _compare_alternatives(
    folder: Path, schedules: Schedules, certificate: TimeCertificate, check: Comparison
) -> None:
    """Compare each alternative with the best schedule that holds no earlier one whole."""
    rows = read_table(
        folder / period_alternatives.FILE, period_alternatives.COLUMNS, check, about_of(certificate)
    )
    floor = VALUES * abs(certificate.before.open.value)
    left = schedules.masks
    for rank, cells in enumerate(rows, start=1):
        try:
            value, bound = float(cells[1]), float(cells[2])
            mask = schedules.mask(filter(None, cells[6].split(";")))
        except (ValueError, KeyError):
            check.fault(f"alternative {rank} has no number, or measures that the network lacks")
            return
        best, winner, _ = schedules.best(left)
        true = schedules.value(mask)
        check.equal(f"that alternative {rank} is one", bool((left == mask).any()), True)
        check.close(f"the value of alternative {rank}", value, true)
        if bound > best + max(floor, VALUES * abs(best)):
            missing = ";".join(schedules.labels(winner)) or "the schedule without measures"
            check.fault(
                f"alternative {rank} is {bound:.10g} at best, but {missing} is missing, which "
                f"comes to {best:.10g}"
            )
        left = schedules.without_all_of(left, mask)
