"""Periods, openings, trends and campaigns that break the format or look odd.

`tests/data/period_faults.txt` holds a case in each block: lines of tables behind ``> ``, with their
rows as text, and every line that reading the base with them has to say.
"""

from __future__ import annotations

import pickle
import shutil
from dataclasses import fields
from pathlib import Path

import pytest

from flowopt.errors import InputError, RequestError
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.planning.solve import solve
from tests.network.overlays import BASE, DATA, OVER_TIME

HEADERS = {
    "periods": "period,name,years,weight,budget",
    "openings": "on,target,commodity,most,limit,cost,lead",
    "trends": "from,on,target,commodity,capacity,cost,price",
    "campaigns": "campaign,measure,from,until",
    "measures": "measure,name,cost,setup,lead,lasts,from,until",
    "rules": "measure,relation,other",
}
YEARS = ("2015,,,,", "2016,,,,", "2017,,,,")
FILE = DATA / "period_faults.txt"
CASES = FILE.read_text(encoding="utf-8").strip().split("\n\n") if FILE.exists() else []
OTHERS = "".join(f"m{i},Another,1,,,,,\n" for i in range(2, 7))  # of the base, which others name


def inputs(case: str) -> tuple[dict[str, list[str]], list[str]]:
    """Return the rows of each table of a case, and the lines expected."""
    tables: dict[str, list[str]] = {"periods": [*YEARS]}
    lines = case.split("\n")
    for line in lines:
        if line.startswith("> "):
            table, *rows = line.removeprefix("> ").split(" | ")
            tables[table] = rows
    return tables, [line for line in lines if not line.startswith("> ")]


def laid(tables: dict[str, list[str]], target: Path) -> Path:
    """Lay tables over a copy of the base, without its scenarios."""
    folder = Path(shutil.copytree(BASE, target))
    for name in ("scenarios", "changes"):
        (folder / f"{name}.csv").unlink()
    for table, rows in tables.items():
        wide = HEADERS[table].count(",")
        full = [row + "," * (wide - row.count(",")) for row in rows]
        text = "\n".join((HEADERS[table], *full)) + "\n"
        others = OTHERS if table == "measures" else ""
        (folder / f"{table}.csv").write_text(text + others, encoding="utf-8")
    return folder


def messages(folder: Path) -> list[str]:
    """Return what reading a network says: its errors, or else its warnings."""
    try:
        return [*read_network(folder).warnings]
    except InputError as error:
        return [*map(str, error.problems)]


@pytest.mark.parametrize("case", CASES, ids=[case.partition("\n")[0] for case in CASES])
def test_every_fault_and_oddity_is_told_with_its_place(case: str, tmp_path: Path) -> None:
    tables, expected = inputs(case)
    assert messages(laid(tables, tmp_path / "n")) == expected


def test_what_speaks_of_time_needs_periods(tmp_path: Path) -> None:
    tables = {
        "measures": ["m1,Check,3,5,1,2,2016,2017"],
        "rules": ["m2,after,m1"],
        "openings": ["arc,a3,,5,20,2,"],
        "trends": ["2016,arc,a3,,1.1,,"],
        "campaigns": ["first,m1,2015,2016"],
    }
    folder = laid(tables, tmp_path / "n")
    mend = "speaks of time, but no period is named; add periods.csv with a row for each period"
    assert messages(folder) == [
        f"campaigns.csv: {mend}",
        f"measures.csv:2: from: '2016' {mend}",
        f"measures.csv:2: lasts: 2 {mend}",
        f"measures.csv:2: lead: 1 {mend}",
        f"measures.csv:2: setup: 5 {mend}",
        f"measures.csv:2: until: '2017' {mend}",
        f"openings.csv: {mend}",
        f"rules.csv:2: relation: 'after' {mend}",
        f"trends.csv: {mend}",
    ]


def test_a_discount_without_periods_counts_for_nothing() -> None:
    base = read_network(BASE)
    found = base.replace(info=schema.Info(id="n", title="N", discount=0.05))
    assert found.warnings == (
        "network.toml: discount: counts for nothing: the network has no periods",
    )


@pytest.fixture(scope="module")
def base() -> Network:
    """The base over three years, with money for each."""
    years = [schema.Period(period=f"{2015 + t}", budget=4.0) for t in range(3)]
    return read_network(BASE).replace(scenarios=(), changes=(), periods=years)


