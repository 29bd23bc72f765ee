"""The page as a file: whole, small, safe, and saying what the result says."""

from __future__ import annotations

import html
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from flowopt.errors import RequestError
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.evaluate import evaluate
from flowopt.planning.solve import solve
from flowopt.report import result_page as page
from flowopt.report.result_reader import StoredResult, read_result
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
    write_solution(solve(network, **(asked or {"budget": 4})), network, folder / "out")  # type: ignore[call-overload]  # what the test knows
    result = read_result(folder / "out", network)
    return page.page_of(result, place="networks/tiny", folder="out")


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
        "For 4 M USD a year, these 3 measures cut deliveries from 10.0 to 6.0 t a year: "
        "40% less." in text
    )
    assert "Proved: no plan for this money does better." in text
    assert "All of the plan's effect rests on measures for which some number is assumed" in text
    order = ["cut deliveries", "How sure", "How good are the data", "The plan", "The map",
             "From the fields", "Where the flow went", "What holds the trafficker back",
             "Who earns", "sha256"]  # fmt: skip
    body = text[text.index("<main>") :]
    contents = body[body.index("<nav") : body.index("</nav>")]
    assert [contents.index(words) for words in order[3:9]] == sorted(
        contents.index(words) for words in order[3:9]
    )
    body = body.replace(contents, "")
    places = [body.index(words) for words in order]
    assert places == sorted(places)
    assert f"sha256 {shipped('tiny').sha256}" in text
    assert "flowopt solve networks/tiny --budget 4 --time-limit inf --out DIR" in text
    assert "flowopt report out --network networks/tiny" in text


def test_a_target_is_answered_as_one(tmp_path: Path) -> None:
    text = without_scripts(made(shipped("tiny"), tmp_path, target=7))
    assert "Bringing deliveries from 10.0 to 7 t a year or below takes these 2 measures" in text
    assert "Proved: no plan that does it costs less than 3.00 M USD a year." in text


@pytest.mark.parametrize(
    ("address", "links", "rest"),
    [
        ("https://a.org/?x=1;y=2", ["https://a.org/?x=1;y=2"], ""),
        ("https://a.org/x; http://b.org/y", ["https://a.org/x", "http://b.org/y"], ""),
        ("HTTPS://a.org ;  the library", ["HTTPS://a.org"], "the library"),
        ("https://a.org/ (the second one)", [], "https://a.org/ (the second one)"),
        ("", [], ""),
    ],
)
def test_each_address_of_a_source_is_a_link_of_its_own(
    tmp_path: Path, address: str, links: list[str], rest: str
) -> None:
    source = schema.Source(source="s", title="Report", address=address)
    text = html.unescape(made(shipped("tiny").replace(sources=[source]), tmp_path))
    (row,) = re.findall(r'<li id="source-s">.*?</li>', text)
    assert re.findall(r'<a href="([^"]*)"', row) == links
    assert rest in row


def test_a_plan_without_measures_has_a_page_too(tmp_path: Path) -> None:
    text = without_scripts(made(shipped("tiny"), tmp_path, budget=0))
    assert "no plan cuts deliveries: still 10.0 t" in text
    assert "No measure is worth buying." in text


