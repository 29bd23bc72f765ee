"""No number, name or cell of a comparison can be changed unseen, class by class.

Every file, every column, every kind of place in JSON: of each class some places that lie evenly
are changed one at a time, and `verify` must fail. What it can't see is named in `UNSEEN`, with the
reason. `python -m tests.planning.test_verify_frontier_tamper [N]` changes every place, or N of each
class, and counts.
"""

from __future__ import annotations

import itertools
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from flowopt.network.network import Network
from flowopt.planning.recheck import frontier_certificate_reader, frontier_checks, frontier_tables
from flowopt.planning.recheck.frontier_summary import check_frontier_summary
from flowopt.planning.recheck.json_values import MalformedError, read_json
from flowopt.planning.recheck.result_networks import networks_at_hand
from flowopt.planning.recheck.table_checks import compare_table
from flowopt.planning.recheck.verdict import Check
from flowopt.planning.verify import verify
from tests.draws import draws
from tests.planning.frontiers import ASKED, write
from tests.planning.tampering import (
    Place,
    leaves,
    other_cells,
    others,
    overwrite,
    rewrite,
    rows_of,
    some,
    with_leaf,
)

CERTIFICATE, SUMMARY = "certificate.json", "summary.json"
TABLES = ("displacement", "frontier", "ladder", "markets", "measures", "plans")
# What no arithmetic can tell, by file and class.
UNSEEN = {
    (SUMMARY, "flowopt"): "the version that wrote it: another one may have",
    (SUMMARY, "seconds"): "how long it took",
    (SUMMARY, "seconds.total"): "likewise",
    (SUMMARY, "frontiers.warnings"): "sentences about the network's files, for people",
    ("frontier.csv", "seconds"): "how long a row took; only that it is no negative number",
}


def class_of(path: Place) -> str:
    """Return a path without the numbers of rows; in the rows of a proof, which cell it is."""
    kept = [str(key) for key in path if isinstance(key, str)]
    row = len(path) > 5 and isinstance(path[-1], int) and isinstance(path[-2], int)
    return ".".join([*kept, str(path[-1])] if row else kept)


def places(raw: Any, most: int | None) -> Iterator[tuple[str, Place, Any]]:
    """Yield class, place and value of what is changed in JSON: of each class up to `most`."""
    classes: dict[str, list[tuple[Place, Any]]] = {}
    for path, value in leaves(raw):
        classes.setdefault(class_of(path), []).append((path, value))
    for kind, found in classes.items():
        for path, value in some(found, most):
            yield kind, path, value


class Tamperer:
    """Changes one place of a comparison at a time, and looks at whether `verify` sees it.

    The checks are made up to the first that fails, and of a table only its own. Of every
    `whole` changes one goes to the file and through the whole of `verify`, which makes all checks
    whatever fails.
    """

    def __init__(self, folder: Path, *, most: int | None, whole: int = 29) -> None:
        self.folder, self.most, self._whole = folder, most, whole
        self._count = itertools.count()
        self.tried: Counter[tuple[str, str]] = Counter()
        self.unseen: list[tuple[str, str, Any, Any]] = []
        self._networks = networks_at_hand(folder, ())
        assert verify(folder).passed

    def json(self, name: str) -> None:
        """Change the places of a JSON file."""
        raw = read_json(self.folder / name)
        other_name = CERTIFICATE if name == SUMMARY else SUMMARY
        beside = read_json(self.folder / other_name)
        for kind, path, value in places(raw, self.most):
            if kind.endswith(".rate") and value == 0.0:
                continue  # with another one the proof may hold as well
            for changed_to in others(value):
                changed = with_leaf(raw, path, changed_to)
                pair = (changed, beside) if name == CERTIFICATE else (beside, changed)
                self._note(name, kind, path, changed_to, self._json_seen(name, changed, *pair))
        for kind, changed in structural(raw, self.most):
            pair = (changed, beside) if name == CERTIFICATE else (beside, changed)
            self._note(name, kind, "structure", "", self._json_seen(name, changed, *pair))
        overwrite(self.folder / name, json.dumps(raw).encode())

    def _json_seen(self, name: str, changed: Any, certificate: Any, summary: Any) -> bool:
        if next(self._count) % self._whole == 0:
            overwrite(self.folder / name, json.dumps(changed).encode())
            return not verify(self.folder).passed
        return not all(check.passed for check in self._checks(name, certificate, summary))

    def _checks(self, name: str, certificate: Any, summary: Any) -> Iterator[Check]:
        try:
            stated = parsed(certificate)
        except MalformedError as error:
            yield Check("the result can be read", False, "", (str(error),))
            return
        networks: list[Network] = self._networks
        if name == SUMMARY:
            sweeps = frontier_checks.sweeps_of(stated, networks)
            yield check_frontier_summary(stated, sweeps, summary)
            return
        yield from frontier_checks._checks(self.folder, stated, summary, networks, [])

    def table(self, name: str) -> None:
        """Change cells of a table, column by column."""
        path = self.folder / f"{name}.csv"
        rows = rows_of(path)
        sweeps = frontier_checks.sweeps_of(
            parsed(read_json(self.folder / CERTIFICATE)), self._networks
        )
        columns, expected = frontier_tables.tables_of(self.folder, sweeps)[path.name]
        for c, column in enumerate(rows[0]):
            for r in some(list(range(1, len(rows))), self.most):
                for cell in other_cells(rows[r][c]):
                    changed = [list(cells) for cells in rows]
                    changed[r][c] = cell
                    rewrite(path, changed)
                    if next(self._count) % self._whole == 0:
                        seen = not verify(self.folder).passed
                    else:
                        if name == "ladder":
                            tables = frontier_tables.tables_of(self.folder, sweeps)
                            expected = tables[path.name][1]
                        seen = not compare_table(path, columns, expected).passed
                    self._note(path.name, column, r + 1, cell, seen)
        for changed in mixed(rows):
            rewrite(path, changed)
            self._note(path.name, "rows", "", "", not verify(self.folder).passed)
        path.unlink()
        self._note(path.name, "rows", "", "", not verify(self.folder).passed)
        rewrite(path, rows)

    def _note(self, file: str, kind: str, where: Any, to: Any, seen: bool) -> None:
        if (file, kind) in UNSEEN:
            return
        self.tried[file, kind] += 1
        if not seen:
            self.unseen.append((file, kind, where, to))


