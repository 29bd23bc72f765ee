"""`flowopt convert` from and to other programs, and `flowopt export`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowopt.network.read import read_network
from tests.command import run
from tests.networks import ROOT, SHIPPED

NET = "p max 4 4\nn 1 s\nn 4 t\na 1 2 3\na 1 3 2\na 2 4 2\na 3 4 4\n"


@pytest.fixture
def net(tmp_path: Path) -> Path:
    (tmp_path / "net.max").write_text(NET)
    return tmp_path / "net.max"


def test_a_maximum_flow_becomes_a_network_that_can_be_solved(net: Path, tmp_path: Path) -> None:
    done = run("convert", net, tmp_path / "net", "--measures", "every-arc", "--cost", "2.5",
               "--commodity", "hcl", "--id", "n4", "--title", "Four nodes")  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    network = read_network(tmp_path / "net")
    assert {m.cost for m in network.measures} == {2.5}
    assert (network.info.id, network.info.title) == ("n4", "Four nodes")
    solved = run("solve", tmp_path / "net", "--budget", 2.5, "--json")
    assert json.loads(solved.stdout)["value"] == 2.0
    assert json.loads(solved.stdout)["baseline"] == 4.0
    assert json.loads(run("flow", net, "--json").stdout)["value"] == 4.0


def test_mistakes_are_told_with_their_lines(net: Path, tmp_path: Path) -> None:
    net.write_text(NET.replace("a 1 2 3", "a 1 5 -3"))
    done = run("convert", net, tmp_path / "net")
    assert done.returncode == 1
    first, second, last = done.stderr.splitlines()
    assert first.startswith("net.max:4: CAPACITY: -3 is below 0")
    assert second.startswith("net.max:4: HEAD: '5' is no whole number from 1 to 4")
    assert last == "2 errors; nothing was written"
    assert not (tmp_path / "net").exists()


def test_choices_are_for_networks_of_other_programs(net: Path, tmp_path: Path) -> None:
    done = run("convert", SHIPPED / "tiny", tmp_path / "net", "--measures", "every-arc")
    assert done.returncode == 2
    assert "is no network of another program" in done.stderr
    assert "so --measures has nothing to say" in done.stderr
    done = run("convert", SHIPPED / "tiny", tmp_path / "net", "--cost", "3")
    assert "so --cost has nothing to say" in done.stderr
    done = run("convert", net, tmp_path / "net", "--measures", "every-arc", "--cost", "length")
    assert done.returncode == 2
    assert done.stderr == (
        "Error: no arc of net.max has an attribute 'length'; those there are: capacity, cost\n"
    )
    done = run("convert", tmp_path / "nowhere", tmp_path / "net", "--measures", "every-arc")
    assert done.returncode == 1
    assert "there is no such folder or file" in done.stderr


def test_a_map_of_a_result(tmp_path: Path) -> None:
    peru, result = SHIPPED / "peru-2014", ROOT / "results" / "peru-2014" / "budget-20"
    target = tmp_path / "peru.geojson"
    done = run("convert", peru, target, "--result", result, "--layer", "arcs", "--quiet")
    assert (done.returncode, done.stdout) == (0, "")
    features = json.loads(target.read_text(encoding="utf-8"))["features"]
    assert {f["properties"]["layer"] for f in features} == {"arcs"}
    assert all("before" in f["properties"] for f in features)
    done = run("convert", SHIPPED / "two-bridges", tmp_path / "two.geojson")
    assert done.stderr.startswith("warning: 4 of 4 nodes have no coordinates")
    assert done.stdout == f"{tmp_path / 'two.geojson'}: a GeoJSON file\n"
    for wrong, said in (
        (("convert", peru, tmp_path / "p.json", "--result", result), "are for a DST that ends in"),
        (("convert", SHIPPED / "tiny", tmp_path / "t.geojson", "--result", result), "is not about"),
        (
            ("convert", peru, tmp_path / "p.geojson", "--result", result.parent / "frontier"),
            "holds a comparison of budgets",
        ),
    ):
        done = run(*wrong)
        assert done.returncode == 2
        assert said in done.stderr


def test_graphs_say_what_they_leave_out(tmp_path: Path) -> None:
    done = run("convert", SHIPPED / "tiny", tmp_path / "tiny.graphml")
    assert done.returncode == 0
    assert "left out: recipes, sites, measures, effects, resources" in done.stderr
    quiet = run("convert", SHIPPED / "tiny", tmp_path / "quiet.graphml", "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert run("check", tmp_path / "tiny.graphml").returncode == 0


def test_export_writes_a_programme_and_what_its_names_mean(tmp_path: Path) -> None:
    done = run("export", SHIPPED / "tiny", tmp_path / "tiny.aux", "--budget", 4)
    assert (done.returncode, done.stderr) == (0, "")
    names = ["tiny.mps", "tiny.aux", "tiny.txt", "tiny.mps.symbols.csv"]
    assert done.stdout.splitlines() == [str(tmp_path / name) for name in names]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    again = run("export", SHIPPED / "tiny", tmp_path / "tiny.mps", "--budget", 4)
    assert again.returncode == 2
    assert "is there already; give another name, or use --force" in again.stderr
    wrong = run("export", SHIPPED / "tiny", tmp_path / "tiny.csv", "--budget", 4)
    assert wrong.returncode == 2
    assert "end the name of a programme in .lp, .mps, .aux" in wrong.stderr
    wrong = run("export", SHIPPED / "tiny", tmp_path / "t.lp", "--budget", 4, "--include", "m_x")
    assert "measure 'm_x' is not in the network" in wrong.stderr
