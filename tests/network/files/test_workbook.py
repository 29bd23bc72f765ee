"""Workbooks: what a planner's spreadsheet program leaves in them is read, or told with its cell."""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.network.read import read_network
from tests.network.files.workbook_edits import put, sheet_file, spliced, told
from tests.network.overlays import BASE
from tests.networks import ROOT


def run(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)


def test_a_spreadsheet_may_save_it_again(base: Network, edited: Any) -> None:
    """Shared strings, other styles, blank rows and columns, and sheets of one's own do no harm."""

    def change(book: Any) -> None:
        sheet = book["arcs"]
        sheet.insert_rows(4)
        sheet.insert_rows(1)
        sheet.insert_cols(2)
        sheet["ZZ900"].value = "  "
        sheet.row_dimensions[950].height = 30
        sheet["B2"].value, sheet["B3"].value = "_mine", datetime.date(2014, 5, 1)
        book.create_sheet("_scratch")["A1"].value = True
        book.create_sheet("Sheet1")
        book["uses"].move_range("A2:A4", rows=900)
        book["uses"].move_range("A902:A904", rows=-900)
        book.move_sheet("nodes", offset=9)

    network = read_network(edited(change))
    assert network == base
    assert network.warnings == ()


def test_numbers_where_ids_belong_are_their_digits(edited: Any) -> None:
    def change(book: Any) -> None:
        for table, letters in (("measures", "A"), ("effects", "A"), ("uses", "A"), ("rules", "AD")):
            for letter in letters:
                for cell in book[table][letter][1:]:
                    cell.value = int(cell.value[1:]) if cell.value else None
        book["reforms"]["A2"].value, book["reforms"]["C2"].value = 5.0, "[12]"
        book["network"]["B2"].value = 2014

    network = read_network(edited(change))
    assert [m.measure for m in network.measures] == list("123456")
    assert network.reforms[0].measure == "5"
    assert network.info.id == "2014"


def test_numbers_of_every_look_are_read_as_they_are_kept(edited: Any) -> None:
    def change(book: Any) -> None:
        cells = book["arcs"]["I"][1:]
        for cell, value in zip(cells, (1000, "80.5", 0.1 + 0.2, 1e17, 5e-324), strict=True):
            cell.value = value
        cells[2].value, cells[2].data_type = repr(0.1 + 0.2), "n"
        book["arcs"]["K3"].value, book["arcs"]["K3"].number_format = 0.25, "0%"

    network = read_network(edited(change))
    assert [arc.capacity for arc in network.arcs] == [1000, 80.5, 0.1 + 0.2, 1e17, 5e-324]
    assert network.arcs[1].loss == 0.25


MISTAKES = (
    ("arcs", "I2", datetime.datetime(2014, 5, 1, 12, 30), 2,
     "capacity: 2014-05-01 12:30:00 is a date or time here; format the cell as a number and type "
     "it again"),
    ("arcs", "J2", False, 2,
     "cost: FALSE is a truth value here; format the cell as a number and type it again"),
    ("arcs", "K2", datetime.time(1, 2), 2,
     "loss: 01:02:00 is a date or time here; format the cell as a number and type it again"),
    ("arcs", "B3", "#REF!", 3,
     "tail: #REF! is an error of the spreadsheet; mend the formula or type the value"),
    ("arcs", "I3", "=F2*2", 3,
     "capacity: the formula '=F2*2' has no value yet; open the workbook in a spreadsheet, save it "
     "there, or type the value"),
    ("arcs", "B4", "Lob", 4, "tail: 'Lob' is no node of sheet nodes; did you mean 'Lab'?"),
    ("arcs", "I4", "1,5", 4, "capacity: '1,5' is not a number; write 1.5, with a decimal point"),
    ("arcs", "I5", -5, 5,
     "capacity: -5 is negative; give 0 or more (t/yr), or leave it blank for unlimited"),
    ("arcs", "Q6", 5, 1,
     "the column after 'note' has no name and one cell, '5' in row 6; name it, or delete it "
     "(pandas: index=False)"),
    ("nodes", "D2", datetime.datetime(2014, 5, 1), 2,
     "country: 2014-05-01 is a date or time here; format the cell as text and type it again"),
    ("nodes", "D3", True, 3,
     "country: TRUE is a truth value here; format the cell as text and type it again"),
    ("uses", "K1", "remark", 1,
     "remark: is no column of the table; the columns are measure, resource, amount, source, grade, "
     "note (a leading _ hides one)"),
    ("network", "A4", "titel", 4, "titel: is no key of the format; did you mean 'title'?"),
    ("network", "A5", "id", 5, "key: 'id' stands in row 2 too; delete one"),
    ("network", "D1", "mine", 1, "mine: is no column of the sheet (a leading _ hides one)"),
    ("network", "B3", datetime.date(2014, 1, 1), 3,
     "value: 2014-01-01 is a date or time here; format the cell as text and type it again"),
)  # fmt: skip


