"""The descriptor of a folder: others accept what we write, and refuse what is broken."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import frictionless
import pytest
from hypothesis import given, settings

from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.network.schema import MANDATORY, TABLES, columns
from flowopt.network.write import write_network
from tests.draws import draws
from tests.network.overlays import BASE, OVER_TIME
from tests.networks import SHIPPED
from tests.strategies import networks

NAMES = sorted(p.parent.name for p in SHIPPED.glob("*/network.toml"))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("package") / "base"
    write_network(read_network(OVER_TIME), place)
    return place


def found(folder: Path) -> list[tuple[str, str, int | None, str | None]]:
    """Return type, table, row and column of what frictionless finds wrong."""
    report = frictionless.validate(str(folder / "datapackage.json"))
    errors: list[tuple[str, str, int | None, str | None]] = [
        (error.type, "", None, None) for error in report.errors
    ]
    for task in report.tasks:
        for error in task.errors:
            row = getattr(error, "row_number", None)
            errors.append((error.type, task.name, row, getattr(error, "field_name", None)))
    return errors


def descriptor(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "datapackage.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "name",
    # Those of Peru are large; what their tables are, the small ones show between them.
    [pytest.param(n, marks=pytest.mark.slow) if n.startswith("peru-2") else n for n in NAMES],
)
def test_frictionless_accepts_every_shipped_network(name: str, tmp_path: Path) -> None:
    write_network(read_network(SHIPPED / name), tmp_path / name)
    assert found(tmp_path / name) == []


@settings(max_examples=draws(3))
@given(networks())
def test_frictionless_accepts_drawn_networks(network: Network) -> None:
    with tempfile.TemporaryDirectory() as place:
        write_network(network, Path(place) / "n")
        assert found(Path(place) / "n") == []


def test_no_text_puts_it_off(tmp_path: Path) -> None:
    """Other separators outnumber the commas, and quotes and line ends stand in cells."""
    base = read_network(BASE)
    odd = "a; \"b\"\t'c' | d\nline, é =1 ;;;;;;;;"
    nodes = [dataclasses.replace(node, name=odd, country=odd, note=odd) for node in base.nodes]
    write_network(base.replace(nodes=nodes), tmp_path / "n")
    assert found(tmp_path / "n") == []
    package = frictionless.Package(str(tmp_path / "n" / "datapackage.json"))
    assert package.get_resource("nodes").read_rows()[0]["name"] == odd


BROKEN: dict[str, list[tuple[str, str, tuple[str, int | None, str | None]]]] = {
    "nodes": [(",area", ",aria", ("constraint-error", 2, "kind"))],
    "arcs": [
        ("a1,Farm", "a1,Frm", ("foreign-key", 2, None)),
        (",1000,", ",-5,", ("constraint-error", 2, "capacity")),
        (",0.01", ",1.5", ("constraint-error", 2, "loss")),
        ("leaf,foot", "leaf;,foot", ("constraint-error", 2, "commodities")),
        (",acid,", ",,", ("constraint-error", 3, "commodities")),
        (",80,", ",much,", ("type-error", 4, "capacity")),
        ("a5,", "a4,", ("primary-key", 6, None)),
    ],
    "sites": [("cook", "coke", ("foreign-key", 2, None))],
    "effects": [
        ("m1,", "m0,", ("foreign-key", 2, None)),
        (",0.8", ",1.8", ("constraint-error", 2, "uptime")),
    ],
    "rules": [("requires", "require", ("constraint-error", 2, "relation"))],
    "uses": [("amount", "amout", ("incorrect-label", None, "amount"))],
}


def test_frictionless_refuses_what_is_broken(written: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(written, tmp_path / "n"))
    for table, changes in BROKEN.items():
        path = folder / f"{table}.csv"
        for old, new, _ in changes:
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new, 1), encoding="utf-8")
    expected = [
        (kind, table, row, field)
        for table, changes in BROKEN.items()
        for _, _, (kind, row, field) in changes
    ]
    assert sorted(found(folder), key=str) == sorted(expected, key=str)


def test_a_missing_table_is_refused(written: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(written, tmp_path / "n"))
    (folder / "recipes.csv").unlink()
    assert found(folder)


def test_it_says_what_the_row_models_say(written: Path) -> None:
    package = descriptor(written)
    assert [each["name"] for each in package["resources"]] == list(TABLES)
    for resource in package["resources"]:
        row = TABLES[resource["name"]]
        known = columns(row)
        text = (written / resource["path"]).read_text(encoding="utf-8")
        names = [field["name"] for field in resource["schema"]["fields"]]
        assert names == text.split("\n")[0].split(",")
        for field in resource["schema"]["fields"]:
            about = known[field["name"]]
            assert field["description"].startswith(about.meaning)
            assert field.get("unit", "") == about.unit
            assert field["type"] == ("number" if about.unit else "string")
            assert field.get("constraints", {}).get("required", False) == (not about.blank)
        foreign = {key["fields"][0] for key in resource["schema"].get("foreignKeys", ())}
        said = {name for name in names if known[name].refers}
        lists_and_globs = {"commodities", "source", "target"}
        assert foreign == said - lists_and_globs
    (arcs,) = (each for each in package["resources"] if each["name"] == "arcs")
    assert arcs["schema"]["foreignKeys"][0] == {
        "fields": ["tail"],
        "reference": {"resource": "nodes", "fields": ["node"]},
    }
    assert (
        "`target` in effects, earnings, changes, ranges, openings and trends is"
        in package["description"]
    )


def test_tables_that_are_not_written_are_not_referred_to(tmp_path: Path) -> None:
    base = read_network(BASE)
    nothing: dict[str, Any] = {t: () for t in TABLES if t not in MANDATORY}
    plain = [dataclasses.replace(demand, source=()) for demand in base.demands]
    small = dataclasses.replace(base, demands=tuple(plain), **nothing)
    write_network(small, tmp_path / "n")
    package = descriptor(tmp_path / "n")
    assert {each["name"] for each in package["resources"]} == set(MANDATORY)
    assert found(tmp_path / "n") == []


def test_names_and_licences_that_the_specification_allows(tmp_path: Path) -> None:
    base = read_network(BASE)
    info = dataclasses.replace(base.info, id="Perú 2014 (A)", license="CC BY 4.0", description="x")
    write_network(base.replace(info=info), tmp_path / "n")
    package = descriptor(tmp_path / "n")
    assert (package["name"], package["id"]) == ("per-2014-a", "Perú 2014 (A)")
    assert package["licenses"] == [{"name": "CC-BY-4.0", "title": "CC BY 4.0"}]
    assert found(tmp_path / "n") == []
