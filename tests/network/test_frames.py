"""Frames of pandas: the same network there and back, and mistakes told like those in files."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from flowopt.errors import InputError
from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.network.schema import TABLES, columns
from tests.draws import draws
from tests.network.checks.test_validation import drawn
from tests.network.overlays import BASE

INFO = {"id": "base", "title": "A chain with one of everything"}


@pytest.fixture
def base() -> Network:
    return read_network(BASE)


@pytest.fixture
def frames(base: Network) -> dict[str, pd.DataFrame]:
    return base.to_frames()


def told(frames: dict[str, pd.DataFrame]) -> list[str]:
    with pytest.raises(InputError) as caught:
        Network.from_frames(frames, INFO)
    return [str(problem) for problem in caught.value.problems]


# -- frames -------------------------------------------------------------------------------------


def test_frames_have_all_columns_and_plain_types(frames: dict[str, pd.DataFrame]) -> None:
    assert list(frames) == list(TABLES)
    for table, frame in frames.items():
        about = columns(TABLES[table])
        assert list(frame.columns) == list(about)
        for name, column in about.items():
            numeric = pd.api.types.is_float_dtype(frame[name])
            assert numeric == bool(column.unit), (table, name)
            assert numeric or pd.api.types.is_string_dtype(frame[name])
    assert frames["arcs"].loc[2, "commodities"] == "paste;powder"
    unlimited: Any = frames["arcs"].loc[1, "capacity"]
    assert np.isnan(unlimited)
    assert frames["arcs"].loc[1, "loss"] == 0.0
    assert frames["measures"].loc[4, "grade"] == ""


@given(drawn())
@settings(max_examples=draws(12))
def test_drawn_networks_come_back_from_frames(network: Network) -> None:
    info = {"id": network.info.id, "title": network.info.title, "period": None}
    back = Network.from_frames(network.to_frames(), info)
    assert back == network
    assert back.sha256 == network.sha256


def test_the_files_read_by_pandas_are_the_network(base: Network) -> None:
    frames = {path.stem: pd.read_csv(path) for path in BASE.glob("*.csv")}
    assert Network.from_frames(frames, INFO) == base


def test_the_facts_of_another_network_do_too(
    base: Network, frames: dict[str, pd.DataFrame]
) -> None:
    back = Network.from_frames(frames, base.info)
    assert (back, back.info) == (base, base.info)


def test_every_kind_of_missing_value_is_a_blank(
    base: Network, frames: dict[str, pd.DataFrame]
) -> None:
    frames["arcs"]["capacity"] = frames["arcs"]["capacity"].astype("Float64")
    frames["arcs"].loc[1, "capacity"] = pd.NA
    frames["arcs"]["note"] = [None, np.nan, pd.NA, "", pd.NaT]
    frames["nodes"]["lat"] = frames["nodes"]["lat"].astype(object).where(lambda x: x.notna(), None)
    assert Network.from_frames(frames, INFO) == base


def test_whole_numbers_are_ids_of_digits(frames: dict[str, pd.DataFrame]) -> None:
    numbers = {"m1": 1, "m2": 2.0, "m3": np.int64(3), "m4": np.float64(4), "m5": 5, "m6": "6"}
    for table in ("measures", "effects", "uses", "rules", "reforms"):
        frames[table]["measure"] = frames[table]["measure"].map(numbers).astype(object)
    frames["rules"]["other"] = frames["rules"]["other"].map(numbers).astype(object)
    frames["reforms"]["target"] = "[12]"
    network = Network.from_frames(frames, INFO)
    assert [measure.measure for measure in network.measures] == list("123456")


def test_numbers_of_every_kind(frames: dict[str, pd.DataFrame]) -> None:
    arcs = frames["arcs"].astype({"capacity": object, "cost": object})
    capacities: list[Any] = [np.int32(1000), "", np.float64(80.5), 60, 60]
    costs: list[Any] = [np.float32(0.5), 0.1, "0.25", np.float64(0.1), 0]
    arcs["capacity"], arcs["cost"] = capacities, costs
    network = Network.from_frames(frames | {"arcs": arcs}, INFO)
    assert [arc.capacity for arc in network.arcs] == [1000, None, 80.5, 60, 60]
    assert [arc.cost for arc in network.arcs] == [0.5, 0.1, 0.25, 0.1, 0]


@pytest.mark.parametrize("wrong", [np.inf, -np.inf, True, "1,5", -1.0, [3]])
def test_what_is_no_number_is_told_with_the_row_of_a_file(
    frames: dict[str, pd.DataFrame], wrong: object
) -> None:
    frames["arcs"]["capacity"] = pd.Series([1000, None, wrong, 60, 60], dtype=object)
    (line,) = told(frames)
    assert line.startswith("arcs.csv:4: capacity: ")


def test_half_a_character_is_told(frames: dict[str, pd.DataFrame]) -> None:
    frames["nodes"]["name"] = ["a \ud800", *"bcdef"]
    (line,) = told(frames)
    assert line.startswith(r"nodes.csv:2: name: 'a \ud800' holds half a sign")


def test_mistakes_in_frames_are_told_like_those_in_files(frames: dict[str, pd.DataFrame]) -> None:
    frames["arcs"].loc[1, "tail"] = "Mime"
    frames["nodes"] = frames["nodes"].rename(columns={"kind": "kid"})
    frames["arc"] = frames["arcs"]
    assert told(frames) == [
        "arc.csv: is no table of the format; the tables are commodities, nodes, arcs, supplies, "
        "recipes, sites, demands, measures, effects, resources, uses, rules, reforms, earnings, "
        "scenarios, changes, ranges, periods, openings, trends, campaigns, sources; rename it or "
        "move it away",
        "arcs.csv:3: tail: 'Mime' is no node of nodes.csv; did you mean 'Mine'?",
        "nodes.csv:1: kid: is no column of the table; did you mean 'kind'? (a leading _ hides one)",
    ]


def test_tables_that_are_missing_empty_or_no_frames(frames: dict[str, pd.DataFrame]) -> None:
    del frames["demands"]
    frames["supplies"] = pd.DataFrame()
    frames["arcs"] = frames["arcs"].iloc[:0]
    frames["rules"] = pd.DataFrame()
    assert [line.split("; ")[0] for line in told(frames)] == [
        "arcs.csv: has no rows",
        "demands.csv: is missing",
        "supplies.csv: is missing",
    ]
    assert told({"arcs": {"arc": ["a"]}}) == [  # type: ignore[dict-item]  # on purpose
        "arcs.csv: a dict stands where a pandas.DataFrame belongs"
    ]


def test_what_pandas_made_of_ids_is_refused_as_in_workbooks(
    frames: dict[str, pd.DataFrame],
) -> None:
    measures = frames["measures"].astype(object).assign(_mine=True)
    measures.loc[0, "measure"] = True
    measures.loc[1, "name"] = pd.Timestamp("2014-05-01")
    measures.loc[2, "name"] = pd.Timestamp("2014-05-01 12:30")
    arcs = frames["arcs"].assign(cost=False)
    lines = [
        text for text in told(frames | {"measures": measures, "arcs": arcs}) if "here;" in text
    ]
    assert lines == [
        *(f"arcs.csv:{row}: cost: FALSE is a truth value here; give text or a number"
          for row in range(2, len(arcs) + 2)),
        "measures.csv:2: measure: TRUE is a truth value here; give text or a number",
        "measures.csv:3: name: 2014-05-01 is a date or time here; give text or a number",
        "measures.csv:4: name: 2014-05-01 12:30:00 is a date or time here; give text or a number",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "info", "said"),
    [
        ({}, None, "network.toml: a NoneType stands where a mapping with id and title belongs"),
        ({}, 5, "network.toml: a int stands where a mapping with id and title belongs"),
        ({5: pd.DataFrame()}, INFO, "frames: 5 is no name of a table; those are texts, as 'arcs'"),
    ],
)
def test_what_is_no_request_is_told(
    frames: dict[str, pd.DataFrame], given: Any, info: Any, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        Network.from_frames(frames | given, info)
    assert str(caught.value) == said


def test_the_facts_are_checked_too(frames: dict[str, pd.DataFrame]) -> None:
    with pytest.raises(InputError) as caught:
        Network.from_frames(frames, {"id": 3, "titel": "x"})
    assert str(caught.value).splitlines() == [
        'network.toml: id: 3 is not text; write it in quotes, as id = "3"',
        "network.toml: titel: is no key of the format; did you mean 'title'?",
        "network.toml: title: is blank; give the title for people",
    ]
