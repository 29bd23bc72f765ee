"""Re-check of a comparison: every row by arithmetic, and its tables against one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from flowopt.errors import InputError
from flowopt.network.chances import may_fail
from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import Residual, residual_network
from flowopt.planning.recheck.certificate_reader import CERTIFICATE, kind_of, summary_of
from flowopt.planning.recheck.frontier_certificate_reader import (
    RESULT,
    FrontierCertificate,
    read_frontier_certificate,
)
from flowopt.planning.recheck.frontier_options import check_frontier_options
from flowopt.planning.recheck.frontier_rows import SweepContext, check_sweep
from flowopt.planning.recheck.frontier_summary import (
    check_frontier_summary,
    unchecked_frontier_keys,
)
from flowopt.planning.recheck.frontier_tables import check_tables
from flowopt.planning.recheck.json_values import MalformedError, read_json
from flowopt.planning.recheck.part_checks import check_counted, counting
from flowopt.planning.recheck.result_networks import network_files, networks_at_hand
from flowopt.planning.recheck.verdict import Check, Comparison, Verdict, unreadable
from flowopt.result_names import SUMMARY


def is_frontier(folder: Path) -> bool:
    """Return whether a folder holds a comparison, by its certificate or else by its summary."""
    if kind_of(folder) == RESULT:
        return True
    try:
        return "frontiers" in read_json(folder / SUMMARY)
    except MalformedError:
        return False


def verify_frontier(folder: Path, networks: Sequence[Network]) -> Verdict:
    """Re-check a comparison.

    Parameters
    ----------
    folder
        A folder that ``flowopt compare --out`` wrote.
    networks
        Other copies of networks that it is about, to compare with those in the folder; needed
        where the folder holds none.
    """
    try:
        certificate = read_frontier_certificate(folder / CERTIFICATE)
        summary = summary_of(folder)
        held = networks_at_hand(folder, ()) if network_files(folder) or not networks else []
    except (MalformedError, InputError) as error:
        about = ", ".join(network.info.id for network in networks)
        return unreadable(folder, about, str(error))
    names = dict.fromkeys(network.info.id for network in [*held, *networks])
    return Verdict(
        result=str(folder),
        network=", ".join(names),
        checks=tuple(_checks(folder, certificate, summary, held, networks)),
        claims=tuple(_claims(certificate, summary, [*networks, *held])),
    )


def _checks(
    folder: Path,
    certificate: FrontierCertificate,
    summary: Mapping[str, Any],
    held: Sequence[Network],
    copies: Sequence[Network],
) -> Iterator[Check]:
    about = _check_networks(certificate, held, copies)
    yield about
    if not about.passed:
        return  # the rest would only list how networks differ
    yield check_frontier_options(certificate)
    sweeps = sweeps_of(certificate, [*copies, *held])
    if certificate.of is not None:
        yield check_counted(
            [(each.network, each.stated.objective) for each in sweeps], certificate.of
        )
    for sweep in sweeps:
        yield from check_sweep(sweep)
    yield from check_tables(folder, sweeps)
    yield check_frontier_summary(certificate, sweeps, summary)


def sweeps_of(certificate: FrontierCertificate, networks: Iterable[Network]) -> list[SweepContext]:
    """Return the context of each sweep; residual networks are worked out once per plan.

    Those whose network is not at hand are left out.
    """
    by_id = {network.info.id: network for network in networks}
    sweeps: list[SweepContext] = []
    left: dict[str, dict[tuple[str, ...], Residual]] = {}
    for stated in certificate.frontiers:
        if stated.network not in by_id:
            continue
        network = by_id[stated.network]
        if certificate.of is not None:
            network = counting(network, certificate.of)
        known = left.setdefault(stated.network, {})
        for proof in stated.proofs:
            if proof.measures not in known:
                known[proof.measures] = residual_network(network, proof.measures)
        sweeps.append(SweepContext(network, certificate, stated, known))
    return sweeps


def _check_networks(
    certificate: FrontierCertificate, held: Sequence[Network], copies: Iterable[Network]
) -> Check:
    """Check that the networks in the folder, and those given, are those of the certificate."""
    check = Comparison("the networks are those of the result")
    pairs = [(each.network, each.objective) for each in certificate.frontiers]
    check.equal("how many networks and objectives stand twice", len(pairs) - len(set(pairs)), 0)
    hashes: dict[str, str] = {}
    for each in certificate.frontiers:
        hashes.setdefault(each.network, each.input_sha256)
        check.equal(f"the hash of {each.network}", each.input_sha256, hashes[each.network])
        check.note(f"{each.network}, {each.objective}, sha256 {each.input_sha256[:12]}...")
    tied = "bilevel" in [each.objective for each in certificate.frontiers]
    check.equal("that ties are settled", certificate.ties is not None, tied)
    if held:
        check.equal("the networks in it", [n.info.id for n in held], list(hashes))
    for network in held:
        check.equal(
            f"the hash of {network.info.id} in it", network.sha256, hashes.get(network.info.id)
        )
    seen = {network.info.id for network in held}
    for network in copies:
        name = network.info.id
        seen.add(name)
        check.equal(f"that it is about {name}", name in hashes, True)
        if name in hashes:
            check.equal(f"the hash of {name} as given", network.sha256, hashes[name])
    for name in hashes:
        check.equal(f"that {name} is at hand", name in seen, True)
    for network in (*held, *copies):
        label = f"that measures of {network.info.id} may fail"
        check.equal(label, may_fail(network), False)
    return check.check()


def _claims(
    certificate: FrontierCertificate, summary: Mapping[str, Any], networks: Iterable[Network]
) -> Iterator[str]:
    """Yield the claims of the result that no check confirms."""
    sweeps = sweeps_of(certificate, networks)
    claimed = f"{certificate.solver['name']} {certificate.solver['version']} says so"
    tried = "--enumerate proves it for up to 20 measures"
    for sweep in sweeps:
        many = len(sweep.stated.planned)
        if not many:
            continue
        yield (
            f"{sweep.name}: no plan brings the objective below the bounds of {many} rows: "
            f"{claimed}; {tried}"
        )
        if certificate.budgets == "all":
            yield (
                f"{sweep.name}: no cheaper plan does the same where step is proved, and complete "
                f"says whether a change may be missing: {claimed}; {tried}"
            )
        if not sweep.stated.crossed:
            yield f"{sweep.name}: there was no time for its rows of plans.csv"
    yield "no other ladder loses less, and within a step this order buys most first: by search only"
    yield "among flows of a row's value the one shown costs least (that it can be is proved)"
    others = list(unchecked_frontier_keys(certificate, sweeps, summary))
    if others:
        yield f"{', '.join(others)} in summary.json, and seconds in frontier.csv, stand as written"
