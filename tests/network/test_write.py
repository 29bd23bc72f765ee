"""Writing: what is written reads back equal, and nothing is ever written over."""

from __future__ import annotations

import dataclasses
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.errors import InputError, RequestError
from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.network.schema import Arc, Info, Node, number_text
from flowopt.network.write import write_network
from tests.draws import draws
from tests.network.checks.test_validation import drawn
from tests.network.overlays import BASE


@pytest.fixture
def base() -> Network:
    return read_network(BASE)


def round_trip(network: Network) -> Network:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "network"
        write_network(network, folder)
        return read_network(folder)


def test_the_base_comes_back(base: Network) -> None:
    back = round_trip(base)
    assert back == base
    assert back.sha256 == base.sha256


@given(drawn())
@settings(max_examples=draws(15))
def test_drawn_networks_come_back(network: Network) -> None:
    back = round_trip(network)
    assert back == network
    assert back.sha256 == network.sha256


texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\r\n\t,;\"'=+-@#\\_"),
    max_size=12,
)


@given(st.lists(texts, min_size=4, max_size=4), texts, texts)
def test_any_text_comes_back(words: list[str], title: str, note: str) -> None:
    base = read_network(BASE)
    name, region, how, mode = words
    network = base.replace(
        info=Info(id="x", title=title.strip() or "x", description=note),
        nodes=[
            dataclasses.replace(base.nodes[0], name=name.strip() or "x", region=region, note=note),
            *base.nodes[1:],
        ],
        arcs=[dataclasses.replace(base.arcs[0], mode=mode), *base.arcs[1:]],
        sources=[dataclasses.replace(base.sources[0], how=how), *base.sources[1:]],
    )
    assert round_trip(network) == network


def test_any_fact_comes_back(base: Network) -> None:
    odd = 'a "quoted" \\ title\n\twith \x7f, \x1b and ñ'
    network = base.replace(info=dataclasses.replace(base.info, title=odd, mass_unit="kg"))
    assert round_trip(network).info == network.info


@given(st.floats(min_value=0, allow_infinity=False))
def test_any_number_comes_back(number: float) -> None:
    base = read_network(BASE)
    arcs = [*base.arcs, Arc(arc="z", tail="Mine", head="Lab", commodities=("acid",), cost=number)]
    network = base.replace(arcs=arcs)
    assert round_trip(network) == network
    assert float(number_text(number)) == number


def test_only_what_is_said_is_written(base: Network, tmp_path: Path) -> None:
    write_network(base.replace(rules=[], resources=[], uses=[]), tmp_path / "n")
    names = {path.name for path in (tmp_path / "n").iterdir()}
    assert "rules.csv" not in names
    assert "sources.csv" in names

    def lines(name: str) -> list[str]:
        return (tmp_path / "n" / name).read_bytes().decode().split("\n")

    assert lines("network.toml") == [
        'id = "base"',
        'title = "A chain with one of everything"',
        "",
    ]
    assert lines("arcs.csv")[:3] == [
        "arc,tail,head,commodities,mode,capacity,cost,loss",
        "a1,Farm,Lab,leaf,foot,1000,0.1,0.01",
        "a2,Mine,Lab,acid,road,,0.3,",
    ]
    assert lines("demands.csv")[:3] == [
        "node,commodity,quantity,price,weight,pool,source",
        "City,powder,30,900,2,,S1",
        "Town,powder,10,700,,town,S1;S2",
    ]


def test_text_that_a_spreadsheet_would_run_is_written_as_it_is(
    base: Network, tmp_path: Path
) -> None:
    names = ["=1+1", "+1", "-1", "@x"]
    nodes = [dataclasses.replace(n, name=x) for n, x in zip(base.nodes, names, strict=False)]
    network = base.replace(nodes=[*nodes, *base.nodes[4:]])
    write_network(network, tmp_path / "n")
    assert "\nFarm,=1+1,area," in (tmp_path / "n" / "nodes.csv").read_text(encoding="utf-8")
    assert read_network(tmp_path / "n") == network


def test_an_empty_folder_is_filled(base: Network, tmp_path: Path) -> None:
    (tmp_path / "n").mkdir()
    write_network(base, str(tmp_path / "n"))
    assert read_network(tmp_path / "n") == base


def test_missing_folders_above_are_made(base: Network, tmp_path: Path) -> None:
    write_network(base, tmp_path / "a" / "b" / "n")
    assert read_network(tmp_path / "a" / "b" / "n") == base
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["n"]


@pytest.mark.parametrize("taken", ["folder", "file"])
def test_nothing_is_written_over(base: Network, tmp_path: Path, taken: str) -> None:
    place = tmp_path / "n"
    if taken == "folder":
        place.mkdir()
    mine = place / "mine.txt" if taken == "folder" else place
    mine.write_text("mine", encoding="utf-8")
    words = {"folder": r"holds other files: mine\.txt; give a new", "file": "is a file; give the"}
    with pytest.raises(RequestError, match=words[taken]):
        write_network(base, place)
    assert mine.read_text(encoding="utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["n"]


def test_text_that_no_reader_takes_is_refused(base: Network, tmp_path: Path) -> None:
    odd = dataclasses.replace(base.nodes[0], note="a NUL \0 here")
    with pytest.raises(InputError, match=r"nodes\.csv: a text holds a NUL character"):
        write_network(base.replace(nodes=[odd, *base.nodes[1:]]), tmp_path / "n")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_leaves_nothing(
    base: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(RequestError, match="can't be written: No space left on device"):
        write_network(base, tmp_path / "n")
    assert list(tmp_path.iterdir()) == []


def test_others_may_read_what_is_written(base: Network, tmp_path: Path) -> None:
    write_network(base, tmp_path / "n")
    (tmp_path / "plain").mkdir()
    assert (tmp_path / "n").stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert os.access(tmp_path / "n" / "arcs.csv", os.R_OK)


def test_a_network_that_was_never_checked_is_written_too(tmp_path: Path) -> None:
    kind: Any = "transit"
    write_network(
        Network(Info(id="x", title="x"), nodes=(Node(node="a", name="A", kind=kind),)),
        tmp_path / "n",
    )
    assert (tmp_path / "n" / "arcs.csv").read_text(encoding="utf-8") == (
        "arc,tail,head,commodities\n"
    )