def test_every_mistake_is_told_once_with_its_cell(edited: Any) -> None:
    def change(book: Any) -> None:
        for sheet, place, value, _, _ in MISTAKES:
            book[sheet][place].value = value

    expected = sorted(f"sheet {sheet}:{row}: {what}" for sheet, _, _, row, what in MISTAKES)
    assert sorted(told(edited(change))) == expected


def test_an_id_that_became_a_date_is_told(edited: Any) -> None:
    (line, *missed) = told(edited(put("sites", "A2", datetime.datetime(2014, 5, 1))))[::-1]
    assert line == (
        "sheet sites:2: site: 2014-05-01 is a date or time here; format the cell as text and type "
        "it again"
    )
    assert all("'s1' is no site" in each or "s1" in each for each in missed)


def test_a_sheet_of_facts_without_its_columns(edited: Any) -> None:
    assert told(edited(put("network", "A1", "_mine"))) == [
        "sheet network:1: its first row has to name key and value"
    ]

    def clear(book: Any) -> None:
        book["network"].delete_rows(1, 99)

    assert told(edited(clear)) == ["sheet network: its first row has to name key and value"]


def test_a_formula_counts_by_the_value_it_had(base: Network, edited: Any) -> None:
    path = edited(put("arcs", "I2", "=500*2"))
    spliced(path, sheet_file(path, "arcs"), "<f>500*2</f><v />", "<f>500*2</f><v>1000</v>")
    assert read_network(path) == base
    spliced(path, sheet_file(path, "arcs"), "<v>1000</v>", "<v>-1</v>")
    assert told(path)[0].startswith("sheet arcs:2: capacity: -1 is negative")


@pytest.mark.parametrize("value", ["<v></v>", "<v/>", ""])
def test_a_formula_that_gives_no_sign_is_a_blank(base: Network, edited: Any, value: str) -> None:
    """As a planner has it who fills a column with =IF(..., ""): no program can give it a value."""

    def change(book: Any) -> None:
        book["arcs"]["I2"].value = '=IF(1,"","")'
        book["arcs"]["A99"].value = '=IF(1,"","")'

    path = edited(change)
    for place in ("I2", "A99"):
        part = sheet_file(path, "arcs")
        found = re.search(
            rf'<c r="{place}"[^>]*>.*?</c>', zipfile.ZipFile(path).read(part).decode()
        )
        assert found is not None
        cell = f'<c r="{place}" t="str"><f>IF(1,"","")</f>{value}</c>'
        spliced(path, part, found[0], cell)
    arcs = read_network(path).arcs
    assert arcs[0].capacity is None
    assert len(arcs) == len(base.arcs)


def test_an_error_of_a_formula_is_told(edited: Any) -> None:
    path = edited(put("arcs", "I2", "=1/0"))
    part = sheet_file(path, "arcs")
    found = re.search(r'<c r="I2"[^>]*>.*?</c>', zipfile.ZipFile(path).read(part).decode())
    assert found is not None
    spliced(path, part, found[0], '<c r="I2" t="e"><f>1/0</f><v>#DIV/0!</v></c>')
    assert told(path) == [
        "sheet arcs:2: capacity: #DIV/0! is an error of the spreadsheet; mend the formula or type "
        "the value"
    ]


def test_merged_cells_are_told_with_the_first_of_them(edited: Any) -> None:
    path = edited(lambda book: book["arcs"].merge_cells("H2:H4"))
    assert told(path) == [
        "sheet arcs:2: mode: the cells H2:H4 are merged; unmerge them and fill in each one"
    ]


