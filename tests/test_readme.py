"""What the README and the documentation show is what a reader sees."""

from __future__ import annotations

import re

import pytest

from flowopt.planning.respond import OBJECTIVES, respond
from tests.networks import ROOT, shipped
from tests.readme import run, shown


@pytest.mark.parametrize(("page", "command", "folder", "text"), list(shown()))
def test_the_output_shown_is_real(page: str, command: str, folder: str | None, text: str) -> None:
    assert run(command, folder) == text, f"{page}: python -m tests.readme writes it again"


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
            true = respond(network, plan.split(), objective=objective).value
            assert f"{true:,.{digits}f}" == value
            best[objective] = min(best.get(objective, true), true)
            if name == f"`{objective}`":
                assert true == best[objective]


def test_every_network_is_named() -> None:
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    for folder in (ROOT / "networks").iterdir():
        if folder.is_dir():
            assert f"`{folder.name}`" in text
