"""Pictures without a browser: as many lines as legs, bands that keep the sum, the same bytes."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from flowopt.errors import RequestError
from flowopt.planning.solve import solve
from flowopt.report.flow_states import result_states
from flowopt.report.map import picture_of
from flowopt.report.page_files import make_report
from flowopt.report.pictures import chart_figure, drawings, drawn, map_figure
from flowopt.report.result_reader import StoredResult, read_result
from flowopt.report.result_writer import write_solution
from tests.networks import line
from tests.report.test_result_page import hostile


@pytest.fixture
def tiny(tmp_path: Path) -> StoredResult:
    network = hostile()
    write_solution(solve(network, budget=4), network, tmp_path / "out")
    return read_result(tmp_path / "out", network)


@pytest.mark.parametrize(("change", "legs"), [(False, 6), (True, 2)])
def test_each_leg_that_carries_something_is_a_line(
    tiny: StoredResult, change: bool, legs: int
) -> None:
    """Under the plan path, flight, road, mule, highway and ship move; path and flight lose."""
    picture = picture_of(tiny.network, result_states(tiny))
    (axes,) = map_figure(tiny, picture, "", "", picture.world, change=change).axes
    lines = [line for line in axes.lines if len(line.get_xdata()) > 5]
    lines = [line for line in lines if line.get_linestyle() != "None"]  # those are places
    assert len(lines) == legs
    widths = [line.get_linewidth() for line in lines]
    tonnes = [1.0, 1.0] if change else [1.0, 3.0, 3.0, 5.0, 5.0, 6.0]
    most = 1.0 if change else 6.0
    assert widths == pytest.approx([0.4 + 5.6 * t / most for t in tonnes])


def test_a_map_says_what_was_found_and_names_places_and_ranks(tiny: StoredResult) -> None:
    (axes,) = drawings(tiny)["change"]().axes
    finding, below = axes.get_title("left").split("\n")
    assert finding == (
        "For 4 M USD a year, these 3 measures cut deliveries from 10.0 to 6.0 t a year: 40% less."
    )
    assert below.endswith(": what the plan changes")
    texts = [text.get_text() for text in axes.texts]
    assert "M_EAST <script>alert" in " ".join(texts)
    ranks = {row["measure"]: row["rank"] for row in tiny.plan}
    assert ranks["m_strip"] in texts
    both = sorted((ranks["m_scanner"], ranks["m_vetting"]))
    assert ", ".join(both) in texts
    keys = [text.get_text() for text in axes.get_legend().get_texts()]
    assert {"1 t/yr", "more", "less", "a measure of the plan, by rank"} <= set(keys)
    assert not axes.get_xticks().size


def test_the_bands_of_the_chart_hold_all_that_is_delivered(tiny: StoredResult) -> None:
    before, after = chart_figure(tiny, "").axes
    full = 0.0
    for axes, total in ((before, 1.0), (after, 0.6)):
        heights: dict[float, float] = defaultdict(float)
        for patch in axes.patches:
            if hasattr(patch, "get_height"):
                heights[round(patch.get_x(), 3)] += patch.get_height()
        full = full or heights[0.0]
        assert list(heights.values()) == pytest.approx([total * full] * 4)
    assert before.get_title("left") == "without measures: 10.0 t/yr delivered"
    assert after.get_title("left") == "under the plan: 6.0 t/yr delivered"


@pytest.mark.slow
def test_files_are_real_pictures_and_always_the_same(tiny: StoredResult, tmp_path: Path) -> None:
    # What draws the one map draws the others.
    few = {name: draw for name, draw in drawings(tiny).items() if name in ("change", "flow")}
    one = drawn(few, tmp_path / "one", ("svg", "png"))
    two = drawn(few, tmp_path / "one", ("png", "svg"))
    assert [path.name for path in one] == [
        f"{name}.{kind}" for kind in ("svg", "png") for name in few
    ]
    for path, data in one.items():
        assert data.startswith(b"\x89PNG" if path.suffix == ".png" else b"<?xml")
        assert b"<script" not in data
    assert len(two) == 4
    assert {path: one[path] for path in two} == two


def test_without_coordinates_there_is_the_flow_chart_only(tmp_path: Path) -> None:
    write_solution(solve(line(), budget=0), line(), tmp_path / "out")
    assert list(drawings(read_result(tmp_path / "out", line()))) == ["flow"]


def test_missing_matplotlib_is_said(
    tiny: StoredResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(RequestError, match=r"matplotlib.*pip install 'flowopt\[report\]'"):
        drawn(drawings(tiny), tmp_path, ("png",))


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    write_solution(solve(line(), budget=0), line(), tmp_path / "out")
    with pytest.raises(RequestError, match=r"can't be written: .*file is no folder"):
        make_report(tmp_path / "out", line(), place="n", page=tmp_path / "file" / "page.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "out"]


def test_the_page_and_the_pictures_are_written_all_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, rename = tmp_path / "out", os.rename
    write_solution(solve(line(), budget=0), line(), out)
    for name in ("report.html", "flow.svg"):
        (out / name).write_text("old")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    calls: list[str] = []

    def last_fails(here: Path, there: Path) -> None:
        calls.append(there.name)
        if len(calls) == 4:
            raise OSError(13, "Permission denied")
        rename(here, there)

    monkeypatch.setattr(os, "rename", last_fails)
    with pytest.raises(RequestError, match="can't be written: Permission denied"):
        make_report(out, line(), place="n", page=out / "report.html", formats=["svg"], force=True)
    assert calls[3] == "flow.svg"
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_nothing_asked_for_loads_nothing(
    tiny: StoredResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert drawn(drawings(tiny), Path("nowhere"), asked) == {}