def test_merged_cells_outside_the_table_do_no_harm(base: Network, edited: Any) -> None:
    def change(book: Any) -> None:
        book["arcs"]["P1"].value = "_mine"
        book["arcs"].merge_cells("P2:P4")
        book["arcs"].merge_cells("A90:D90")
        book["_start"].merge_cells("A1:D1")

    assert read_network(edited(change)) == base


def test_sheets_that_are_no_tables(base: Network, edited: Any) -> None:
    def change(book: Any) -> None:
        book.create_sheet("Sheet1")["A1"].value = "shopping"
        book.create_sheet("arcs (2)")["A1"].value = "old"
        book["earnings"].sheet_state = "hidden"

    network = read_network(edited(change))
    assert network == base
    assert network.warnings == (
        "sheet Sheet1: is no table of the format and is not read; a leading _ hides it from this "
        "warning",
        "sheet arcs (2): is no table of the format and is not read; a leading _ hides it from "
        "this warning",
        "sheet earnings: is hidden, and read all the same",
    )


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("arcs", "Arcs1", ["sheet Arcs1: is no table of the format; did you mean 'sheet arcs'?"]),
        ("rules", "rule", ["sheet rule: is no table of the format; did you mean 'sheet rules'?"]),
        ("network", "netwrk", [
            "sheet netwrk: is no sheet of the format; did you mean 'network'?",
        ]),
    ],
)  # fmt: skip
def test_a_typing_error_in_a_sheets_name_is_no_blank_table(
    edited: Any, old: str, new: str, lines: list[str]
) -> None:
    def change(book: Any) -> None:
        book[old].title = new

    assert told(edited(change)) == lines


def test_a_missing_sheet_is_told_or_means_blank(base: Network, edited: Any) -> None:
    def change(book: Any) -> None:
        del book["demands"]
        del book["rules"]

    assert [line.split(";")[0] for line in told(edited(change))] == ["sheet demands: is missing"]

    def spare(book: Any) -> None:
        del book["rules"]

    assert read_network(edited(spare)) == base.replace(rules=())


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"arc,tail\n", "is no workbook that can be read (File is not a zip file); save it as"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "is an old .xls or has a password;"),
        (b"", "is no workbook that can be read"),
    ],
)
def test_what_is_no_workbook(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "n.xlsx").write_bytes(content)
    (line,) = told(tmp_path / "n.xlsx")
    assert line.startswith(f"n.xlsx: {what}")


def test_a_cell_at_the_far_end_costs_nothing(base: Network, edited: Any) -> None:
    def change(book: Any) -> None:
        book["arcs"]["XFD1048576"].number_format = "@"
        book["rules"]["XFD1"].value, book["rules"]["XFD1048576"].value = "_mine", "x"

    assert read_network(edited(change)) == base


def printed_by(code: str) -> str:
    """Return what code prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=BASE.parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_without_the_extra_it_says_how_to_get_it(tmp_path: Path, written: Path) -> None:
    code = (
        "import sys; sys.modules['openpyxl'] = None\n"
        "from flowopt.errors import RequestError\n"
        "from flowopt.network.read import read_network\n"
        "from flowopt.network.write import write_network\n"
        f"network = read_network({str(BASE)!r})\n"
        f"for what in (lambda: read_network({str(written)!r}),\n"
        f"             lambda: write_network(network, {str(tmp_path / 'n.xlsx')!r})):\n"
        "    try: what()\n"
        "    except RequestError as error: print(error)\n"
    )
    line = "a workbook needs openpyxl, which is not installed: pip install 'flowopt[excel]'"
    assert printed_by(code).splitlines() == [line] * 2
    assert RequestError.exit_code == 2


def test_only_workbooks_load_openpyxl(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from flowopt.network.read import read_network\n"
        "from flowopt.network.write import write_network\n"
        f"write_network(read_network({str(BASE)!r}), {str(tmp_path / 'n.json')!r})\n"
        f"read_network({str(tmp_path / 'n.json')!r})\n"
        "print('openpyxl' in sys.modules, 'pandas' in sys.modules)\n"
    )
    assert printed_by(code).split() == ["False", "False"]
