"""Lies that stand in all files of a result at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from flowopt.network.network import Network
from flowopt.planning.verify import verify
from tests.planning.tampering import edit, numbers, overwrite, rewrite, rows_of
from tests.planning.verify_results import (
    ASKED,
    CERTIFICATE,
    SUMMARY,
    failed,
    faults,
    seems_sound,
)


def scaled(proof: dict[str, Any], side: str, factor: float) -> dict[str, Any]:
    tables = {
        name: [[*row[:-1], row[-1] * factor] for row in rows] for name, rows in proof[side].items()
    }
    return {**proof, side: tables, "value": proof["value"] * factor}


def places_of_values(folder: Path) -> dict[float, dict[str, list[tuple[Any, ...]]]]:
    """Return where each value stands in the files of a result: file by file, place by place."""
    found: dict[float, dict[str, list[tuple[Any, ...]]]] = {}

    def note(value: float, file: str, place: tuple[Any, ...]) -> None:
        if value != 0.0 and place[0] != "seconds":
            found.setdefault(float(f"{value:.9g}"), {}).setdefault(file, []).append(place)

    for file in (SUMMARY, CERTIFICATE):
        for place, value in numbers(json.loads((folder / file).read_text())):
            note(value, file, place)
    for path in folder.glob("*.csv"):
        for r, row in enumerate(rows_of(path)):
            for c, cell in enumerate(row):
                with suppress(ValueError):
                    note(float(cell), path.name, (r, c))
    return found


# Either way for each kind of number: results of the same kinds take turns.
IN_ALL = [(name, (1.01, 0.99)[number % 2]) for number, name in enumerate(ASKED)]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "factor"), IN_ALL)
def test_no_number_changes_unseen_that_changes_in_all_files_at_once(
    name: str, factor: float, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    """But for what was asked: the same plan may be the answer to a little more or less of that."""
    folder, network = copied(name)
    for files in places_of_values(folder).values():
        if len(files) == 1:
            continue  # the tamper tests change those
        before = {file: (folder / file).read_bytes() for file in files}
        for file, places in files.items():
            multiply(folder, file, places, factor)
        asked = any(place[0] == "options" for places in files.values() for place in places)
        assert asked or not seems_sound(folder, network), files
        for file, text in before.items():
            overwrite(folder / file, text)


def multiply(folder: Path, file: str, places: list[tuple[Any, ...]], factor: float) -> None:
    """Multiply numbers of one file of a result."""
    if file.endswith(".json"):
        raw = dict(numbers(json.loads((folder / file).read_text())))
        edit(folder, file, *((place, raw[place] * factor) for place in places))
        return
    rows = rows_of(folder / file)
    for r, c in places:
        rows[r][c] = repr(float(rows[r][c]) * factor)
    rewrite(folder / file, rows)


@pytest.mark.parametrize("name", ["chains", "chains, profit"])
@pytest.mark.parametrize(
    ("side", "factor", "what"),
    [
        # Less than the trafficker can do: a possible flow, but no prices for it.
        (["primal"], 0.99, ["flow and prices under the plan"]),
        (["primal", "dual"], 0.99, ["the prices under the plan"]),
        # More than it can do.
        (["primal"], 1.01, ["the flow under the plan", "flow and prices under the plan"]),
        (["dual"], 1.01, ["flow and prices under the plan"]),
    ],
)
def test_consistent_lies_are_seen_by_the_check_that_is_there_for_them(
    name: str,
    side: list[str],
    factor: float,
    what: list[str],
    copied: Callable[[str], tuple[Path, Network]],
) -> None:
    folder, network = copied(name)
    raw = json.loads((folder / CERTIFICATE).read_text())
    proof, value = raw["after"], raw["after"]["value"]
    for one in side:
        proof = {**scaled(proof, one, factor), "value": value * factor}
    edit(folder, CERTIFICATE, (("after",), proof), (("value",), value * factor))
    names = failed(verify(folder, network))
    for start in what:
        assert any(found.startswith(start) for found in names), names


def test_a_circle_of_goods_is_seen(copied: Callable[[str], tuple[Path, Network]]) -> None:
    folder, network = copied("two-bridges")
    raw = json.loads((folder / CERTIFICATE).read_text())
    supply = [[*row[:-1], row[-1] + 1.0] for row in raw["before"]["primal"]["supply"]]
    edit(folder, CERTIFICATE, (("before", "primal", "supply"), supply))
    assert "in vain" in faults(verify(folder, network))


def test_who_earns_is_only_told_where_somebody_does(
    copied: Callable[[str], tuple[Path, Network]],
) -> None:
    folder, network = copied("two-bridges")
    rewrite(folder / "organisations.csv", [["organisation", "earned_before", "earned_after"]])
    assert failed(verify(folder, network)) == ["there is no organisations.csv where nobody earns"]
    folder, network = copied("impossible")
    rewrite(folder / "organisations.csv", [["organisation", "earned_before", "earned_after"]])
    assert failed(verify(folder, network)) == ["there are no tables without a plan"]


@pytest.mark.parametrize("name", ["tiny", "chains, response", "chains, profit"])
def test_a_whole_table_of_who_earns_a_hundredth_more_is_seen(
    name: str, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    """Every number is 1 % more, so that the table agrees with itself."""
    folder, network = copied(name)
    header, *rows = rows_of(folder / "organisations.csv")
    money = [name for name in header if name.startswith("earned") and name[-5:] != "share"]
    for row in rows:
        for column in money:
            at = header.index(column)
            row[at] = f"{float(row[at]) * 1.01:.10g}"
    rewrite(folder / "organisations.csv", [header, *rows])
    assert failed(verify(folder, network)) == ["organisations.csv agrees with the certificate"]
