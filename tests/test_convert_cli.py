"""`flowopt convert`, and workbooks and JSON files wherever a command takes a network."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from flowopt.network.read import read_network
from tests.command import run
from tests.networks import SHIPPED


def test_there_and_back_in_all_formats(tmp_path: Path) -> None:
    network = read_network(SHIPPED / "tiny")
    source = SHIPPED / "tiny"
    for name, kind in (("t.xlsx", "a workbook"), ("t.json", "a JSON file"), ("t", "a folder")):
        done = run("convert", source, tmp_path / name)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == [
            f"{tmp_path / name}: {kind}; check it with",
            f"flowopt check {tmp_path / name}",
        ]
        source = tmp_path / name
        found = read_network(source)
        assert (found, found.sha256) == (network, network.sha256)


def test_every_command_takes_a_workbook(tmp_path: Path) -> None:
    """What was solved from one kind of file is verified against another."""
    book, out = tmp_path / "tiny.xlsx", tmp_path / "out"
    assert run("new", book, "--from", "tiny").stdout.splitlines()[0] == f"{book}: edit it, then"
    done = run("solve", book, "--budget", 4, "--out", out, "--json")
    assert json.loads(done.stdout)["value"] == 6.0
    assert run("convert", book, tmp_path / "tiny.json", "--quiet").stdout == ""
    assert run("verify", out, "--network", tmp_path / "tiny.json").returncode == 0


def test_nothing_is_written_over_without_force(tmp_path: Path) -> None:
    mine = tmp_path / "mine.json"
    mine.write_text("mine")
    done = run("convert", SHIPPED / "tiny", mine)
    assert done.returncode == 2
    assert done.stderr == f"Error: {mine} is there already; give another name, or use --force\n"
    assert mine.read_text() == "mine"
    assert run("convert", SHIPPED / "tiny", mine, "--force").returncode == 0
    assert read_network(mine) == read_network(SHIPPED / "tiny")


def test_what_is_wrong_or_odd_is_told(tmp_path: Path) -> None:
    folder = shutil.copytree(SHIPPED / "peru-2014", tmp_path / "peru")
    nodes = folder / "nodes.csv"
    cells = len(nodes.read_text(encoding="utf-8").splitlines()[0].split(","))
    with nodes.open("a", encoding="utf-8") as table:
        table.write("LONELY,Nobody's town,transit" + "," * (cells - 3) + "\n")
    odd = run("convert", folder, tmp_path / "peru.json")
    assert odd.returncode == 0
    assert odd.stderr.startswith("warning: nodes.csv:")
    report = run("check", tmp_path / "peru.json").stdout
    assert "warning: peru.json/nodes:" in report
    (line,) = (line for line in report.splitlines() if line.startswith("nodes "))
    assert line.split()[-1] == "1"
    text = (
        (tmp_path / "peru.json").read_text(encoding="utf-8").replace('"tail": "', '"tail": "x', 1)
    )
    (tmp_path / "bad.json").write_text(text, encoding="utf-8")
    bad = run("convert", tmp_path / "bad.json", tmp_path / "bad.xlsx")
    assert bad.returncode == 1
    assert bad.stderr.startswith("bad.json/arcs:")
    assert bad.stderr.endswith("1 error; nothing was written\n")
    assert not (tmp_path / "bad.xlsx").exists()
