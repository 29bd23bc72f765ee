"""Workbooks as they are written: sheets, meanings of columns, names beside ids, drop-downs."""

from __future__ import annotations

import dataclasses
import fnmatch
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from flowopt.errors import InputError
from flowopt.network.column_types import column_types
from flowopt.network.files.workbook_labels import Labels
from flowopt.network.files.workbook_write import workbook_bytes
from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.network.schema import TABLES, Info, columns
from flowopt.network.write import write_network
from tests.network.files.workbook_edits import own
from tests.networks import shipped


def test_every_table_has_a_sheet_with_every_column_and_its_meaning(written: Path) -> None:
    book = openpyxl.load_workbook(written)
    assert book.sheetnames == ["_start", "network", *TABLES]
    for table, row in TABLES.items():
        sheet = book[table]
        head = {cell.value: cell for cell in sheet[1]}
        assert [name for name in head if name[0] != "_"] == list(columns(row))
        assert sheet.freeze_panes == "B2"
        assert (
            sheet.auto_filter.ref == f"A1:{sheet.cell(1, len(head)).coordinate[:-1]}{sheet.max_row}"
        )
        assert (sheet.print_title_rows, sheet.page_setup.orientation) == ("$1:$1", "landscape")
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.column_dimensions[head["note"].column_letter].alignment.wrap_text
        for name, about in columns(row).items():
            note = head[name].comment.text
            assert about.meaning in note
            assert about.unit in note
            assert about.blank in note
            assert head[name].font.bold
            assert sheet.column_dimensions[head[name].column_letter].width >= len(name)
    assert [cell.value for cell in book["network"]["A"]] == ["key", *columns(Info)]


def test_text_and_numbers_are_stored_as_what_they_are(written: Path) -> None:
    book = openpyxl.load_workbook(written)
    for table, row in TABLES.items():
        for cells in book[table].iter_rows(min_row=2):
            for cell, (name, limit) in zip(own(cells), column_types(row).items(), strict=True):
                if cell.value is None:
                    continue
                number = limit.kind == "number"
                assert cell.data_type == ("n" if number else "s"), (table, name)
                assert number or cell.number_format == "@"
        for cell, limit in zip(own(book[table][1]), column_types(row).values(), strict=True):
            blank = book[table].column_dimensions[cell.column_letter].number_format
            assert blank == ("General" if limit.kind == "number" else "@")


def test_names_stand_beside_ids_and_are_not_read(base: Network, edited: Any) -> None:
    peru = shipped("peru-2014")
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(peru)), read_only=True)

    def named(table: str, column: str) -> list[str | None]:
        titles, *rows = book[table].iter_rows(values_only=True)
        at = titles.index(column)
        assert titles[at + 1] == f"_{column}_name"
        return [cells[at + 1] for cells in rows]

    names = {row.node: row.name for row in peru.nodes}
    assert named("arcs", "tail") == [names[arc.tail] for arc in peru.arcs]
    measures = {row.measure: row.name for row in peru.measures}
    assert named("effects", "measure") == [measures[row.measure] for row in peru.effects]
    targets = zip(peru.effects, named("effects", "target"), strict=True)
    assert [row.on for row, label in targets if not label] == [
        row.on for row in peru.effects if row.on == "pool"
    ]
    globs = [row.target for row in peru.earnings]
    label = dict(zip(globs, named("earnings", "target"), strict=True))["A_P[!I]*"]
    found = [row.name for row in peru.nodes if fnmatch.fnmatchcase(row.node, "A_P[!I]*")]
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    assert label == "; ".join(found[:3]) + more

    def change(book: Any) -> None:
        for table in TABLES:
            for cell in book[table][1]:
                if cell.value.startswith("_"):
                    for other in book[table][cell.column_letter][1:]:
                        other.value = "another name"

    assert read_network(edited(change)) == base


def test_a_large_sheet_has_no_names_beside_ids() -> None:
    tiny = shipped("tiny")
    labels = Labels(tiny)
    assert labels.of(TABLES["arcs"], 20_000)
    assert not labels.of(TABLES["arcs"], 20_001)


