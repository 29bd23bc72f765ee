"""Names are text everywhere: never markup, and no sign of them moves a terminal."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from flowopt.network.network import Network
from flowopt.network.write import write_network
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.report.result_page import page_of
from flowopt.report.result_reader import read_result
from flowopt.report.result_writer import write_solution
from flowopt.report.solution_text import check_report, response_report, solution_report
from flowopt.report.terminal import Terminal, plain
from tests.command import run
from tests.networks import shipped

ODD = "[/]{}[link=http://x] :skull: $x_$ <b>\x1b]0 t\x07\u202e\u200b"
SEEN = "\\x1b]0t\\x07\\u202e\\u200b"
HIDDEN = ("\x1b", "\x07", "\u202e", "\u200b")


@pytest.fixture(scope="module")
def odd() -> Network:
    """Return the network `tiny` with a name of every kind of trouble in each text."""

    def dressed(row: Any) -> Any:
        texts = ("name", "kind", "mode", "country", "title", "organisation")
        found = {n: getattr(row, n) for n in texts if getattr(row, n, "") and n != "kind"}
        return dataclasses.replace(row, **{n: ODD.format(v) for n, v in found.items()})

    network = shipped("tiny")
    tables = {name: tuple(map(dressed, rows)) for name, rows in network.tables().items()}
    return network.replace(info=dressed(network.info), **tables)


def test_what_is_printed_shows_every_sign(odd: Network, capsys: pytest.CaptureFixture[str]) -> None:
    check_report(odd)
    response_report(odd, respond(odd))
    solution_report(odd, solve(odd, budget=4))
    text = capsys.readouterr().out
    assert not any(sign in text for sign in HIDDEN)
    joined = "".join(text.split())
    assert "[/]Eastland[link=http://x]:skull:$x_$<b>" + SEEN in joined
    assert "[/]Stripowner[link=http://x]" in joined


def test_a_page_has_names_as_text(odd: Network, tmp_path: Path) -> None:
    pytest.importorskip("jinja2", reason="a page needs the extra `report`")
    write_solution(solve(odd, budget=4), odd, tmp_path / "r")
    page = page_of(read_result(tmp_path / "r", odd), place="net", folder="r")
    words = page[: page.index("<script")]
    data = page[page.index('id="data"') :].partition("</script>")[0]
    assert not any(sign in words for sign in HIDDEN)
    assert not any(sign in data for sign in HIDDEN)
    assert "[/]Eastland[link=http://x] :skull: $x_$ &lt;b&gt;" in words


def test_files_keep_names_as_they_are(odd: Network, tmp_path: Path) -> None:
    write_solution(solve(odd, budget=4), odd, tmp_path / "r")
    text = (tmp_path / "r" / "markets.csv").read_text(encoding="utf-8")
    assert ODD.format("Eastland") in text
    write_network(odd, tmp_path / "net")
    assert ODD.format("Eastland") in (tmp_path / "net" / "nodes.csv").read_text(encoding="utf-8")


def test_every_command_passes(odd: Network, tmp_path: Path) -> None:
    write_network(odd, tmp_path / "net")
    for words in (
        ("check", "net"),
        ("flow", "net"),
        ("evaluate", "net", "--measures", "m_strip"),
        ("compare", "net", "--budgets", "0:2:2", "--workers", 1),
    ):
        command, _, *rest = words
        done = run(command, tmp_path / "net", *rest)
        assert done.returncode == 0, done.stderr
        assert not any(sign in done.stdout + done.stderr for sign in HIDDEN)


def test_a_terminal_takes_nothing_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    console = Terminal(width=200)
    console.print("[bold]a[/bold] :skull:")
    console.print(plain("[/]\x1b[2J"))
    assert capsys.readouterr().out == "[bold]a[/bold] :skull:\n[/]\\x1b[2J\n"