def test_nothing_is_fetched_and_it_is_small(peru_folder: Path) -> None:
    text = page.page_of(read_result(peru_folder, shipped("peru-2014")), place="n", folder="out")
    assert len(text.encode()) < 600_000
    shown = without_scripts(text)
    assert not re.search(r"<(link|img|iframe|object|embed|base|video|audio)\b", shown)
    assert not re.search(r"\b(src|srcset|action|background)=|url\(|@import", shown)
    script = text[text.index("<script>") :]
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|EventSource|import)\s*\(", script)
    assert "innerHTML" not in script
    assert "default-src 'none'" in shown
    assert text.count("<script>") == 1


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
    names = [place["name"] for place in data_of(text)["figures"]["map-0"]["places"]]  # type: ignore[index]  # what the test knows
    assert any(EVIL in name for name in names)  # text, as it is: the script makes no markup of it


def test_every_leg_that_carries_something_is_in_the_data(peru: StoredResult) -> None:
    text = page.page_of(peru, place="n", folder="out")
    moving = {r["arc"] for r in peru.flows if max(float(r["before"]), float(r["after"])) > 1e-3}
    legs = data_of(text)["figures"]["map-0"]["legs"]  # type: ignore[index]  # what the test knows
    assert len(legs) == len(moving)


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(RequestError, match=r"pip install 'flowopt\[report\]'"):
        made(shipped("tiny"), tmp_path)


def page_of_plan(folder: Path, name: str, measures: list[str], **asked: Any) -> str:
    """The page of a plan made by hand, as text without its scripts."""
    network = shipped(name)
    write_evaluation(evaluate(network, measures, **asked), network, folder / "out")
    result = read_result(folder / "out", network)
    return html.unescape(without_scripts(page.page_of(result, place="n", folder="out")))


def heading(text: str) -> str:
    (found,) = re.findall(r"<h1[^>]*>(.*?)</h1>", text)
    return str(found)


def test_of_a_plan_made_by_hand_it_says_what_going_round_takes_back(tmp_path: Path) -> None:
    """The patrol covers 8 t, of which 3 t find another way."""
    text = page_of_plan(tmp_path, "leaky-river", ["m_patrol"])
    assert heading(text) == (
        "Going round takes back 38% of what your plan promises: it cuts deliveries by 5.0 t a "
        "year, not by 8.0."
    )
    bars = re.findall(r'class="label">(.*?)</span>.*?width:([0-9.]+)%.*?<strong>(.*?)</', text)
    assert bars[:2] == [
        ("promised, if nobody re-routed", "100.00", "8.0 t"),
        ("real, once the trafficker has gone round", "62.50", "5.0 t"),
    ]
    assert bars[2][0] == "best plan for the money"


@pytest.mark.parametrize(
    ("name", "measures", "said"),
    [
        ("two-bridges", ["m_north"], "promises to cut 8.0 t a year; going round takes all of it"),
        ("two-bridges", ["m_south"], "cuts nothing, and promises nothing"),
        ("tiny", ["m_strip"], "all that it promises: going round takes nothing back."),
    ],
)
def test_a_promise_that_is_kept_or_not_at_all(
    name: str, measures: list[str], said: str, tmp_path: Path
) -> None:
    assert said in heading(page_of_plan(tmp_path, name, measures, alone=True))


@pytest.mark.parametrize(
    ("best", "said"),
    [
        (True, "No plan that was found for this money does better. Proved: no plan for this"),
        (False, "Whether another plan for this money does better was not asked."),
    ],
)
def test_a_plan_made_by_hand_is_told_as_one(best: bool, said: str, tmp_path: Path) -> None:
    text = page_of_plan(tmp_path, "tiny", ["m_strip"], alone=not best)
    assert "The plan was made by hand and its value is exact" in text
    assert said in text
    assert ("Proved" in text) == best
    assert (
        f"flowopt evaluate n --measures m_strip{'' if best else ' --alone'} --time-limit inf --out"
        in text
    )


def test_broken_conditions_stand_at_the_top(tmp_path: Path) -> None:
    text = page_of_plan(tmp_path, "tiny", ["m_vetting"], budget=0.5)
    top = text[: text.index("<nav")]
    assert "The plan breaks a condition: " in top


def test_plans_side_by_side_show_the_measures_of_each(tmp_path: Path) -> None:
    text = page_of_plan(tmp_path, "tiny", ["m_crops"], against=["coverage"])
    table = text[text.index('<table id="held"') :]
    rows = re.findall(r'data-id="(.*?)".*?</tr>', table[: table.index("</table>")])
    assert rows[0] == "m_crops"
    plans = text[text.index('<table id="plans"') :]
    assert re.findall(r'<th scope="row">(.*?)</th>', plans[: plans.index("</table>")]) == [
        "your plan", "the best plan for the money", "the plan that covers most of today's flow"
    ]  # fmt: skip


def test_alternatives_are_told_as_swaps(tmp_path: Path) -> None:
    network = shipped("tiny")
    write_solution(solve(network, budget=2, alternatives=3), network, tmp_path / "out")
    result = read_result(tmp_path / "out", network)
    assert len(result.alternatives) > 1
    text = html.unescape(without_scripts(page.page_of(result, place="n", folder="out")))
    assert "Other plans, from the best down" in text
    ids = re.findall(r'\bid="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    table = text[text.index('<table id="other-plans"') :]
    names = {row.measure: row.name for row in network.measures}
    first, second, *_ = (row["measures"].split(";") for row in result.alternatives)
    for name in set(first) ^ set(second):
        assert names[name] in table


def test_what_comes_next_is_told(tmp_path: Path) -> None:
    network = shipped("tiny")
    write_solution(solve(network, budget=1), network, tmp_path / "out")
    result = read_result(tmp_path / "out", network)
    assert result.following
    text = without_scripts(page.page_of(result, place="n", folder="out"))
    table = text[text.index('<table id="next"') : text.index("</table>", text.index('id="next"'))]
    assert [row["measure"] for row in result.following] == re.findall(r'data-id="(.*?)"', table)
