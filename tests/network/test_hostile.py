"""Hostile and damaged inputs: refused with their place, in bounded time and memory."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from flowopt.errors import InputError
from flowopt.network import raw_tables
from flowopt.network.files.json_file import json_bytes
from flowopt.network.files.workbook_limits import exceeded_limit
from flowopt.network.read import read_network
from flowopt.network.write import write_network
from tests.network.overlays import BASE


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BASE, tmp_path / "base"))


def told(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_network(path)
    return [str(problem) for problem in caught.value.problems]


# -- files that are none ----------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes in the file system")
@pytest.mark.parametrize("name", ["arcs.csv", "network.toml"])
def test_a_pipe_in_the_folder_is_refused(base: Path, name: str) -> None:
    (base / name).unlink()
    os.mkfifo(base / name)
    assert told(base) == [f"{name}: cannot be read: it is a pipe, not a regular file"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes in the file system")
@pytest.mark.parametrize(
    "suffix", [".xlsx", ".json", ".graphml", ".max", ".nodelink.json", ".min", ".xlsm"]
)
def test_a_pipe_or_device_as_the_network_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"net{suffix}"
    os.mkfifo(path)
    assert told(path) == [f"net{suffix}: cannot be read: it is a pipe, not a regular file"]
    path.unlink()
    path.symlink_to("/dev/zero")
    assert told(path) == [f"net{suffix}: cannot be read: it is a device, not a regular file"]


# -- tables -----------------------------------------------------------------------------------


def test_a_hundred_thousand_unknown_columns_are_one_line(base: Path) -> None:
    lines = (base / "uses.csv").read_text(encoding="utf-8").splitlines()
    more = ",".join(f"c{i}" for i in range(100_000))
    rows = [f"{lines[0]},{more}", *(f"{line}{',' * 100_000}" for line in lines[1:])]
    (base / "uses.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert told(base) == [
        "uses.csv:1: the table has 100,003 columns, more than the 1,000 that are read"
    ]


def test_keys_without_end_in_json_are_one_line(tmp_path: Path) -> None:
    text = json_bytes(read_network(BASE)).decode()
    keys = ", ".join(f'{{"c{i}": 1}}' for i in range(20_000))
    path = tmp_path / "net.json"
    path.write_text(text.replace('"uses": [', f'"uses": [{keys}, '), encoding="utf-8")
    (line,) = told(path)
    assert line.endswith("the table has 20,003 columns, more than the 1,000 that are read")


def test_cells_without_end_are_refused(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_tables, "MOST_CELLS", 20)
    lines = told(base)
    assert "arcs.csv:3: the table has more than 20 cells, the most that is read" in lines


def test_a_table_of_faults_is_not_judged_to_its_end(base: Path) -> None:
    text = (base / "uses.csv").read_text(encoding="utf-8")
    (base / "uses.csv").write_text(text + "m1,hours,x\n" * 40_000, encoding="utf-8")
    lines = told(base)
    assert "uses.csv:10002: the rows from here on are not judged: mend those above" in lines
    assert len(lines) < 20_010  # each of the first rows is no number, and repeats the one before


def test_a_flood_of_repeated_ids_is_not_told_to_its_end(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowopt.network.checks.validation._MOST", 100)
    text = (base / "nodes.csv").read_text(encoding="utf-8")
    row = "Spare,Spare,transit" + "," * (text.partition("\n")[0].count(",") - 2) + "\n"
    (base / "nodes.csv").write_text(text + row * 3_000, encoding="utf-8")
    assert len(told(base)) == 100


@pytest.mark.parametrize("digits", ["1" * 100_000 + "x", "1" * 100_000, "-" + "0" * 100_000])
def test_a_number_of_many_digits_is_judged_at_once(base: Path, digits: str) -> None:
    text = (base / "uses.csv").read_text(encoding="utf-8")
    (base / "uses.csv").write_text(text.replace("450", digits), encoding="utf-8")
    (line,) = told(base)
    assert line.startswith(f"uses.csv:3: amount: '{digits[:90]}")
    assert len(line) < 300


def test_a_long_name_is_not_compared_and_not_repeated(base: Path) -> None:
    text = (base / "uses.csv").read_text(encoding="utf-8")
    (base / "uses.csv").write_text(text.replace("m4", "m" * 100_000), encoding="utf-8")
    (line,) = told(base)
    assert line.startswith("uses.csv:3: measure: 'mmmm")
    assert len(line) < 3_000


def test_a_message_is_one_line_without_control_signs(base: Path) -> None:
    text = (base / "uses.csv").read_text(encoding="utf-8")
    bad = text.replace("amount", '"a\x1b[2J\nb"', 1)
    (base / "uses.csv").write_text(bad, encoding="utf-8")
    assert "\x1b" not in "".join(told(base))
    assert all(line.startswith("uses.csv:1: ") for line in told(base))


@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, '{"network": ' + "[" * 200_000, '{"nodes": [' + '{"a":' * 200_000],
)
def test_json_nested_without_end_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "net.json"
    path.write_text(text, encoding="utf-8")
    (line,) = told(path)
    assert "nested too deeply" in line or "Expecting '{'" in line


def test_long_lines_of_blanks_in_toml_take_no_time(base: Path) -> None:
    with (base / "network.toml").open("a", encoding="utf-8") as file:
        file.write(" " * 500_000 + "\n" + "# " + "[" * 300_000 + "\n")
    read_network(base)


# -- workbooks --------------------------------------------------------------------------------


def repacked(path: Path, part: str, change: Any) -> None:
    """Change one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    pytest.importorskip("openpyxl", reason="workbooks need the extra `excel`")
    path = tmp_path / "net.xlsx"
    write_network(read_network(BASE), path)
    read_network(path)
    return path


