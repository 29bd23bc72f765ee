"""What the README and the documentation show is what a reader sees."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from flowopt.cli.main import cli
from flowopt.objectives import OBJECTIVES
from flowopt.planning.respond import respond
from tests.networks import ROOT, shipped
from tests.readme import PAGES, README, picture, pictures, run, shown


@pytest.mark.parametrize(("page", "command", "folder", "text"), list(shown()))
def test_the_output_shown_is_real(page: str, command: str, folder: str | None, text: str) -> None:
    assert run(command, folder) == text, f"{page}: python -m tests.readme writes it again"


FIRST, *OTHERS = pictures()


@pytest.mark.parametrize(
    ("file", "folder", "name"),
    [FIRST, *(pytest.param(*each, marks=pytest.mark.slow) for each in OTHERS)],
)
def test_the_picture_shown_is_real(file: Path, folder: str, name: str) -> None:
    """All its texts, and the width of every line; where lines run, a font or a release may move."""
    drawn, seen = picture(folder, name).decode(), file.read_text(encoding="utf-8")
    for part in (r"<!-- (.*?) -->", r"stroke-width: ([\d.]+)"):
        assert re.findall(part, drawn) == re.findall(part, seen), "python -m tests.readme"


def test_the_front_page_is_one_page() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 155
    assert len(text.encode()) <= 8192


def test_the_figures_of_the_front_page_are_those_of_the_files() -> None:
    text = " ".join(README.read_text(encoding="utf-8").split())
    summary = json.loads((ROOT / "results/peru-2014/budget-20/summary.json").read_text())
    assert f"cut {summary['cut']:.2f} of {summary['baseline']:g} t" in text
    network = shipped("peru-2014")
    assert [
        (sum(row.grade == "X" for row in rows), len(rows))
        for rows in (network.arcs, network.measures, network.effects)
    ] == [tuple(map(int, pair)) for pair in re.findall(r"(\d+) of (?:its )?(\d+) [aem]", text)]


_CODE = re.compile(r"```sh\n(.*?)```|`([^`\n]+)`", re.DOTALL)
_COMMAND = re.compile(r"^(?:.*&& )?flowopt (?:--no-color )?([a-z]+)\b([^|#&\n]*)", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_shown_exists_with_its_options(page: Path) -> None:
    for block, span in _CODE.findall(page.read_text(encoding="utf-8")):
        for name, rest in _COMMAND.findall(block.replace("\\\n", " ") or span):
            known = {o for each in cli.commands[name].params for o in each.opts} | {"--help", "-h"}
            assert set(re.findall(r"(?<= )--?[a-z][a-z-]*", rest)) <= known, (name, rest)


def test_the_three_objectives_side_by_side_are_real() -> None:
    text = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    mark = re.search(r"<!-- three objectives: (\S+), (\S+) -->\n\n(.*?)\n\n", text, re.DOTALL)
    assert mark is not None
    network, budget, table = shipped(mark[1]), float(mark[2]), mark[3].splitlines()
    best: dict[str, float] = {}
    for row in table[2:]:
        name, plan, *shown_values = (cell.strip() for cell in row.strip("|").split("|"))
        assert sum(m.cost for m in network.measures if m.measure in plan.split()) <= budget
        for objective, value, digits in zip(OBJECTIVES, shown_values, (2, 1, 2), strict=True):
            true = respond(network, plan.split(), objective=objective).value  # type: ignore[arg-type]  # a literal
            assert f"{true:,.{digits}f}" == value
            best[objective] = min(best.get(objective, true), true)
            if name == f"`{objective}`":
                assert true == best[objective]


def test_every_network_is_named() -> None:
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    for folder in (ROOT / "networks").iterdir():
        if folder.is_dir():
            assert f"`{folder.name}`" in text
