"""No number and no cell of a result can be changed unseen, class by class.

Numbers and cells of one class are alike: of each class some are changed, other ones in each result.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from flowopt.network.network import Network
from flowopt.planning import verify as verifying
from flowopt.planning.recheck import (
    alternative_checks,
    arithmetic,
    comparison_checks,
    json_values,
    marginal_checks,
    organisation_checks,
    part_checks,
    summary_checks,
    table_checks,
)
from flowopt.planning.recheck import certificate_reader as reading
from flowopt.planning.recheck.arithmetic import Residual, residual_network
from flowopt.planning.recheck.certificate_reader import Certificate, StatedProof, read_certificate
from flowopt.planning.recheck.json_values import MalformedError
from flowopt.planning.recheck.proof_checks import ProofChecks
from flowopt.planning.recheck.table_checks import compare_table
from flowopt.planning.recheck.verdict import Check
from flowopt.planning.verify import verify
from tests.draws import draws
from tests.planning.tampering import numbers, overwrite, rewrite, rows_of, some, with_leaf
from tests.planning.verify_results import ASKED, CERTIFICATE, RESPONSE_TABLES, RICH, SUMMARY, TABLES

# Of each class so many are changed in one result; fewer where the proofs of many plans are alike.
FEW, FEWER = draws(2), draws(1)
WHOLE = 29  # of so many changes one goes through the whole of `verify`


def number_class(path: tuple[Any, ...]) -> str:
    """Return a path without the ids and row numbers in it."""
    kept = [str(key) for key in path if isinstance(key, str)]
    if kept[0] in ("dropped", "next"):
        kept[1] = "*"
    return ".".join(kept)


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> dict[Path, Any]:
    """Do once what a change elsewhere leaves as it was; return JSON to read instead of files.

    That is: what a plan leaves of a network, the reading of a proof, the weighing of a sound one.
    """
    known = cache(arithmetic.residual_network)
    for module in (
        verifying,
        alternative_checks,
        arithmetic,
        comparison_checks,
        summary_checks,
        marginal_checks,
        part_checks,
    ):
        assert module.residual_network is residual_network
        monkeypatch.setattr(
            module, "residual_network", lambda network, plan: known(network, tuple(plan))
        )
    sound: dict[tuple[Any, ...], StatedProof] = {}
    really = ProofChecks.add

    def weigh(self: ProofChecks, left: Residual, stated: StatedProof, about: str = "") -> None:
        key = (id(left), stated.measures, self._objective, self._sign, about)
        if sound.get(key) != stated:
            really(self, left, stated, about)
            if all(check.passed for check in self.checks()):
                sound[key] = stated

    instead: dict[Path, Any] = {}
    proofs: dict[tuple[Any, ...], tuple[Any, StatedProof]] = {}
    from_file, from_json = json_values.read_json, reading.stated_proof

    def proof(raw: Any, where: str, **kind: Any) -> StatedProof:
        key = (id(raw), where, *map(str, kind.items()))
        if key not in proofs:
            proofs[key] = (raw, from_json(raw, where, **kind))  # kept, so that no other gets its id
        return proofs[key][1]

    monkeypatch.setattr(ProofChecks, "add", weigh)
    monkeypatch.setattr(reading, "stated_proof", proof)
    monkeypatch.setattr(
        reading, "read_json", lambda path: instead[path] if path in instead else from_file(path)
    )
    return instead


def named(check: Check) -> str:
    return check.name


def unseen(
    folder: Path, network: Network, name: str, instead: dict[Path, Any], turn: int
) -> dict[str, list[Any]]:
    """Change the numbers of a JSON file in turn; return those whose change is not seen.

    The checks are made up to the first that fails. Of every `WHOLE` changes one is written to the
    file and goes through the whole of `verify`, which makes all checks whatever fails.
    """

    def checks() -> Iterable[Check]:
        try:
            certificate = read_certificate(folder / CERTIFICATE)
            stated = json_values.read_json(folder / SUMMARY)
        except MalformedError as error:
            return [Check("the result can be read", False, "", (str(error),))]
        return verifying._checks(folder, network, certificate, stated)

    def is_seen(changed: Any, whole: bool) -> bool:
        if not whole:
            instead[folder / name] = changed
            return not all(check.passed for check in checks())
        instead.clear()
        overwrite(folder / name, json.dumps(changed).encode())
        return not verify(folder, network).passed

    assert list(map(named, checks())) == list(map(named, verify(folder, network).checks))[1:]
    count = itertools.count()
    raw = json.loads((folder / name).read_text())
    classes: dict[str, list[tuple[tuple[Any, ...], float]]] = {}
    for path, value in numbers(raw):
        if value != 0.0 and path[0] != "seconds":
            classes.setdefault(number_class(path), []).append((path, value))
    found: dict[str, list[Any]] = {}
    for kind, places in classes.items():
        many = kind.startswith(("dropped", "next", "alternatives", "compared"))
        found[kind] = []
        for path, value in changes(places, FEWER if many else FEW, turn):
            changed = with_leaf(raw, path, value)
            if not is_seen(changed, whole=next(count) % WHOLE == 0):
                found[kind].append(path)
    return found


def changes(
    places: list[tuple[tuple[Any, ...], float]], most: int, turn: int
) -> list[tuple[tuple[Any, ...], float]]:
    """Return other numbers for some places of a class: more for one, less for the next."""
    chosen = some(places, most, turn)
    ways = [
        (path, value * (1.01, 0.99)[(turn + k + way) % 2])
        for way in (0, 1)
        for k, (path, value) in enumerate(chosen)
    ]
    return ways[:most]


@pytest.mark.slow
@pytest.mark.sampled
@pytest.mark.parametrize("file", [SUMMARY, CERTIFICATE])
@pytest.mark.parametrize("name", ASKED)
def test_no_number_in_json_changes_unseen(
    name: str,
    file: str,
    copied: Callable[[str], tuple[Path, Network]],
    remembered: dict[Path, Any],
) -> None:
    folder, network = copied(name)
    found = unseen(folder, network, file, remembered, [*ASKED].index(name))
    assert found
    assert {kind: paths for kind, paths in found.items() if paths} == {}


def test_every_class_of_number_was_changed(made: Callable[[str], Path]) -> None:
    classes = set()
    for name in RICH:
        raw = json.loads((made(name) / CERTIFICATE).read_text())
        classes |= {number_class(path) for path, value in numbers(raw) if value}
    sides = [f"primal.{k}" for k in ("ship", "run", "supply", "deliver")]
    priced = ("goods", "arc", "node", "site", "pool", "supply", "demand")
    sides += [f"dual.{k}" for k in priced]
    kept = [side for side in sides if side != "dual.pool"]
    sides += ["rate", *(f"tie.{k}" for k in priced)]
    assert classes == {
        "certificate", "budget", "target", "resources.teams", "value", "baseline", "claim.bound",
        "claim.cost_bound", "claim.threads",
        *(
            f"{proof}.{number}"
            for proof in ("before", "after", "dropped.*", "next.*", "alternatives")
            for number in ("value", *sides)
        ),
        *(f"options.{name}" for name in ("budget", "target", "resource.teams", "alternatives")),
        *(f"options.{name}" for name in ("within", "time_limit", "gap", "threads")),
        "compared.bound",
        *(f"compared.after.{number}" for number in ("value", *sides)),
        *(f"compared.kept.{number}" for number in ("value", *kept)),
    }  # fmt: skip


def checks_of_tables(
    folder: Path, network: Network, certificate: Certificate
) -> dict[str, Callable[[], Iterable[Check]]]:
    """Return the checks of each table, with the rows that it must have worked out once."""
    if certificate.of is not None:
        network = part_checks.counting(network, certificate.of)
    found: dict[str, Callable[[], Iterable[Check]]] = {}

    def compare(path: Path, *expected: Any) -> Check:
        found[path.name] = lambda: [compare_table(path, *expected)]
        return compare_table(path, *expected)

    with pytest.MonkeyPatch.context() as patch:
        for module in (table_checks, organisation_checks, marginal_checks, comparison_checks):
            patch.setattr(module, "compare_table", compare)
        assert all(check.passed for check in verifying._tables(folder, network, certificate))
    listed = partial(alternative_checks.check_alternatives, folder, network, certificate)
    return {**found, alternative_checks.FILE: listed}


def cell_class(column: str, cell: str) -> tuple[str, str]:
    """Return a column, and the kind of thing that stands in a cell of it."""
    try:
        kind = "number" if float(cell) else "zero"
    except ValueError:
        kind = "text" if cell else "blank"
    return column, kind


def cells_of(rows: list[list[str]], turn: int) -> Iterator[tuple[int, int, str]]:
    """Yield row, column and another content of cells: of each class some, in both ways."""
    classes: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for r, row in enumerate(rows[1:], start=1):
        for c, cell in enumerate(row):
            classes.setdefault(cell_class(rows[0][c], cell), []).append((r, c))
    for places in classes.values():
        chosen = some(places, FEW, turn)
        ways = [(r, c, k + way) for way in (0, 1) for k, (r, c) in enumerate(chosen)]
        for r, c, way in ways[:FEW]:
            cell = rows[r][c]
            try:
                other = (repr(float(cell) * 1.01), "")[(turn + way) % 2]
            except ValueError:
                other = (f"{cell}x", "7")[(turn + way) % 2]
            if other not in ("0.0", "-0.0", cell):
                yield r, c, other


@pytest.mark.slow
@pytest.mark.sampled
@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize(
    "name", [name for name in ASKED if name not in ("impossible", "out of reach")]
)
def test_no_cell_of_a_table_changes_unseen(
    name: str, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied(name)
    tables = sorted(folder.glob("*.csv"))
    expected = {*(RESPONSE_TABLES if "response" in name else TABLES)}
    expected |= {"comparison.csv"} if "evaluated" in name else set()
    assert {path.name for path in tables} >= expected
    checks = checks_of_tables(folder, network, read_certificate(folder / CERTIFICATE))
    count = itertools.count()
    for path in tables:
        rows = rows_of(path)
        for r, c, other in cells_of(rows, [*ASKED].index(name)):
            changed = [list(cells) for cells in rows]
            changed[r][c] = other
            rewrite(path, changed)
            seen = not all(check.passed for check in checks[path.name]())
            if next(count) % WHOLE == 0:  # all checks, whatever fails
                seen = not verify(folder, network).passed
            assert seen, f"{path.name} row {r + 1} {rows[0][c]}: {rows[r][c]!r} to {other!r}"
        rewrite(path, rows)
    assert verify(folder, network).passed


def swapped(rows: list[list[str]]) -> list[list[str]]:
    """Return the first two rows of a table in the places of each other, but for their ranks."""
    first, second = list(rows[2]), list(rows[1])
    at = rows[0].index("rank") if "rank" in rows[0] else 0
    first[at], second[at] = "1", "2"
    return [first, second]


@pytest.mark.parametrize(
    "name",
    ["tiny", "tiny, alternatives", "chains, profit", "chains, response", "chains, evaluated"],
)
def test_no_table_loses_gains_or_mixes_rows_unseen(
    name: str, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied(name)
    checks = checks_of_tables(folder, network, read_certificate(folder / CERTIFICATE))
    for path in sorted(folder.glob("*.csv")):
        rows = rows_of(path)
        for changed in (
            rows[:-1],
            [*rows, rows[-1]],
            [rows[0], rows[2], rows[1], *rows[3:]],
            [rows[0], *swapped(rows), *rows[3:]],
            [["x", *rows[0][1:]], *rows[1:]],
            [rows[0][:-1], *(row[:-1] for row in rows[1:])],
            [rows[0], rows[1][:-1], *rows[2:]],
            [],
        ):
            rewrite(path, changed)
            seen = not all(check.passed for check in checks[path.name]())
            assert seen, (path.name, changed)
        assert not verify(folder, network).passed, path.name
        path.unlink()
        assert not verify(folder, network).passed, path.name
        rewrite(path, rows)
