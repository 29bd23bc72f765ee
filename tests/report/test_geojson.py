"""GeoJSON: what RFC 7946 asks of it, and that it says what the tables and results say."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings

from flowopt.network.network import Network
from flowopt.network.schema import Node
from flowopt.report.geojson import geojson_text, unplaced
from flowopt.report.result_reader import read_result
from tests.draws import draws
from tests.networks import ROOT, effect, line, measure, shipped
from tests.strategies import networks

GEOMETRIES = {
    "nodes": {"Point"},
    "arcs": {"LineString", "MultiLineString"},
    "measures": {"MultiPoint"},
}


def positions(coordinates: list[Any]) -> list[list[float]]:
    if coordinates and isinstance(coordinates[0], list):
        return [at for each in coordinates for at in positions(each)]
    return [coordinates]


def features(network: Network, **asked: Any) -> dict[str, dict[str, Any]]:
    """Return the features by id, judged by the rules of the RFC."""

    def refuse(word: str) -> float:
        raise AssertionError(word)

    told = json.loads(geojson_text(network, **asked), parse_constant=refuse)
    assert told["type"] == "FeatureCollection"
    assert "crs" not in told
    found = {}
    for each in told["features"]:
        assert each["type"] == "Feature"
        assert each.keys() >= {"geometry", "properties"}
        assert each["id"] not in found
        found[each["id"]] = each
        geometry = each["geometry"]
        if geometry is None:
            continue
        assert geometry["type"] in GEOMETRIES[each["properties"]["layer"]]
        for at in positions(geometry["coordinates"]):
            assert len(at) == 2
            assert -180.0 <= at[0] <= 180.0
            assert -90.0 <= at[1] <= 90.0
    return found


def place(network: Network, **places: tuple[float, float]) -> Network:
    nodes = [
        dataclasses.replace(n, lat=places[n.node][0], lon=places[n.node][1])
        if n.node in places
        else n
        for n in network.nodes
    ]
    return network.replace(nodes=nodes)


def test_longitude_comes_first() -> None:
    network = place(line(), A=(-12.0, -77.0), T=(-5.0, -70.0), M=(40.0, -3.5))
    found = features(network)
    assert found["nodes:A"]["geometry"] == {"type": "Point", "coordinates": [-77.0, -12.0]}
    assert found["arcs:a2"]["geometry"] == {
        "type": "LineString",
        "coordinates": [[-70.0, -5.0], [-3.5, 40.0]],
    }
    assert found["arcs:a2"]["properties"] == {
        "layer": "arcs", "arc": "a2", "tail": "T", "head": "M", "commodities": "c", "mode": None,
        "capacity": 20.0, "cost": 0.0, "loss": 0.0, "source": None, "grade": None, "note": None,
    }  # fmt: skip


def test_a_leg_over_the_antimeridian_is_cut_in_two() -> None:
    network = place(line(), A=(0.0, 170.0), T=(-30.0, -160.0), M=(0.0, -180.0))
    there = features(network)["arcs:a1"]["geometry"]
    assert there["type"] == "MultiLineString"
    first, second = there["coordinates"]
    assert first[0] == [170.0, 0.0]
    assert first[1] == pytest.approx([180.0, -10.0])
    assert second[0] == pytest.approx([-180.0, -10.0])
    assert second[1] == pytest.approx([-160.0, -30.0])


def test_what_has_no_place_is_there_without_geometry() -> None:
    network = place(line(measures=[measure("m1")], effects=[effect("m1", "arc", "a2", cut=0.5)]),
                    A=(-12.0, -77.0), T=(-5.0, -70.0))  # fmt: skip
    found = features(network)
    assert unplaced(network) == ("M",)
    assert found["nodes:M"]["geometry"] is None
    assert found["arcs:a1"]["geometry"] is not None
    assert found["arcs:a2"]["geometry"] is None
    assert found["measures:m1"]["geometry"] is None


def test_measures_stand_where_they_act() -> None:
    network = place(
        line(
            measures=[measure("m1"), measure("m2")],
            effects=[
                effect("m1", "arc", "a1", cut=0.5),
                effect("m1", "demand", "M", cut=0.1),
                effect("m2", "node", "T", loss=0.5),
            ],
        ),
        A=(0.0, 10.0), T=(-10.0, 30.0), M=(20.0, 50.0),
    )  # fmt: skip
    found = features(network)
    assert found["measures:m1"]["geometry"]["coordinates"] == [[20.0, -5.0], [50.0, 20.0]]
    assert found["measures:m2"]["geometry"]["coordinates"] == [[30.0, -10.0]]
    assert "chosen" not in found["measures:m1"]["properties"]


@settings(max_examples=draws(25))
@given(networks(places=True))
def test_every_drawn_row_is_a_feature(network: Network) -> None:
    found = features(network)
    rows = [*network.nodes, *network.arcs, *network.measures]
    assert len(found) == len(rows)
    for node in network.nodes:
        told = found[f"nodes:{node.node}"]
        assert (told["geometry"] is None) == (node.node in unplaced(network))
        assert told["properties"]["kind"] == node.kind


def test_a_layer_alone() -> None:
    found = features(line(), layers=["arcs"])
    assert list(found) == ["arcs:a1", "arcs:a2"]


def test_a_result_says_what_its_tables_say() -> None:
    network = shipped("peru-2014")
    result = read_result(ROOT / "results" / "peru-2014" / "budget-20", network)
    found = features(network, result=result)
    chosen = [
        f["properties"]["measure"]
        for f in found.values()
        if f["properties"]["layer"] == "measures" and f["properties"]["chosen"]
    ]
    assert sorted(chosen) == sorted(result.certificate.plan)
    row = result.flows[0]
    told = found[f"arcs:{row['arc']}"]["properties"]
    assert told[f"before_{row['commodity']}"] == float(row["before"])
    assert told[f"after_{row['commodity']}"] == float(row["after"])
    delivered = sum(
        f["properties"].get("after", 0.0)
        for f in found.values()
        if f["properties"]["layer"] == "nodes"
    )
    assert delivered == pytest.approx(result.summary["delivered"], rel=1e-6)
    first = result.plan[0]
    assert found[f"measures:{first['measure']}"]["properties"]["rank"] == 1
    assert found[f"measures:{first['measure']}"]["properties"]["lost_if_dropped"] == float(
        first["lost_if_dropped"]
    )
    total = sum(
        f["properties"].get("change", 0.0)
        for f in found.values()
        if f["properties"]["layer"] == "arcs"
    )
    assert total == pytest.approx(sum(float(r["after"]) - float(r["before"]) for r in result.flows))


def test_text_of_any_language_and_odd_ids() -> None:
    network = line()
    nodes = [Node(node=n.node, name='Ñañu "x" \u2028', kind=n.kind) for n in network.nodes]
    assert features(network.replace(nodes=nodes))["nodes:A"]["properties"]["name"].startswith(
        "Ñañu"
    )