def test_a_long_note_is_folded_beside_cells_at_its_top(base: Network, tmp_path: Path) -> None:
    nodes = [dataclasses.replace(base.nodes[0], note="word " * 30), *base.nodes[1:]]
    write_network(base.replace(nodes=nodes), tmp_path / "n.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "n.xlsx")["nodes"]
    alignments = {cell.column_letter: cell.alignment for cell in sheet[2]}
    assert {each.vertical for each in alignments.values()} == {"top"}
    letter = next(cell.column_letter for cell in sheet[1] if cell.value == "note")
    assert alignments[letter].wrap_text
    assert not alignments["A"].wrap_text
    assert sheet["A3"].alignment.vertical != "top"


def test_nothing_in_a_cell_runs(base: Network, tmp_path: Path) -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(0)", "\t=1"]
    nodes = [dataclasses.replace(n, name=x) for n, x in zip(base.nodes, names, strict=True)]
    write_network(base.replace(nodes=nodes), tmp_path / "n.xlsx")
    with zipfile.ZipFile(tmp_path / "n.xlsx") as archive:
        sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
        assert not any(re.search(b"<f[ >]", archive.read(n)) for n in sheets)
    assert read_network(tmp_path / "n.xlsx").nodes == base.replace(nodes=nodes).nodes


def test_the_drop_downs_offer_what_cells_may_hold(written: Path) -> None:
    """Every enumeration is offered word by word, every reference by the ids of its sheet."""
    book = openpyxl.load_workbook(written)
    for table, row in TABLES.items():
        rules = {str(rule.sqref).partition("2")[0]: rule for rule in
                 book[table].data_validations.dataValidation}  # fmt: skip
        for cell in own(book[table][1]):
            about, limit = columns(row)[cell.value], column_types(row)[cell.value]
            rule: Any = rules.get(cell.column_letter)
            if limit.options:
                assert rule.formula1 == '"' + ",".join(limit.options) + '"'
                assert (rule.type, rule.errorStyle, rule.showErrorMessage) == ("list", "stop", True)
            elif about.refers:
                there = TABLES[about.refers]
                assert rule.formula1 == f"ids_{about.refers}"
                assert book.defined_names[rule.formula1].attr_text.startswith(
                    f"OFFSET({about.refers}!$A$2,0,0,"
                )
                assert next(iter(columns(there))) == there.key[0]
                assert rule.errorStyle == "warning"
                assert not (rule.showErrorMessage and (limit.kind == "list"))
            elif limit.kind == "number":
                assert rule.type == "decimal"
                if limit.most is not None:
                    assert (rule.formula1, rule.formula2) == (f"{limit.least}", f"{limit.most}")
            assert rule is None or len(rule.error) <= 225
    rules = book["effects"].data_validations.dataValidation
    (target,) = (rule for rule in rules if rule.sqref == "D2:D1048576")
    assert target.formula1.startswith('IF($C2="arc",ids_arcs,IF($C2="node",ids_nodes,')
    assert not target.showErrorMessage  # it may be a glob
    assert set(re.findall(r"(?:ids|pools)_\w+", target.formula1)) <= set(book.defined_names)


def test_a_text_too_long_for_a_cell_is_told_and_not_cut(base: Network, tmp_path: Path) -> None:
    for text, fits in (("x" * 32_767, True), ("x" * 32_768, False), ("🚁" * 16_384, False)):
        nodes = [*base.nodes[:2], dataclasses.replace(base.nodes[2], note=text), *base.nodes[3:]]
        network = base.replace(nodes=nodes)
        if fits:
            write_network(network, tmp_path / "n.xlsx", force=True)
            assert read_network(tmp_path / "n.xlsx") == network
        else:
            with pytest.raises(InputError, match=r"sheet nodes:4: note: the text has [\d,]+ char"):
                write_network(network, tmp_path / "m.xlsx")
