"""Checks of the options on record against the request of a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Literal

from flowopt.planning.recheck.frontier_certificate_reader import FrontierCertificate
from flowopt.planning.recheck.verdict import Check, Comparison

_MOST = 100_000  # budgets of one range


def check_frontier_options(certificate: FrontierCertificate) -> Check:
    """Compare the options with the request and the rows of a certificate."""
    check = Comparison("the options are those of the question")
    options = certificate.options
    objectives = list(dict.fromkeys(each.objective for each in certificate.frontiers))
    check.equal("the budgets", budgets_of(options["budgets"]), certificate.budgets)
    check.equal("the objectives", options["objective"], objectives)
    ties = options["ties"] if "bilevel" in objectives else None
    check.equal("how ties are settled", ties, certificate.ties)
    check.equal("the part of the markets", options.get("of"), certificate.of)
    check.equal("the limits of resources", options["resource"], dict(certificate.resources))
    for name, stated in (("include", certificate.include), ("exclude", certificate.exclude)):
        check.equal(name, options[name], list(stated))
    check.equal("the solver", options["solver"].lower(), certificate.solver["name"])
    check.equal("the time limit", options["time_limit"], certificate.time_limit)
    check.equal("the gap", options["gap"], certificate.gap)
    return check.check()


def budgets_of(text: str) -> tuple[float, ...] | Literal["all"] | None:
    """Return the budgets that a text such as ``0:100:5,7.5`` or ``all`` gives, rising.

    None for a text that gives none.
    """
    if text.strip() == "all":
        return "all"
    try:
        budgets = {budget for word in text.split(",") if word.strip() for budget in _range(word)}
    except (InvalidOperation, ValueError):
        return None
    return tuple(float(budget) for budget in sorted(budgets))


def _range(word: str) -> Iterator[Decimal]:
    first, *rest = (Decimal(part.strip()) for part in word.split(":"))
    if not rest:
        yield first
        return
    last, step = rest
    if not step > 0 or (last - first) / step > _MOST:
        raise ValueError(f"{word} is no range")
    for k in range(int((last - first) / step) + 1):
        yield first + k * step
