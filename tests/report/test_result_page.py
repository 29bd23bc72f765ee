"""The page as a file: whole, small, safe, and saying what the result says."""

from __future__ import annotations

import html
import json
import re
import sys
from pathlib import Path

import pytest

from flowopt.errors import RequestError
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.evaluate import evaluate
from flowopt.planning.solve import solve
from flowopt.report import result_page as page
from flowopt.report.result_reader import read_result
from flowopt.report.result_writer import write_evaluation, write_solution
from tests.networks import shipped

EVIL = "<script>alert(1)</script>"
NO_LIST = "</script><img src=x onerror=alert(1)>"
VERY_EVIL = "</script><img src=x onerror=alert(1)>&lt;b&gt;\"'{{7*7}}%{x}\u2028$x$"


def hostile() -> Network:
    """`tiny` with names that try to run."""
    tiny = shipped("tiny")
    info = schema.Info(id="tiny", title=EVIL, description=VERY_EVIL, license=EVIL, period=EVIL)
    return tiny.replace(
        info=info,
        nodes=[
            schema.Node(
                node=n.node, name=f"{n.node} {(EVIL, VERY_EVIL)[i % 2]}", kind=n.kind,
                country=n.country and f"{n.country}{EVIL}", region=EVIL, continent=VERY_EVIL,
                lat=n.lat, lon=n.lon,
            )
            for i, n in enumerate(tiny.nodes)
        ],
        commodities=[
            schema.Commodity(commodity=c.commodity, name=f"{c.name}{EVIL}")
            for c in tiny.commodities
        ],
        measures=[
            schema.Measure(measure=m.measure, name=f"{m.name}{VERY_EVIL}", kind=EVIL, cost=m.cost,
                           source=("s<i>", "'\""))
            for m in tiny.measures
        ],
        earnings=[
            schema.Earning(organisation=EVIL, on="node", target="A_STRIP", rate=1.0),
            schema.Earning(organisation=NO_LIST, on="node", target="T_TOWN", rate=1.0),
        ],
        sources=[
            schema.Source(source="s<i>", title=EVIL, address="javascript:alert(1)", how=VERY_EVIL),
            schema.Source(source="'\"", title=VERY_EVIL, address="https://example.org/?a=<b>\"'"),
        ],
    )  # fmt: skip


def made(network: Network, folder: Path, **asked: float) -> str:
    """The page of the best plan, as text."""
    write_solution(solve(network, **(asked or {"budget": 4})), network, folder / "out")  # type: ignore[arg-type]  # what the test knows
    result = read_result(folder / "out", network)
    return page.page_of(result, place="networks/tiny", folder="out")


def result_of_peru(folder: Path) -> Path:
    """A result of Peru that takes no search: four measures, and no others allowed."""
    network, plan = shipped("peru-2014"), ("m01", "m11", "m12", "m13")
    others = [row.measure for row in network.measures if row.measure not in plan]
    write_solution(solve(network, budget=20, include=plan, exclude=others), network, folder)
    return folder


def without_scripts(text: str) -> str:
    return re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)


