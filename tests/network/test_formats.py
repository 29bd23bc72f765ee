"""One network in three kinds of place: what goes from one to the next comes back the same."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import re
import tempfile
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.cli.convert_command import convert
from flowopt.errors import InputError, RequestError
from flowopt.network import formats, schema
from flowopt.network.formats import FOLDER, FORMATS, Format, format_of, written_as
from flowopt.network.network import Network
from flowopt.network.new_network import new_network
from flowopt.network.read import read_foreign, read_network
from flowopt.network.schema import Info
from flowopt.network.write import write_network
from flowopt.planning.evaluate_over_time import respond_over_time
from flowopt.planning.respond import respond
from flowopt.report.geojson import GEOJSON
from tests.command import run
from tests.draws import draws
from tests.network.overlays import BASE, OVER_TIME
from tests.network.test_write import texts
from tests.networks import SHIPPED
from tests.strategies import networks

NAMES = sorted(p.parent.name for p in SHIPPED.glob("*/network.toml"))
numbers = st.floats(min_value=0, allow_infinity=False)
ROUND = ("n.xlsx", "n.json", "folder")


def went_round(network: Network, place: Path) -> list[Network]:
    """Write a network to the first place, read it there, write that to the next, and so on."""
    found = [network]
    for name in ROUND:
        write_network(found[-1], place / name)
        found.append(read_network(place / name))
    return found[1:]


def cells(folder: Path) -> dict[str, list[dict[str, str]]]:
    """Read the tables of a folder with nothing of ours; blank cells are left out."""
    tables = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            rows = [{k: v for k, v in row.items() if v} for row in csv.DictReader(file)]
        if rows:
            tables[path.name] = rows
    return tables


def test_what_is_left_out_is_told_whole() -> None:
    """Every table that is not in a file, and every fact of the network itself."""
    kept = {".graphml": {"nodes", "arcs", "supplies", "demands", "id", "title"},
            ".nodelink.json": {"nodes", "arcs", "supplies", "demands", "id", "title"},
            ".geojson": {"nodes", "arcs", "measures", "id"}}  # fmt: skip
    lost = {each.suffixes[0]: each.lost for each in (*FORMATS, GEOJSON) if each.lost}
    assert lost.keys() == kept.keys()
    for suffix, told in lost.items():
        names = {*schema.TABLES, *schema.columns(Info)}
        assert {n for n in names if not re.search(rf"\b{n}\b", told)} <= kept[suffix]


def test_a_network_is_solved_alike_in_every_format(tmp_path: Path) -> None:
    """What `solve` finds and proves does not depend on the kind of file that the numbers are in."""
    places = [SHIPPED / "tiny", *(tmp_path / name for name in ROUND)]
    for before, after in pairwise(places):
        assert run("convert", before, after, "--quiet").returncode == 0
    found = [json.loads(run("solve", p, "--budget", 4, "--json").stdout) for p in places]
    assert found[0]["status"] == "optimal"
    for name in ("input_sha256", "value", "bound", "spent", "measures", "delivered", "status"):
        assert [each[name] for each in found] == [found[0][name]] * len(places), name


SLOW = ("peru-2015-2019", "peru-2014-worlds", "madre-de-dios-gold")


@pytest.mark.parametrize(
    "name",
    # What the slow ones have beside peru-2014 are tables that tiny-years and, for scenarios, those
    # of network/test_scenario.py have as well, and other numbers.
    [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in NAMES],
)
def test_a_shipped_network_comes_back_from_everywhere(name: str, tmp_path: Path) -> None:
    network = read_network(SHIPPED / name)
    found = went_round(network, tmp_path)
    assert found == [network] * 3
    assert {each.sha256 for each in found} == {network.sha256}
    ask = respond_over_time if network.periods else respond
    assert ask(found[-1]).value == ask(network).value  # as are those of equal networks
    written = cells(tmp_path / "folder")
    said = cells(SHIPPED / name)
    assert written.keys() == said.keys()
    for table, rows in said.items():
        for old, new in zip(rows, written[table], strict=True):
            for column, text in new.items():  # what is not there is a default
                assert numbers_or_text(old[column]) == numbers_or_text(text)
            defaults = set(old) - set(new)
            assert all(old[column] in ("0", "1", "0.0", "1.0") for column in defaults)


def numbers_or_text(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return [part.strip() for part in text.split(";")]


@settings(max_examples=draws(3))
@given(networks())
def test_drawn_networks_come_back_from_everywhere(network: Network) -> None:
    with tempfile.TemporaryDirectory() as place:
        found = went_round(network, Path(place))
    assert found == [network] * 3
    assert {each.sha256 for each in found} == {network.sha256}


def test_a_network_over_time_comes_back_from_everywhere(tmp_path: Path) -> None:
    network = read_network(OVER_TIME)
    found = went_round(network, tmp_path)
    assert found == [network] * 3
    assert {each.sha256 for each in found} == {network.sha256}


@settings(max_examples=draws(3))
@given(st.lists(st.tuples(texts, texts, numbers), min_size=6, max_size=6))
def test_any_text_and_number_comes_back_from_everywhere(
    found: list[tuple[str, str, float]],
) -> None:
    base = read_network(BASE)
    nodes = [
        dataclasses.replace(node, name=name.strip() or "x", note=note, capacity=number)
        for node, (name, note, number) in zip(base.nodes, found, strict=True)
    ]
    info = Info(id="x", title=nodes[0].name, description=nodes[0].note)
    network = base.replace(info=info, nodes=nodes)
    with tempfile.TemporaryDirectory() as place:
        assert went_round(network, Path(place)) == [network] * 3


LOOKS = (
    *("007", "1.50", "1e3", "TRUE", "false", "2014-05-01", "1-2", "3/4", "#REF!", "=1+1", "+1"),
    *("-1", "@x", "'x", "0x1F", "50%", "null", "None", "NaN", "_x000D_", "_x0041_", "a_b", "a\rb"),
    *("\x1b[1m", "\ufffe", "a\nb", "a\r\nb", "\x7f", "é", "日本", "🚁", "_x", "__x0041_"),
)


def test_text_stays_text_whatever_it_looks_like(tmp_path: Path) -> None:
    base = read_network(BASE)
    nodes = [
        *base.nodes,
        *(dataclasses.replace(base.nodes[0], node=f"{x}", name=x, country=x) for x in LOOKS),
    ]
    network = base.replace(nodes=nodes)
    assert went_round(network, tmp_path) == [network] * 3


def test_a_folder_reads_with_its_descriptor_in_it(tmp_path: Path) -> None:
    base = read_network(BASE)
    write_network(base, tmp_path / "n")
    assert (tmp_path / "n" / "datapackage.json").is_file()
    assert read_network(tmp_path / "n") == base


# -- places -------------------------------------------------------------------------------------


def test_the_format_is_told_by_the_name(tmp_path: Path) -> None:
    (tmp_path / "odd.json").mkdir()
    told = {
        "a.xlsx": "a workbook",
        "a.b.XLSX": "a workbook",
        "a.json": "a JSON file",
        "a": "a folder",
        "peru-1.2": "a folder",
        ".xlsx": "a folder",
        "odd.json": "a folder",
    }
    assert {name: written_as(tmp_path / name).name for name in told} == told


@pytest.mark.parametrize("name", ["a.csv", "a.xls", "a.xlsm", "a.toml"])
def test_what_nothing_is_written_as(name: str, tmp_path: Path) -> None:
    suffix = name[1:]
    what = (
        f"nothing can be written as {suffix}; end it in .xlsx, .json, .nodelink.json, .graphml or "
        "a name without one"
    )
    with pytest.raises(RequestError, match=what):
        write_network(read_network(BASE), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_every_format_that_is_written_is_read() -> None:
    assert all(each.is_read for each in FORMATS if each.encode)
    assert all(each.parse for each in FORMATS if each.encode and not each.lost)
    assert len({s for each in FORMATS for s in each.suffixes}) == sum(
        len(each.suffixes) for each in FORMATS
    )
    assert all(format_of(Path(f"x{s}")) is each for each in FORMATS for s in each.suffixes)


@pytest.mark.parametrize("kind", [FOLDER, *FORMATS], ids=lambda each: each.name)
def test_every_function_of_the_register_is_there_below_it(kind: Format) -> None:
    texts = [kind.parse, kind.parse_graph, kind.encode, kind.sniff]
    assert any(texts)
    for text in filter(None, texts):
        module, _, name = text.partition(":")
        assert module.startswith(("flowopt.network.files.", "flowopt.network.foreign."))
        assert callable(getattr(import_module(module), name))


PAIRS = Format(
    "a list of pairs",
    (".pairs",),
    parse_graph="tests.network.pairs:read_pairs",
    encode="tests.network.pairs:pairs_bytes",
    sniff="tests.network.pairs:is_pairs",
    shared=(".txt",),
    lost="all but tails and heads",
)


def test_a_row_of_the_register_is_all_that_a_kind_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read, written, offered as foreign, looked for by its content, and in all sentences."""
    monkeypatch.setattr(formats, "FORMATS", (*FORMATS, PAIRS))
    file = tmp_path / "net.pairs"
    file.write_text("mine port\n", encoding="utf-8")
    options = {"sources": ["mine"], "sinks": ["port"], "quantity": 2.0}
    network = read_foreign(file, **options)
    assert [(arc.tail, arc.head) for arc in network.arcs] == [("mine", "port")]
    with pytest.raises(InputError, match=r"no node supplies anything"):
        read_network(file)
    write_network(network, tmp_path / "again.pairs")
    assert (tmp_path / "again.pairs").read_bytes() == file.read_bytes()
    (tmp_path / "net.txt").write_bytes(file.read_bytes())
    (tmp_path / "notes.txt").write_text("no pairs here, but words", encoding="utf-8")
    assert formats.is_foreign(tmp_path / "net.txt")
    assert not formats.is_foreign(tmp_path / "notes.txt")
    with pytest.raises(InputError, match=r"is no network; give .*, \.max, \.min or \.pairs$"):
        read_network(tmp_path / "notes.txt")
    with pytest.raises(RequestError, match=r"give .* or a list of pairs \(\.pairs, \.txt\)$"):
        read_foreign(tmp_path)
    with pytest.raises(RequestError, match=r"end it in .*\.graphml, \.pairs or a name without"):
        write_network(network, tmp_path / "net.csv")
    shown = " ".join(run("convert", "--help").stdout.split())
    assert ".pairs a list of pairs, and a name without a suffix a folder" in shown
    assert "(node.csv and link.csv) or a list of pairs (.pairs, .txt)." in shown
    done = CliRunner().invoke(
        convert, [str(tmp_path / "net.txt"), str(tmp_path / "n"), "--source", "mine", "--sink",
                  "port", "--quantity", "2"])  # fmt: skip
    assert done.exit_code == 0
    assert read_network(tmp_path / "n").arcs == network.arcs


