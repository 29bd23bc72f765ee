"""Where measures act."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flowopt.network.schema import Effect, Reform
from flowopt.report.measure_regions import measure_regions
from flowopt.report.result_page import page_of
from flowopt.report.result_reader import read_result
from tests.networks import line, measure, shipped
from tests.report.pages import result_of_peru
from tests.report.test_result_page import without_scripts


@pytest.mark.parametrize(
    ("name", "regions"),
    [
        ("m11", ("Junin",)),  # fields
        ("m22", ("Junin",)),  # the legs of strips, to four places
        ("m58", ("Antwerp-Rotterdam",)),  # legs from four places to one
        ("m70", ("Cusco",)),  # a pool of sites
        ("m76", ("Junin", "Cusco", "Ayacucho")),  # a reform: where what it makes better acts
    ],
)
def test_where_measures_of_peru_act(name: str, regions: tuple[str, ...]) -> None:
    found = measure_regions(shipped("peru-2014"), [name])[name]
    assert set(regions) <= set(found) if name == "m76" else found == regions


def test_nodes_without_a_region_and_reforms_of_nothing_have_none() -> None:
    network = line(
        measures=[measure("m1"), measure("m2")],
        effects=[Effect(measure="m1", on="arc", target="a*", cut=0.5)],
        reforms=[Reform(measure="m2", target="m1", corruption=0.1)],
    )
    assert measure_regions(network, ["m1", "m2"]) == {"m1": (), "m2": ()}
    nodes = [replace(row, region="South" if row.node == "M" else "") for row in network.nodes]
    assert measure_regions(network.replace(nodes=nodes), ["m2"]) == {"m2": ("South",)}


def test_the_plan_names_the_region_of_each_measure(tmp_path: Path) -> None:
    result = read_result(result_of_peru(tmp_path / "out"), shipped("peru-2014"))
    text = without_scripts(page_of(result, place="n", folder="out"))
    table = text[text.index("The measures as a table") - 200 :]
    assert [table.index(f">{name}<") > 0 for name in ("Junin", "Cusco", "Ayacucho", "Huanuco")]
