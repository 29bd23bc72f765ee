"""Proofs of a year of each period, read from the certificate of a result over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowopt.network.network import Network
from flowopt.planning.recheck.certificate_reader import StatedProof, stated_proof
from flowopt.planning.recheck.json_values import MalformedError

Proofs = Mapping[str, StatedProof]


def stated_periods(
    raw: Any, network: Network, at: Sequence[str | int], *, tied: bool
) -> dict[str, StatedProof]:
    """Return the proofs of a response, by period.

    Parameters
    ----------
    raw
        The certificate.
    network
        The network with the periods.
    at
        Where the response stands in it.
    tied
        Whether each has a second set of prices.

    Raises
    ------
    MalformedError
        When one is missing or is none.
    """
    where = "certificate.json"
    for key in at:
        try:
            raw = raw[key]
        except (KeyError, IndexError, TypeError) as error:
            raise MalformedError(f"{where}: {key} is missing") from error
        where = f"{where}: {key}"
    periods = raw.get("periods") if isinstance(raw, dict) else None
    if not isinstance(periods, dict) or set(periods) != {row.period for row in network.periods}:
        raise MalformedError(f"{where}: periods are others than those of the network")
    return {
        row.period: stated_proof(periods[row.period], f"{where}: periods: {row.period}", tied=tied)
        for row in network.periods
    }
