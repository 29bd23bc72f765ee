"""Rows made column by column are those of the parser, or none."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

import flowopt
from flowopt.network import schema
from flowopt.network.checks import table_rows
from flowopt.network.checks.plain_rows import plain_rows
from flowopt.network.checks.table_rows import TableParser
from flowopt.network.files.csv_folder import csv_table, parse_folder
from flowopt.network.raw_tables import RawTable
from tests.networks import SHIPPED

# fmt: off
CELLS = (
    "", " ", "x", " x", "x ", "\u00a0x", "\u001fx", "a;b", "a; b", ";", "\ud800", "arc", "A", "Z",
    "0", "-0", "0.5", "2", "91", "-1", "1e400", "nan", "inf", "1_000", "1,5", "0x1", "TRUE",
    "1" * 500, ".5", "+3", "5.", "1 0",
)
# fmt: on


def shipped_tables() -> Iterator[tuple[str, RawTable]]:
    """Yield the first table of each name in the shipped networks, its first rows alone."""
    seen = set()
    for folder in sorted(SHIPPED.iterdir()):
        for name, raw in parse_folder(folder).tables.items() if folder.is_dir() else ():
            if name not in seen and raw.rows:
                seen.add(name)
                yield name, dataclasses.replace(raw, rows=raw.rows[:3])


TABLES = dict(shipped_tables())


def by_columns(name: str, raw: RawTable) -> list[object] | None:
    known = schema.columns(schema.TABLES[name])
    return plain_rows(
        schema.TABLES[name], [each if each in known else "" for each in raw.header], raw.rows
    )


def row_by_row(name: str, raw: RawTable, monkeypatch: pytest.MonkeyPatch) -> TableParser:
    with monkeypatch.context() as patch:
        patch.setattr(table_rows, "plain_rows", lambda *_: None)
        return TableParser(schema.TABLES[name], raw)


@pytest.mark.parametrize("name", TABLES)
def test_they_are_those_of_the_parser(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw, taken = TABLES[name], 0
    sound = raw.rows[-1][1]
    for place in range(len(raw.header)):
        texts = [[*sound[:place], cell, *sound[place + 1 :]] for cell in CELLS]
        rows = list(enumerate(texts, start=2))
        parser = row_by_row(name, dataclasses.replace(raw, rows=rows), monkeypatch)
        odd = {each.row for each in (*parser.problems, *parser.warnings)}
        kept = dict(zip(parser.numbers, parser.rows, strict=True))
        for number, cells in rows:
            found = by_columns(name, dataclasses.replace(raw, rows=[(number, cells)]))
            if found is None:
                continue
            taken += 1
            assert number not in odd
            assert found == [kept[number]]
            assert repr(found[0]) == repr(kept[number])  # -0.0 is no 0.0
            assert hash(found[0]) == hash(kept[number])
    assert by_columns(name, raw) == row_by_row(name, raw, monkeypatch).rows
    assert taken > 3 * len(raw.header)


def test_faults_and_oddities_are_left_to_the_parser() -> None:
    raw = TABLES["arcs"]
    number, cells = raw.rows[-1]
    short = dataclasses.replace(raw, rows=[*raw.rows, (number + 1, cells[:-1])])
    blank = dataclasses.replace(raw, rows=[*raw.rows, (number + 1, [""] * len(cells))])
    assert by_columns("arcs", short) is by_columns("arcs", blank) is None
    unnamed = dataclasses.replace(raw, header=[*raw.header, ""])
    rows = [(each, [*texts, "7"]) for each, texts in raw.rows]
    parser = TableParser(schema.Arc, dataclasses.replace(unnamed, rows=rows))
    assert [each.message.split(";")[0] for each in parser.problems] == [
        f"the column after {raw.header[-1]!r} has no name and 3 cells, the first '7' in row 2"
    ]


def test_a_network_read_by_columns_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    found = flowopt.read_network(SHIPPED / "peru-2014")
    monkeypatch.setattr(table_rows, "plain_rows", lambda *_: None)
    assert flowopt.read_network(SHIPPED / "peru-2014") == found


@pytest.mark.parametrize("text", ["a,b\r\n1,2\r\n\r\n3,4", "a,b\r1,2\n\n3,4\n", "a\n\n\n1\n", ""])
def test_lines_without_quotes_are_those_with_them(tmp_path: Path, text: str) -> None:
    """A quote that changes nothing sends a file the long way round."""
    plain, quoted = tmp_path / "plain.csv", tmp_path / "quoted.csv"
    plain.write_bytes(text.encode())
    quoted.write_bytes(text.replace("a", '"a"', 1).encode())
    one, two = csv_table(plain), csv_table(quoted)
    assert (one.header, one.rows, one.header_row) == (two.header, two.rows, two.header_row)
