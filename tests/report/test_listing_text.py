"""Lists of what a network holds: every row that holds every word, and no other."""

from __future__ import annotations

import json

import pytest

from flowopt.errors import RequestError
from flowopt.report.listing_text import MOST_ROWS, found_rows, listing
from tests.command import run
from tests.networks import SHIPPED, shipped


def test_every_word_counts_whatever_its_case_and_column() -> None:
    network = shipped("peru-2014")
    found = found_rows(network, "measures", ["HUALLAGA eradicate"])
    names = {row.measure for row in network.measures if "Eradicate" in row.name}
    assert {row["measure"] for row in found["measures"]} == {
        row.measure for row in network.measures if row.measure in names and "Huallaga" in row.name
    }
    everywhere = found_rows(network, None, ["huallaga"])
    assert {"measures", "nodes"} <= set(everywhere)
    assert all("huallaga" in str(row).casefold() for rows in everywhere.values() for row in rows)


def test_the_tables_come_first_then_rows(capsys: pytest.CaptureFixture[str]) -> None:
    network = shipped("tiny")
    listing(network, None, [], every=False)
    lines = capsys.readouterr().out.splitlines()
    assert ["measures", "5"] in [line.split() for line in lines]
    listing(network, "measures", [], every=False)
    text = capsys.readouterr().out
    assert all(row.measure in text and row.name in text for row in network.measures)
    assert "grade" not in text


@pytest.mark.parametrize(("every", "left"), [(False, 1), (True, 0)])
def test_long_tables_are_cut_and_say_so(
    every: bool, left: int, capsys: pytest.CaptureFixture[str]
) -> None:
    network = shipped("peru-2014")
    arcs = (network.arcs * 2)[: MOST_ROWS + 1]

    class Longer:
        info = network.info

        @staticmethod
        def tables() -> dict[str, object]:
            return {"arcs": arcs}

    listing(Longer(), "arcs", [], every=every)  # type: ignore[arg-type]  # ids that stand twice
    assert ("and 1 more: " in capsys.readouterr().out) == bool(left)


@pytest.mark.parametrize(
    ("table", "words", "message"),
    [
        ("measures", ["scaner"], "no row of measures holds 'scaner'"),
        (None, ["measurs"], "did you mean measures?"),
        ("measures", ["m_scaner"], "did you mean m_scanner?"),
        ("uses", [], "tiny has no uses; it has commodities"),
    ],
)
def test_what_is_not_there(table: str | None, words: list[str], message: str) -> None:
    with pytest.raises(RequestError) as refused:
        found_rows(shipped("tiny"), table, words)
    assert message in str(refused.value)


def test_json_holds_every_column() -> None:
    done = run("show", SHIPPED / "tiny", "measures", "m_strip", "--json")
    (row,) = json.loads(done.stdout)["measures"]
    assert (row["measure"], row["cost"]) == ("m_strip", 1.0)
    assert {"source", "grade", "note"} <= set(row)
    assert run("show", SHIPPED / "tiny", "nosuch").returncode == 2
    assert json.loads(run("show", SHIPPED / "tiny", "--json").stdout)["nodes"]
