"""JSON files: mistakes are told with the line of their row, and those of tables as in a folder."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from flowopt.errors import InputError
from flowopt.network.read import read_network
from flowopt.network.schema import TABLES
from flowopt.network.write import write_network
from tests.network.overlays import BASE, DATA, OF_TIME, cases

Document = dict[str, Any]
Facts = dict[str, Any]
Tables = dict[str, list[list[str]]]


@pytest.fixture
def document(tmp_path: Path) -> Document:
    write_network(read_network(BASE), tmp_path / "base.json")
    return dict(json.loads((tmp_path / "base.json").read_text(encoding="utf-8")))


def told(path: Path, text: str | None = None) -> list[str]:
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_network(path)
    return [str(problem) for problem in caught.value.problems]


def test_a_row_is_an_object_on_a_line_of_its_own(tmp_path: Path) -> None:
    write_network(read_network(BASE), tmp_path / "n.json")
    lines = (tmp_path / "n.json").read_text(encoding="utf-8").splitlines()
    assert lines[1] == '  "network": {"id": "base", "title": "A chain with one of everything"},'
    at = lines.index('  "arcs": [')
    assert lines[at + 1 : at + 3] == [
        '    {"arc": "a1", "tail": "Farm", "head": "Lab", "commodities": ["leaf"], '
        '"mode": "foot", "capacity": 1000, "cost": 0.1, "loss": 0.01},',
        '    {"arc": "a2", "tail": "Mine", "head": "Lab", "commodities": ["acid"], '
        '"mode": "road", "cost": 0.3},',
    ]


def test_only_what_is_said_is_written(tmp_path: Path) -> None:
    write_network(read_network(BASE).replace(rules=(), resources=(), uses=()), tmp_path / "n.json")
    document = json.loads((tmp_path / "n.json").read_text(encoding="utf-8"))
    assert set(document) == {"network", *TABLES} - {"rules", "resources", "uses", *OF_TIME}


def test_other_ways_to_say_the_same(tmp_path: Path, document: Document) -> None:
    """Text with `;` for a list, text for a number, null for a blank, digits for an id."""
    for arc in document["arcs"]:
        arc["commodities"] = " ; ".join(arc["commodities"])
        arc["cost"] = str(arc.get("cost", ""))
        arc["note"], arc["_mine"] = None, {"anything": [True]}
    for demand in document["demands"]:
        demand["source"] = demand.get("source", [])
    document["rules"].append({})
    document["_mine"] = 3.5
    document["earnings"], gone = None, document.pop("earnings")
    assert gone
    path = tmp_path / "n.json"
    path.write_text(f"\ufeff{json.dumps(document, indent=3)}", encoding="utf-8")
    network = read_network(path)
    assert network == read_network(BASE).replace(earnings=())
    assert network.warnings == ()


def test_digits_are_ids(tmp_path: Path, document: Document) -> None:
    for rows in document.values():
        for row in rows if isinstance(rows, list) else ():
            if "measure" in row:
                row["measure"] = int(row["measure"][1:])
            if "other" in row:
                row["other"] = float(row["other"][1:])
    document["reforms"] = []
    (tmp_path / "n.json").write_text(json.dumps(document), encoding="utf-8")
    assert [m.measure for m in read_network(tmp_path / "n.json").measures] == list("123456")


@pytest.mark.parametrize("number", [0.1 + 0.2, 5e-324, 1.7976931348623157e308, 2**53 + 2.0, 1e16])
def test_numbers_are_exact(tmp_path: Path, document: Document, number: float) -> None:
    document["arcs"][0]["cost"] = number
    (tmp_path / "n.json").write_text(json.dumps(document), encoding="utf-8")
    network = read_network(tmp_path / "n.json")
    assert network.arcs[0].cost == number
    write_network(network, tmp_path / "again.json")
    assert read_network(tmp_path / "again.json") == network


def test_mistakes_are_told_with_their_line(tmp_path: Path, document: Document) -> None:
    document["arcs"][1]["tail"] = "Mime"
    document["nodes"][2]["kind"] = True
    document["nodes"][3]["lon"] = ["[here]"]
    document["supplies"][0]["capacity"] = -777
    document["uses"][1]["amount"] = {"much": 1}
    document["rules"][0]["other"] = ["m1", "m2"]
    document["sites"][0]["capcity"] = 5
    document["demands"][0]["source"] = ["S1;S2"]
    document["measures"].append("m9")
    document["network"]["titel"] = document["network"].pop("title")
    path = tmp_path / "n.json"
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    lines = path.read_text(encoding="utf-8").splitlines()

    def line(text: str) -> int:
        """Return the line on which the object with a text begins."""
        at = next(i for i, each in enumerate(lines) if text in each)
        while lines[at] != "  {":
            at -= 1
        return at + 1

    sites = lines.index(' "sites": [') + 1
    m9 = next(i for i, each in enumerate(lines, start=1) if '"m9"' in each)
    found = [each for each in told(path) if " is no measure" not in each]
    assert sorted(found) == sorted([
        f"n.json/arcs:{line('Mime')}: tail: 'Mime' is no node of n.json/nodes; did you mean "
        "'Mine'?",
        f"n.json/demands:{line('S1;S2')}: source: ['S1;S2'] is a list; give ids in it",
        f"n.json/measures:{m9}: 'm9' is no row; write {{\"column\": value, ...}}",
        "n.json/network:2: titel: is no key of the format; did you mean 'title'?",
        "n.json/network: title: is blank; give the title for people",
        f"n.json/nodes:{line(': true')}: kind: true is a truth value; give text in quotes, or a "
        "number",
        f"n.json/nodes:{line('[here]')}: lon: ['[here]'] is a list; give one value",
        f"n.json/rules:{line('other')}: other: ['m1', 'm2'] is a list; give one value",
        f"n.json/sites:{sites}: capcity: is no column of the table; the columns are site, node, "
        "recipe, capacity, cost, pool, source, grade, note (a leading _ hides one)",
        f"n.json/supplies:{line('-777')}: capacity: -777 is negative; give 0 or more (t/yr), or "
        "leave it blank for unlimited",
        f"n.json/uses:{line('much')}: amount: {{'much': '1'}} is no value for a cell; give text "
        "in quotes, a number, or null",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "n.json:1: is no JSON: Expecting '{' at character 1"),
        ("[]", "n.json:1: is no JSON: Expecting '{' at character 1"),
        ('{\n "arcs": [\n  {"arc": "a1",}\n]}', "n.json:3: is no JSON: "),
        ('{"arcs": [{"arc": "a1"} {', "n.json:1: is no JSON: Expecting ']' at character 25"),
        ('{"arcs": [{"arc": 1},\n]}', "n.json:2: is no JSON: Expecting a row after the comma at"),
        ('{"arcs": [],\n}', "n.json:2: is no JSON: Expecting a key after the comma at character 1"),
        ('{"arcs" []}', "n.json:1: is no JSON: Expecting ':' at character 9"),
        ("{arcs: []}", "n.json:1: is no JSON: Expecting a key in double quotes at character 2"),
        ('{"arcs": []} 1', "n.json:1: is no JSON: Extra data at character 14"),
        ('{"arcs": [', "n.json:1: is no JSON: Expecting value at character 11"),
        ('{"arcs": x}', "n.json:1: is no JSON: Expecting value at character 10"),
        ('{"arcs": ' + "[" * 100_000, "n.json: is nested too deeply for a network"),
        ('{"arcs": [\n{"arc": "a\\u0000"}]}', "n.json:2: has a NUL character, which no text has"),
    ],
)
def test_what_is_no_json(tmp_path: Path, text: str, line: str) -> None:
    (found,) = told(tmp_path / "n.json", text)
    assert found.startswith(line)


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (lambda d: d.update(arcs={}), ["n.json/arcs:{arcs}: is no list of rows; write "]),
        (lambda d: d.update(network=[]), ["n.json/network:{network}: is no object; write "]),
        (lambda d: d.pop("network"), ['n.json/network: is missing; it needs at least "id" and ']),
        (lambda d: d.update(network=None), ['n.json/network: is missing; it needs at least "id"']),
        (lambda d: d.pop("arcs"), ["n.json/arcs: is missing; it needs at least the columns arc, "]),
        (lambda d: d.update(arc=d.pop("arcs")), ["n.json/arc: is no table of the format; did you"]),
        (lambda d: d.update(arcs=[]), ["n.json/arcs: has no rows; at least one is needed"]),
    ],
)
def test_what_is_no_network(
    tmp_path: Path, document: Document, change: Callable[[Document], object], lines: list[str]
) -> None:
    change(document)
    text = json.dumps(document, indent=1)
    at = {key: text[: text.index(f'"{key}"')].count("\n") + 1 for key in document}
    found = told(tmp_path / "n.json", text)
    assert len(found) == len(lines)
    assert all(a.startswith(b.format(**at)) for a, b in zip(found, lines, strict=True))


def test_what_is_there_twice_is_told(tmp_path: Path) -> None:
    write_network(read_network(BASE), tmp_path / "n.json")
    text = (tmp_path / "n.json").read_text(encoding="utf-8")
    text = text.replace('"arc": "a1"', '"arc": "a0", "arc": "a1"')
    text = text.replace('"id": "base"', '"id": "other", "id": "base"')
    text = text.replace('  "rules": [', '  "rules": [],\n  "rules": [')
    assert [re.sub(r":\d+:", ":", line) for line in told(tmp_path / "n.json", text)] == [
        "n.json/arcs: arc: the column is there twice; delete one",
        "n.json/network: id: is there twice; delete one",
        "n.json/rules: is there twice; join the two",
    ]


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_only_python_takes_for_a_number(tmp_path: Path, document: Document, word: str) -> None:
    document["arcs"][0]["cost"] = float(word)
    (line,) = told(tmp_path / "n.json", json.dumps(document))
    assert line.startswith(f"n.json/arcs:2: cost: {word} is no value for a cell")


def test_a_number_beyond_all_floats_is_shown_as_it_is_written(
    tmp_path: Path, document: Document
) -> None:
    document["arcs"][0]["cost"] = "@"
    (line,) = told(tmp_path / "n.json", json.dumps(document).replace('"@"', "1e999"))
    assert line.startswith("n.json/arcs:2: cost: 1e999 is too large; give a number (USD/kg)")


# -- the same mistakes as in a folder -------------------------------------------------------------


@cache
def cells_of(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig")), strict=True))


def tables_of(kind: str, case: str) -> tuple[Facts, Tables] | None:
    """Return facts and cells as they stand, or None where the mistake is in the kind of file."""
    files = {path.name: path for path in (*BASE.iterdir(), *(DATA / kind / case).iterdir())}
    absent = (
        files["absent.txt"].read_text(encoding="utf-8").split() if "absent.txt" in files else ()
    )
    try:
        facts = tomllib.loads(files["network.toml"].read_text(encoding="utf-8"))
        tables = {
            path.stem: cells_of(path)
            for name, path in files.items()
            if name.endswith(".csv") and name not in absent
        }
    except (ValueError, RecursionError, csv.Error):
        return None
    if "network.toml" in absent or not all(isinstance(fact, str) for fact in facts.values()):
        return None
    for name, rows in tables.items():
        header = rows[0] if rows else []
        plain = len(set(header)) == len(header) > 1 and all(h.strip() == h != "" for h in header)
        if not plain or any(len(row) not in (0, len(header)) for row in rows):
            return None
        if name not in TABLES or any("\n" in cell for row in rows for cell in row):
            return None
    return facts, tables


def said(lines: list[str], kind: str) -> list[str]:
    """Return messages about a folder as they are about another kind of file."""
    name = r"n.json/\1" if kind == "json" else r"sheet \1"
    found = [re.sub(rf"\b({'|'.join(TABLES)})\.csv", name, line) for line in lines]
    facts = "n.json/network" if kind == "json" else "sheet network"
    # The facts are on other lines there.
    found = [re.sub(r"network\.toml(?::\d+)?", facts, line) for line in found]
    return sorted(re.sub(rf"^({facts}):\d+", r"\1", line) for line in found)


_ONLY_CSV = {"blank_before_quote", "nul"}
_FIT = {
    kind: [c for c in cases(kind) if tables_of(kind, c) and c not in _ONLY_CSV]
    for kind in ("bad", "odd")
}


def every(kind: str) -> list[tuple[str, str]]:
    return [("json", c) for c in _FIT[kind][::2]] + [("xlsx", c) for c in _FIT[kind][1::8]]


def moved(kind: str, case: str, place: Path) -> list[str]:
    """Write a case into another kind of file without our writers; return what to expect."""
    found = tables_of(kind, case)
    assert found is not None
    facts, tables = found
    if place.suffix == ".json":
        document: Document = {"network": facts}
        for name, (header, *rows) in tables.items():
            document[name] = [dict(zip(header, row, strict=False)) for row in rows]
        place.write_text(json.dumps(document), encoding="utf-8")
    else:
        book = openpyxl.Workbook(write_only=True)
        sheets: dict[str, Any] = {"network": [["key", "value"], *facts.items()], **tables}
        for name, lines in sheets.items():
            sheet = book.create_sheet(name)
            for line in lines:
                sheet.append(line)
        book.save(place)
    expected = (DATA / kind / case / "expected.txt").read_text(encoding="utf-8")
    return said(expected.splitlines(), place.suffix[1:])


@pytest.mark.parametrize(("kind", "case"), every("bad"))
def test_mistakes_are_told_as_in_a_folder(kind: str, case: str, tmp_path: Path) -> None:
    expected = moved("bad", case, tmp_path / f"n.{kind}")
    found = [re.sub(r"^(\S*\s?network):\d+", r"\1", line) for line in told(tmp_path / f"n.{kind}")]
    assert sorted(found) == expected


@pytest.mark.parametrize(("kind", "case"), every("odd"))
def test_what_is_odd_is_told_as_in_a_folder(kind: str, case: str, tmp_path: Path) -> None:
    expected = moved("odd", case, tmp_path / f"n.{kind}")
    assert sorted(read_network(tmp_path / f"n.{kind}").warnings) == expected


def test_most_mistakes_can_stand_in_any_kind_of_file() -> None:
    assert len(_FIT["bad"]) > 0.75 * len(cases("bad"))
    assert _FIT["odd"] == cases("odd")
