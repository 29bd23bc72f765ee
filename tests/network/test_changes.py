"""Networks with other numbers in some rows: what changes, what stays, what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flowopt.errors import InputError, RequestError
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.respond import respond
from flowopt.planning.trafficker import Trafficker
from tests.networks import shipped


def changed_by_hand(network: Network, table: str, place: int, **columns: Any) -> Network:
    rows = list(getattr(network, table))
    rows[place] = replace(rows[place], **columns)
    return network.replace(**{table: rows})


def test_a_change_makes_another_network_and_leaves_the_first() -> None:
    tiny = shipped("tiny")
    before = tiny.sha256
    found = tiny.with_changes({
        ("supplies", "F_HILLS", "leaf"): {"capacity": 500},
        ("measures", "m_strip"): {"cost": np.float32(1.5), "name": "Flatten it"},
    })  # fmt: skip
    right = changed_by_hand(tiny, "supplies", 0, capacity=500.0)
    place = [row.measure for row in tiny.measures].index("m_strip")
    assert found == changed_by_hand(right, "measures", place, cost=1.5, name="Flatten it")
    assert found.sha256 != before == tiny.sha256
    assert tiny.with_changes({}) == tiny
    assert type(found.supplies[0].capacity) is float


@pytest.mark.parametrize("table", [name for name, row in schema.TABLES.items() if row.key])
def test_every_row_with_a_key_takes_every_column(table: str) -> None:
    """A row that is given its own values stays what it is."""
    network = shipped("peru-2014")
    model = schema.TABLES[table]
    shared = {"sites": "capacity", "demands": "quantity"}.get(table)
    for row in getattr(network, table)[:2]:
        key = tuple(getattr(row, name) for name in model.key)
        names = [name for name in schema.columns(model) if name not in model.key]
        own = {name: getattr(row, name) for name in names if name != shared or not row.pool}
        assert network.with_changes({(table, *key): own}) == network


def test_a_trafficker_and_a_network_take_the_same_changes() -> None:
    tiny = shipped("tiny")
    changes: Any = {("supplies", "F_HILLS", "leaf"): {"capacity": 500.0}}
    for objective in ("flow", "profit"):
        trafficker = Trafficker(tiny, objective=objective)
        other = respond(tiny.with_changes(changes), ["m_strip"], objective=objective)
        assert trafficker.value(["m_strip"], changes=changes) == pytest.approx(other.value)
        assert trafficker.response(["m_strip"], changes=changes) == other


def test_the_rows_of_a_pool_change_together() -> None:
    network = shipped("peru-2014")
    pool, rows = next(iter(network.pools.items()))
    column = "capacity" if isinstance(rows[0], schema.Site) else "quantity"
    found = network.with_changes({("pools", pool): {"capacity": 7.0}})
    assert {getattr(row, column) for row in found.pools[pool]} == {7.0}
    assert len(found.pools[pool]) == len(rows)
    key = tuple(getattr(rows[0], name) for name in rows[0].key)
    with pytest.raises(RequestError, match=r"change \('pools', "):
        network.with_changes({(rows[0].table, *key): {column: 7.0}})


def test_every_mistake_is_told_at_once() -> None:
    changes: Any = {
        ("arc", "a1"): {"cost": 1.0},
        "arcs": {"cost": 1.0},
        ("supplies", "F_HILS", "leaf"): {"capacity": 1.0},
        ("supplies", "F_HILLS", "leaf"): {"capcity": 1.0, "capacity": -1.0},
        ("nodes", "F_HILLS"): {"kind": "aera", "lat": float("nan"), "node": "F"},
        ("nodes", "M_EAST"): {"capacity": "12", "name": 3},
        ("changes", "dry"): {"factor": 1.0},
        ("measures", "m_strip"): 3.0,
        ("measures", "m_crops"): {"cost": None},
        ("pools", "none"): {"capacity": 1.0},
    }
    with pytest.raises(RequestError) as caught:
        shipped("tiny").with_changes(changes)
    tables = ", ".join(
        [*(name for name, row in schema.TABLES.items() if row.key or name == "effects"), "pools"]
    )
    leaf = "change of ('supplies', 'F_HILLS', 'leaf'): "
    assert str(caught.value).splitlines() == [
        f"change of ('arc', 'a1'): give (table, key...), the table one of {tables}",
        f"change of 'arcs': give (table, key...), the table one of {tables}",
        "change of ('supplies', 'F_HILS', 'leaf'): supplies has no such row; did you mean "
        "('supplies', 'F_HILLS', 'leaf')?",
        f"{leaf}'capcity' is no column of supplies; did you mean 'capacity'?",
        f"{leaf}capacity: -1.0 is negative; give 0 or more (t/yr), or leave it blank for unlimited",
        "change of ('nodes', 'F_HILLS'): node is the name of the row; give other rows with "
        "replace(nodes=...)",
        "change of ('nodes', 'F_HILLS'): lat: nan is no finite number",
        "change of ('nodes', 'F_HILLS'): kind: 'aera' is not one of the 8 it can be; did you mean "
        "'area'?",
        "change of ('nodes', 'M_EAST'): capacity: '12' is no finite number",
        "change of ('nodes', 'M_EAST'): name: 3 is not text; write it in quotes, as name = \"3\"",
        "change of ('changes', 'dry'): rows of changes have no key; use replace(changes=...)",
        "change of ('measures', 'm_strip'): give the columns by name, as {'cost': 2.5}",
        "change of ('measures', 'm_crops'): cost: is blank; give a number (M USD/yr)",
        "change of ('pools', 'none'): pools has no such row",
    ]


def test_effects_are_named_by_their_measure_or_more_narrowly() -> None:
    tiny = shipped("tiny")
    same = {"uptime": 0.125}
    for key in (("m_strip",), ("m_strip", "arc"), ("m_strip", "arc", "flight", "")):
        found = tiny.with_changes({("effects", *key): same})
        assert [e.uptime for e in found.effects if e.measure == "m_strip"] == [0.125]
        assert [e for e in found.effects if e.measure != "m_strip"] == [
            e for e in tiny.effects if e.measure != "m_strip"
        ]
    with pytest.raises(RequestError, match="target is the name of the row"):
        tiny.with_changes({("effects", "m_strip"): {"target": "road"}})


def test_none_is_a_blank() -> None:
    tiny = shipped("tiny")
    found = tiny.with_changes({
        ("supplies", "C_DEPOT", "chemicals"): {"capacity": None, "cost": None, "note": None}
    })  # fmt: skip
    assert found == changed_by_hand(tiny, "supplies", 1, capacity=None, cost=0.0, note="")


def test_what_the_format_forbids_is_refused_as_in_a_file() -> None:
    tiny = shipped("tiny")
    with pytest.raises(InputError, match="NOWHERE"):
        tiny.with_changes({("arcs", tiny.arcs[0].arc): {"tail": "NOWHERE"}})