SHEET = "xl/worksheets/sheet2.xml"


def test_a_workbook_that_unpacks_to_far_more_is_refused(book: Path) -> None:
    repacked(
        book, SHEET, lambda data: data.replace(b"</worksheet>", b" " * 2**27 + b"</worksheet>")
    )
    (line,) = told(book)
    assert "net.xlsx: unpacks to 134," in line
    assert line.endswith("more than is read; give the tables as CSV files in a folder")


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.replace(
            b"</sheetData>",
            b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
        ),
        lambda d: d.replace(
            b"</sheetData>",
            b"</sheetData><x:hyperlinks><x:hyperlink display='a' ref = 'A1:XFD99999'/>",
        ),
    ],
)
def test_areas_of_billions_of_cells_are_refused(book: Path, change: Any) -> None:
    repacked(book, SHEET, change)
    (line,) = told(book)
    assert line.startswith("net.xlsx: merges or links more than 1,000,000 cells; unmerge them")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet', "declares a document type"),
        (b"<worksheet", b'<!DOCTYPE x SYSTEM "/etc/passwd"><worksheet', "declares a document type"),
    ],
)
def test_entities_in_a_workbook_are_refused(book: Path, old: bytes, new: bytes, said: str) -> None:
    repacked(book, SHEET, lambda data: data.replace(old, new, 1))
    (line,) = told(book)
    assert line.startswith(f"net.xlsx: {said} in '{SHEET}', which no spreadsheet writes")


def test_a_document_type_behind_a_long_remark_is_found(book: Path) -> None:
    """Parsers put off a token that is not whole yet."""
    remark = b"<!--" + bytes(range(33, 45)) * 2**17 + b"-->"
    new = remark + b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'
    repacked(book, SHEET, lambda data: data.replace(b"<worksheet", new, 1))
    (line,) = told(book)
    assert line.startswith("net.xlsx: declares a document type in ")


def test_another_encoding_in_a_workbook_is_refused(book: Path) -> None:
    repacked(book, SHEET, lambda data: data.decode().encode("utf-16"))
    (line,) = told(book)
    assert line.startswith("net.xlsx: uses another encoding than UTF-8 in ")


def test_the_number_of_elements_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowopt.network.files.workbook_limits._MOST_MARKS", 3)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.xml", "<a><b/></a>")
    assert exceeded_limit(packed.getvalue()) == ""
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("b.xml", "<a/>")
    assert exceeded_limit(packed.getvalue()).startswith("has more than about ten million cells")


def test_a_sheet_of_scattered_cells_is_refused(book: Path) -> None:
    def scatter(data: bytes) -> bytes:
        rows = b"".join(
            b'<row r="%d"><c r="%s%d"><v>1</v></c></row>' % (i, letters(i).encode(), i)
            for i in range(1000, 4000)
        )
        return data.replace(b"</sheetData>", rows + b"</sheetData>")

    repacked(book, SHEET, scatter)
    lines = told(book)
    assert any("columns, more than the 1,000 that are read" in line for line in lines)


def letters(number: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(number))