@pytest.mark.parametrize(
    ("setup", "lead", "expected"),
    [
        (4.0, 0.0, ""),
        (5.0, 0.0, "5 can be paid by no budget of one period; only by money that is carried over"),
        (13.0, 0.0, "13 can be paid by no budget: all of them until then come to 12"),
        (9.0, 1.0, "9 can be paid by no budget: all of them until then come to 8"),
    ],
)
def test_a_setup_that_no_budget_pays_is_odd(
    base: Network, setup: float, lead: float, expected: str
) -> None:
    measures = [
        schema.Measure(measure="m1", name="Check", cost=0.0, setup=setup, lead=lead),
        *base.measures[1:],
    ]
    found = base.replace(measures=measures).warnings
    assert len(found) == bool(expected)
    assert all(expected in line for line in found)


def test_what_opens_is_no_dead_end(base: Network) -> None:
    """An arc with no capacity leads on where it may open, and so does what needs it."""
    arcs = [
        *base.arcs,
        schema.Arc(arc="a6", tail="Port", head="Far", commodities=("powder",), capacity=0.0),
    ]
    more = {
        "arcs": arcs,
        "nodes": [*base.nodes, schema.Node(node="Far", name="Far", kind="market")],
        "demands": [*base.demands, schema.Demand(node="Far", commodity="powder", quantity=5.0)],
        "effects": [*base.effects, schema.Effect(measure="m1", on="arc", target="a6", cut=1.0)],
    }
    opening = schema.Opening(on="arc", target="a6", most=5.0)
    assert base.replace(**more, openings=[opening]).warnings == ()
    assert len(base.replace(**more).warnings) == 2
    far = [
        *base.arcs,
        schema.Arc(arc="a6", tail="Far", head="Port", commodities=("powder",), capacity=0.0),
    ]
    (line,) = base.replace(arcs=far, nodes=more["nodes"], openings=[opening]).warnings
    assert line == ("openings.csv:2: target: no flow can use 'a6' (arc), so it never opens")


def test_the_trend_of_a_market_out_of_reach_is_odd(base: Network) -> None:
    demands = [*base.demands, schema.Demand(node="Mine", commodity="powder", quantity=5.0)]
    trend = schema.Trend(from_="2016", on="demand", target="Mine", capacity=2.0)
    found = base.replace(demands=demands, trends=[trend]).warnings
    assert found[-1] == (
        "trends.csv:2: target: nothing reaches the market 'Mine', so its trend changes nothing"
    )


# -- columns ---------------------------------------------------------------------------------------


def test_a_column_may_be_a_keyword_of_python() -> None:
    row = schema.Trend(from_="2016", on="arc", target="a3", cost=1.1)
    assert [getattr(row, name) for name in row.key] == ["2016", "arc", "a3", ""]
    assert "from" in schema.columns(schema.Trend)
    assert "from_" not in schema.columns(schema.Trend)
    with pytest.raises(AttributeError, match="no attribute 'until'"):
        row.until  # noqa: B018  # the test
    assert pickle.loads(pickle.dumps(row)) == row


def test_a_row_is_changed_by_its_key_and_comes_back_from_frames() -> None:
    network = read_network(OVER_TIME)
    key = ("trends", "2016", "demand", "City", "powder")
    slow = network.with_changes({key: {"capacity": 1.05}, ("measures", "m3"): {"from": "2016"}})
    assert slow.trends[0].capacity == 1.05
    assert [row.from_ for row in slow.measures[2:4]] == ["2016", "2016"]
    assert Network.from_frames(slow.to_frames(), slow.info) == slow


def test_hashes_without_periods_are_what_they_were(base: Network) -> None:
    """Columns and tables of time leave the hash alone until something stands in them."""
    plain = read_network(BASE)
    first = schema.Measure(
        measure="m1", name="Check the road", kind="road", cost=3.0, grade="A", setup=1.0
    )
    others = [
        base,
        base.replace(periods=base.periods[:2]),
        base.replace(measures=[first, *base.measures[1:]]),
        base.replace(info=schema.Info(id="base", title=base.info.title, discount=0.1)),
    ]
    assert len({plain.sha256, *(each.sha256 for each in others)}) == 5
    assert plain.sha256 == "b01c953974351986991ad4200e2eff434a83ae6bad6237410eb897c070883f77"


def test_a_pickle_of_a_measure_from_before_is_read() -> None:
    row = schema.Measure(measure="m1", name="Check", cost=3.0, setup=2.0)
    values = [getattr(row, each.name) for each in fields(row)]
    old = object.__new__(schema.Measure)
    old.__setstate__(values[:7])
    assert old == schema.Measure(measure="m1", name="Check", cost=3.0)


def test_verbs_for_one_year_refuse_periods(base: Network) -> None:
    with pytest.raises(RequestError, match="the network has 3 periods, 2015 to 2017, 3 years"):
        solve(base, budget=4)
