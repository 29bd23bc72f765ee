"""Checks of a result about a part of the markets.

Only the deliveries to the part have a weight then, and every value is proved with these weights.
What arrives there when all markets are served is proved like a response of `bilevel`, for a
trafficker who is paid the weight of every tonne, wherever it goes, and pays nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from flowopt.network.network import Network
from flowopt.network.schema import Demand, Node
from flowopt.planning.recheck.arithmetic import Residual, residual_network
from flowopt.planning.recheck.certificate_reader import Certificate, StatedProof
from flowopt.planning.recheck.proof_checks import ProofChecks
from flowopt.planning.recheck.verdict import Check, Comparison

_RULES = {"least": "optimistic", "most": "pessimistic"}  # for ties, that come to each end
_SAME = 2e-7  # of the baseline: tonnes closer than this are equal to a planner


def counting(network: Network, of: str) -> Network:
    """Return a network in which only the deliveries of a part of the markets have a weight."""
    nodes = {row.node: row for row in network.nodes}
    kind, _, key = of.partition(":")
    return replace(
        network,
        demands=tuple(
            row if _labels(row, nodes).get(kind) == key else replace(row, weight=0.0)
            for row in network.demands
        ),
    )


def _labels(row: Demand, nodes: Mapping[str, Node]) -> dict[str, str]:
    """Return what a demand belongs to, by kind of part."""
    node = nodes[row.node]
    labels = {"continent": node.continent, "country": node.country}
    return {**labels, "market": row.node, "commodity": row.commodity}


def check_part(network: Network, certificate: Certificate, of: str) -> Iterator[Check]:
    """Check that the part is there, and what arrives at it when all markets are served."""
    counted = counting(network, of)
    check = Comparison("the part of the markets is there, and what it gets fits the value")
    _check_counted(counted, certificate.objective, of, check)
    looked = certificate.objective == "flow" and certificate.claim is not None
    wanted = _plans(certificate) if looked else {}
    check.equal("what else is served", sorted(certificate.served.keys() - wanted.keys()), [])
    for when in wanted.keys() - certificate.served.keys():
        check.note(f"what arrives {when} the plan when all are served was not looked at")
    values = {"before": certificate.baseline, "after": certificate.value}
    nothing = _SAME * (certificate.baseline or 0.0)
    for when, proofs in certificate.served.items():
        least, most = proofs["least"], proofs["most"]
        check.at_most(f"the least {when} the plan", least.value, most.value, floor=nothing)
        check.at_most(f"the most {when} the plan", most.value, values[when] or 0.0, floor=nothing)
        for proof in (least, most):
            check.equal("the plan of what is served", proof.measures, wanted.get(when))
    yield check.check()
    for end, ties in _RULES.items():
        yield from _proofs(network, counted, certificate, end, ties)


def check_counted(sweeps: Iterable[tuple[Network, str]], of: str) -> Check:
    """Check that the part is there in each network of a comparison, and for each objective.

    The networks are those in which nothing else counts.
    """
    check = Comparison("the part of the markets is there")
    for counted, objective in sweeps:
        _check_counted(counted, objective, of, check)
    return check.check()


def _check_counted(counted: Network, objective: str, of: str, check: Comparison) -> None:
    counts = any(row.weight > 0.0 for row in counted.demands)
    check.equal(f"that {of} has a demand that counts", counts, True)
    if objective == "profit":
        check.fault("no profit is made at a part of the markets alone")


def _plans(certificate: Certificate) -> dict[str, tuple[str, ...]]:
    """Return the plans under which all markets may be served."""
    after = {} if certificate.after is None else {"after": certificate.plan}
    return {"before": (), **after}


def _proofs(
    network: Network, counted: Network, certificate: Certificate, end: str, ties: str
) -> Iterator[Check]:
    """Check the proofs of one end of the ranges."""
    stated = {when: proofs[end] for when, proofs in certificate.served.items()}
    if not stated:
        return
    subject = f"with all markets served, {end} at the part,"
    checks = ProofChecks("bilevel", ties, subject, stated.get("before"), gain="total")
    for when, proof in stated.items():
        checks.add(_paid_by_weight(network, counted, proof), proof, f"{when}: ")
    yield from checks.checks()


def _paid_by_weight(network: Network, counted: Network, stated: StatedProof) -> Residual:
    """Return what a plan leaves to a trafficker who is paid the weight of every tonne."""
    plan: Iterable[str] = stated.measures
    left = residual_network(counted, plan)
    everywhere = residual_network(network, plan).activities
    return replace(
        left,
        activities={
            names: replace(activity, price=everywhere[names].weight, cost=0.0)
            for names, activity in left.activities.items()
        },
    )
