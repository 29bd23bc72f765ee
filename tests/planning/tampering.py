"""One place of a file changed: how the tests of `verify` tamper with what it reads."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from flowopt.network.network import Network
from flowopt.planning.recheck.period_proofs import TimeProofs
from flowopt.planning.recheck.proof_checks import ProofChecks
from flowopt.planning.recheck.verdict import Check, Comparison
from flowopt.planning.verify import verify

Place = tuple[Any, ...]


def leaves(raw: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield (path, value) of everything in JSON that holds nothing else."""
    if isinstance(raw, dict | list) and raw:
        for key, value in raw.items() if isinstance(raw, dict) else enumerate(raw):
            yield from leaves(value, (*path, key))
    else:
        yield path, raw


def numbers(raw: Any) -> Iterator[tuple[Place, float]]:
    """Yield (path, number) of every number in JSON."""
    for path, value in leaves(raw):
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield path, float(value)


def with_leaf(raw: Any, path: Place, value: Any) -> Any:
    """Return JSON with one place changed."""
    key, *rest = path
    changed = dict(raw) if isinstance(raw, dict) else list(raw)
    changed[key] = with_leaf(raw[key], tuple(rest), value) if rest else value
    return changed


def others(value: Any) -> list[Any]:
    """Return what a place may be changed to: near numbers, other texts, nothing."""
    if isinstance(value, bool):
        return [not value, None]
    if isinstance(value, int):
        return [value + 1, None]
    if isinstance(value, float):
        return [value * 1.01, value * 0.99, None] if value else [1.0, None]
    if isinstance(value, str):
        return [f"{value}x", None]
    return [1.0, "x"] if value is None else [["x"], None]


def other_cells(cell: str) -> list[str]:
    """Return what a cell of a table may be changed to."""
    try:
        number = float(cell)
    except ValueError:
        return [f"{cell}x", "7"]
    return [repr(number * 1.01), repr(number * 0.99), ""] if number else ["1", ""]


def some(found: Sequence[Any], most: int | None, turn: int = 0) -> list[Any]:
    """Return all, or up to `most` that lie evenly: other ones at other turns."""
    if most is None or len(found) <= most:
        return list(found)
    first = turn % (len(found) // most)
    return [found[first + len(found) * k // most] for k in range(most)]


def overwrite(path: Path, content: bytes) -> None:
    """Write a file in the place of another, which a disk need not see through first."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)


class _Faulty(Exception):
    """A check has a fault."""


def refused(folder: Path, network: Network | None = None) -> bool:
    """Return whether `verify` finds a fault; checks after the first that has one are left out."""

    def stopping(comparison: Comparison) -> Check:
        check = finished(comparison)
        if not check.passed:
            raise _Faulty
        return check

    finished = Comparison.check
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Comparison, "check", stopping)
        try:
            return not verify(folder, network).passed
        except _Faulty:
            return True


def leave_out_proofs(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Leave out the proofs, which look at the certificate alone; the rest passes as before."""
    for proofs in (ProofChecks, TimeProofs):
        patch.setattr(proofs, "add", lambda *_: None)
    assert verify(folder).passed


def edit(folder: Path, name: str, *changes: tuple[Place, Any]) -> None:
    """Change places of a JSON file."""
    raw = json.loads((folder / name).read_text(encoding="utf-8"))
    for path, value in changes:
        raw = with_leaf(raw, path, value)
    overwrite(folder / name, json.dumps(raw).encode())


def rows_of(path: Path) -> list[list[str]]:
    """Return a table, its header first."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def table(rows: list[list[str]]) -> bytes:
    """Return the content of a table."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def rewrite(path: Path, rows: list[list[str]]) -> None:
    """Write a table."""
    overwrite(path, table(rows))