@pytest.mark.parametrize("name", ["n.xlsx", "n.json"])
def test_a_file_is_replaced_only_on_request(name: str, tmp_path: Path) -> None:
    base = read_network(BASE)
    place = tmp_path / "a" / name
    write_network(base, place)
    with pytest.raises(RequestError, match="is there already; give another name, or use --force"):
        write_network(base, place)
    other = base.replace(rules=())
    write_network(other, place, force=True)
    assert read_network(place) == other
    assert [path.name for path in place.parent.iterdir()] == [name]
    (tmp_path / "plain").write_bytes(b"")
    assert place.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_folder_is_replaced_only_on_request_and_keeps_what_is_not_ours(tmp_path: Path) -> None:
    base = read_network(BASE)
    place = tmp_path / "n"
    write_network(base, place)
    (place / "README.md").write_text("mine")
    (place / "maps").mkdir()
    (place / "maps" / "a.png").write_text("a map")
    (place / "link").symlink_to(place / "nowhere")
    with pytest.raises(
        RequestError, match="already holds a network; give another folder, or use --force"
    ):
        write_network(base, place)
    other = base.replace(rules=())
    write_network(other, place, force=True)
    assert read_network(place) == other
    assert not (place / "rules.csv").exists()
    assert (place / "README.md").read_text() == "mine"
    assert (place / "maps" / "a.png").read_text() == "a map"
    assert (place / "link").is_symlink()
    assert [path.name for path in tmp_path.iterdir()] == ["n"]


