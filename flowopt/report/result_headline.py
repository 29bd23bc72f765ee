"""Headline of any stored result of one plan, for its page and its pictures."""

from __future__ import annotations

from flowopt.report.evaluation_headline import evaluation_headline
from flowopt.report.headline import Headline, plan_headline
from flowopt.report.result_reader import StoredResult
from flowopt.report.units import Units


def headline_of(result: StoredResult) -> Headline:
    """Return the headline of a plan of `solve`, or of one that was made by hand."""
    units = Units(result.network, result.certificate.objective, result.certificate.of)
    if by_hand(result) and result.beside:
        return evaluation_headline(result.summary, units, result.beside)
    return plan_headline(result.summary, units)


def by_hand(result: StoredResult) -> bool:
    """Return whether a plan was made by hand."""
    return result.certificate.result == "evaluation"