def parsed(raw: Any) -> frontier_certificate_reader.FrontierCertificate:
    return frontier_certificate_reader.frontier_certificate_of(raw, CERTIFICATE)


def structural(raw: Any, most: int | None) -> Iterator[tuple[str, Any]]:
    """Yield JSON with an entry more or less: of each class of lists and objects up to `most`."""
    classes: dict[str, list[tuple[Place, Any]]] = {}

    def walk(value: Any, path: Place) -> None:
        if isinstance(value, dict | list) and value:
            classes.setdefault(class_of(path), []).append((path, value))
            for key, each in value.items() if isinstance(value, dict) else enumerate(value):
                walk(each, (*path, key))

    walk(raw, ())
    for kind, found in classes.items():
        for path, value in some(found, most):
            if isinstance(value, list):
                changes: list[Any] = [value[:-1], [*value, value[-1]]]
                if path[-4:-3] != ("proofs",):  # the rows of a proof stand in any order
                    changes.append([*value[1:], value[0]])
            else:
                changes = [{k: value[k] for k in value if k != gone} for gone in value]
            for changed in changes:
                if changed != value:
                    yield kind, with_leaf(raw, path, changed) if path else changed


def mixed(rows: list[list[str]]) -> Iterator[list[list[str]]]:
    """Yield a table with a row or a column more or less, or in another order."""
    if len(rows) > 1:
        yield rows[:-1]
        yield [*rows, rows[-1]]
    if len(rows) > 2:
        yield [rows[0], rows[2], rows[1], *rows[3:]]
    yield [["x", *rows[0][1:]], *rows[1:]]
    yield [row[:-1] for row in rows]
    yield []


@cache
def _made(root: Path, name: str) -> Path:
    write(name, root / name)
    return root / name


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("frontiers")


@pytest.fixture
def copied(root: Path, tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: Path(shutil.copytree(_made(root, name), tmp_path / name))


@pytest.mark.slow
@pytest.mark.sampled
@pytest.mark.parametrize("file", [SUMMARY, CERTIFICATE])
@pytest.mark.parametrize("name", ASKED)
def test_nothing_in_json_changes_unseen(
    name: str, file: str, copied: Callable[[str], Path]
) -> None:
    tamperer = Tamperer(copied(name), most=draws(1))
    tamperer.json(file)
    assert sum(tamperer.tried.values()) > 30
    assert tamperer.unseen == []


@pytest.mark.slow
@pytest.mark.sampled
@pytest.mark.parametrize("name", ASKED)
def test_no_cell_changes_unseen(name: str, copied: Callable[[str], Path]) -> None:
    tamperer = Tamperer(copied(name), most=draws(1))
    for table in TABLES:
        tamperer.table(table)
    assert tamperer.unseen == []
    kinds = {kind for file, kind in tamperer.tried if file == "frontier.csv"}
    assert kinds == {*frontier_tables.FRONTIER.split(), "rows"} - {"seconds"}


def main() -> None:
    """Change every place of every comparison, or so many of each class, and print the counts."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else None
    counts: Counter[tuple[str, str]] = Counter()
    for name in ASKED:
        folder = Path(tempfile.mkdtemp()) / "out"
        write(name, folder)
        tamperer = Tamperer(folder, most=most, whole=199)
        for file in (SUMMARY, CERTIFICATE):
            tamperer.json(file)
        for table in TABLES:
            tamperer.table(table)
        counts += tamperer.tried
        for each in tamperer.unseen:
            print("UNSEEN", name, *each)
        tried = sum(tamperer.tried.values())
        print(f"{name}: {tried} changed, {tried - len(tamperer.unseen)} seen")
    for file in sorted({file for file, _ in counts}):
        kinds = {kind: count for (f, kind), count in sorted(counts.items()) if f == file}
        print(f"{file}: {sum(kinds.values())} in {len(kinds)} classes")


if __name__ == "__main__":
    main()