def test_force_replaces_nothing_but_networks(tmp_path: Path) -> None:
    base = read_network(BASE)
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").write_text("years of work")
    with pytest.raises(
        RequestError, match=r"holds other files: thesis\.tex; give a new or empty folder"
    ):
        write_network(base, tmp_path / "thesis", force=True)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RequestError, match="is a file; give the name of a folder"):
        write_network(base, tmp_path / "file", force=True)
    (tmp_path / "n.json").write_text("mine")
    write_network(base, tmp_path / "net")
    (tmp_path / "net" / "mine.csv").write_text("a\n1\n")
    with pytest.raises(RequestError, match=r"holds mine\.csv, which is no table of a network"):
        write_network(base, tmp_path / "net", force=True)
    assert (tmp_path / "thesis" / "thesis.tex").read_text() == "years of work"


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = read_network(BASE)
    for name in ("n", "n.json"):
        write_network(base, tmp_path / name)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for name in ("n", "n.json"):
        with pytest.raises(RequestError, match="can't be written: No space left on device"):
            write_network(base.replace(rules=()), tmp_path / name, force=True)
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["n", "n.json"]


def test_a_swap_that_fails_puts_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = read_network(BASE)
    write_network(base, tmp_path / "n")
    rename, calls = os.rename, []

    def second_fails(path: Path, target: Path) -> None:
        calls.append(path)
        if len(calls) == 2:
            raise OSError(13, "Permission denied")
        rename(path, target)

    monkeypatch.setattr(os, "rename", second_fails)
    with pytest.raises(RequestError, match="can't be written: Permission denied"):
        write_network(base.replace(rules=()), tmp_path / "n", force=True)
    assert read_network(tmp_path / "n") == base
    assert [path.name for path in tmp_path.iterdir()] == ["n"]


# -- what to start from ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["n.xlsx", "n.json"])
def test_a_file_to_start_from_says_what_the_folder_says(name: str, tmp_path: Path) -> None:
    new_network(tmp_path / "n")
    new_network(tmp_path / name)
    assert read_network(tmp_path / name) == read_network(tmp_path / "n")
    new_network(tmp_path / f"tiny-{name}", source="tiny")
    assert read_network(tmp_path / f"tiny-{name}") == read_network(SHIPPED / "tiny")
    with pytest.raises(RequestError, match="is there already"):
        new_network(tmp_path / name)


def test_a_nul_is_refused_in_every_format(tmp_path: Path) -> None:
    base = read_network(BASE)
    nodes = (dataclasses.replace(base.nodes[0], note="a\0b"), *base.nodes[1:])
    network = dataclasses.replace(base, nodes=nodes)
    for name in ROUND:
        with pytest.raises(InputError, match="NUL"):
            write_network(network, tmp_path / name)
    assert list(tmp_path.iterdir()) == []
