"""A folder to start from: sound as it stands, with every column, and never over anything."""

from __future__ import annotations

import csv
import os
import tomllib
from pathlib import Path

import pytest

from flowopt.errors import RequestError
from flowopt.network import new_network as starting
from flowopt.network.new_network import new_network, shipped_networks
from flowopt.network.read import read_network
from flowopt.network.schema import TABLES, Info, columns
from flowopt.planning.solve import solve
from tests.network.overlays import OF_TIME
from tests.networks import SHIPPED


def test_the_template_is_sound_and_has_rows_and_every_column_in_each_table(
    tmp_path: Path,
) -> None:
    new_network(tmp_path / "mine")
    network = read_network(tmp_path / "mine")
    assert network.warnings == ()
    for name, row in TABLES.items():
        with (tmp_path / "mine" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            assert reader.fieldnames == list(columns(row))
            assert bool(list(reader)) == (name not in OF_TIME), name  # it is about one year
    text = (tmp_path / "mine" / "network.toml").read_text(encoding="utf-8")
    assert list(tomllib.loads(text)) == list(columns(Info))
    assert all(about.meaning in text.replace("\n# ", " ") for about in columns(Info).values())


def test_the_template_has_something_to_decide(tmp_path: Path) -> None:
    """By hand: 11 t; the strip keeps 4.5 t of 5 t, scanner and vetting leave 0.28 of 6 t."""
    new_network(tmp_path / "mine")
    network = read_network(tmp_path / "mine")
    assert solve(network, budget=0).value == pytest.approx(11.0)
    best = solve(network, budget=3)
    assert best.measures == ("m_scanner", "m_vetting")
    assert best.value == pytest.approx(5.0 + 6.0 * (1.0 - 0.8 * 0.9))


def test_the_readme_says_what_to_edit_first_and_what_every_column_means(tmp_path: Path) -> None:
    new_network(tmp_path / "mine")
    text = (tmp_path / "mine" / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# Your network: what to edit first")
    assert "flowopt check mine" in text
    for name, row in TABLES.items():
        assert f"## {name}.csv" in text
        assert all(f"`{column}`" in text for column in columns(row))


@pytest.mark.parametrize("name", sorted(p.parent.name for p in SHIPPED.glob("*/network.toml")))
def test_a_copy_reads_as_the_network_it_was(name: str, tmp_path: Path) -> None:
    new_network(tmp_path / "mine", source=name)
    assert read_network(tmp_path / "mine").sha256 == read_network(SHIPPED / name).sha256
    text = (tmp_path / "mine" / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# Your network: what to edit first")
    about = SHIPPED / name / "README.md"
    assert not about.exists() or text.endswith(about.read_text(encoding="utf-8"))
    assert text.rstrip()[-3:] != "---"


def test_an_installed_package_brings_its_own_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data" / "own").mkdir(parents=True)
    (tmp_path / "data" / "own" / "network.toml").write_text('id = "own"\ntitle = "Own"\n')
    monkeypatch.setattr(starting, "_PLACES", (tmp_path / "data", SHIPPED))
    assert list(shipped_networks()) == ["own"]
    monkeypatch.setattr(starting, "_PLACES", (tmp_path / "nowhere",))
    with pytest.raises(RequestError, match="there are none"):
        new_network(tmp_path / "mine", source="tiny")


def test_an_unknown_name_is_answered_with_a_known_one(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"'peru-2015' is shipped; did you mean peru-2014\?"):
        new_network(tmp_path / "mine", source="peru-2015")
    with pytest.raises(RequestError, match="there are leaky-river, madre-de-dios-gold, peru-2014"):
        new_network(tmp_path / "mine", source="../../etc")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(RequestError, match=r"holds other files: thesis\.tex; give a new or empty"):
        new_network(tmp_path)
    with pytest.raises(RequestError, match="is a file; give the name of a folder"):
        new_network(tmp_path / "thesis.tex")
    new_network(tmp_path / "n.json")
    with pytest.raises(RequestError, match=r"is there already; give another name$"):
        new_network(tmp_path / "n.json")
    (tmp_path / "n.json").unlink()
    assert os.listdir(tmp_path) == ["thesis.tex"]