def data_of(text: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    loaded: dict[str, object] = json.loads(found[1])
    return loaded


def test_the_answer_comes_first(tmp_path: Path) -> None:
    text = html.unescape(without_scripts(made(shipped("tiny"), tmp_path)))
    assert (
        "For 4 M USD a year, these 3 measures cut deliveries from 10.00 to 6.00 t a year: "
        "40.0% less." in text
    )
    assert "Proved: no plan for this money does better than 6.00 t." in text
    assert "100% of the plan's effect rests on measures for which some number is assumed" in text
    order = ["cut deliveries", "How sure", "How good are the data", "The plan", "The map",
             "From the fields", "Where the flow went", "Who earns", "sha256"]  # fmt: skip
    places = [text.index(words, text.index("<main>")) for words in order]
    assert places == sorted(places)
    assert f"sha256 {shipped('tiny').sha256}" in text
    assert "flowopt solve networks/tiny --budget 4 --time-limit inf --out DIR" in text
    assert "flowopt report out --network networks/tiny" in text


def test_a_target_is_answered_as_one(tmp_path: Path) -> None:
    text = without_scripts(made(shipped("tiny"), tmp_path, target=7))
    assert "Bringing deliveries from 10.00 to 7 t a year or below takes these 2 measures" in text
    assert "Proved: no plan that does it costs less than 3.00 M USD a year." in text


def test_a_plan_without_measures_has_a_page_too(tmp_path: Path) -> None:
    text = without_scripts(made(shipped("tiny"), tmp_path, budget=0))
    assert "no plan cuts deliveries: still 10.00 t" in text
    assert "No measure is worth buying." in text


def test_nothing_is_fetched_and_it_is_small(tmp_path: Path) -> None:
    folder = result_of_peru(tmp_path / "out")
    text = page.page_of(read_result(folder, shipped("peru-2014")), place="n", folder="out")
    assert len(text.encode()) < 6_000_000
    shown = without_scripts(text)
    assert not re.search(r"<(link|img|iframe|object|embed|base|video|audio)\b", shown)
    assert not re.search(r"\b(src|srcset|action|background)=|url\(|@import", shown)
    assert "default-src 'none'" in shown
    assert text.count("<script>") == 2


def test_hostile_names_are_escaped_wherever_they_stand(tmp_path: Path) -> None:
    text = made(hostile(), tmp_path)
    shown = without_scripts(text)
    assert EVIL not in shown
    assert "<img" not in shown
    assert 'href="javascript:' not in shown.lower()
    assert "{{7*7}}" in html.unescape(shown)
    assert html.unescape(shown).count(EVIL) > 10
    raw = text[text.index('id="data">') + len('id="data">') :]
    raw = raw[: raw.index("</script>")]
    assert not set("<>&\u2028\u2029") & set(raw)
    figures = json.dumps(data_of(text)["map"]) + json.dumps(data_of(text)["sankey"])
    assert "&lt;script&gt;" in figures
    tags = set(re.findall(r"</?[a-z]+", figures))  # what plotly would take as markup
    assert tags <= {"<b", "</b", "<br"}


def test_every_leg_that_carries_something_is_in_the_data(tmp_path: Path) -> None:
    network = shipped("peru-2014")
    result = read_result(result_of_peru(tmp_path / "out"), network)
    text = page.page_of(result, place="n", folder="out")
    moving = {r["arc"] for r in result.flows if max(float(r["before"]), float(r["after"])) > 1e-3}
    legs = data_of(text)["map"]["legs"]  # type: ignore[index]  # what the test knows
    assert len(legs) == len(moving)


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(RequestError, match=r"pip install 'flowopt\[report\]'"):
        made(shipped("tiny"), tmp_path)


@pytest.mark.parametrize(
    ("best", "said"),
    [
        (True, "The best plan for the same money leaves 9.00 t (proved)."),
        (False, "whether another plan for this money does better was not asked"),
    ],
)
def test_a_plan_made_by_hand_is_told_as_one(best: bool, said: str, tmp_path: Path) -> None:
    network = shipped("tiny")
    write_evaluation(evaluate(network, ["m_strip"], alone=not best), network, tmp_path / "out")
    result = read_result(tmp_path / "out", network)
    text = html.unescape(without_scripts(page.page_of(result, place="n", folder="out")))
    assert "For 1 M USD a year, this one measure cuts deliveries from 10.00 to 9.00 t" in text
    assert "The plan was made by hand and its value is exact" in text
    assert said in text
    assert "no plan for this money does better" not in text
    assert (
        f"flowopt evaluate n --measures m_strip{'' if best else ' --alone'} --time-limit inf --out"
        in text
    )


def test_what_comes_next_is_told(tmp_path: Path) -> None:
    network = shipped("tiny")
    write_solution(solve(network, budget=1), network, tmp_path / "out")
    result = read_result(tmp_path / "out", network)
    assert result.following
    text = without_scripts(page.page_of(result, place="n", folder="out"))
    table = text[text.index('<table id="next">') : text.index("</table>", text.index('id="next"'))]
    assert [row["measure"] for row in result.following] == re.findall(
        r'<span class="id">(.*?)</span>', table
    )
