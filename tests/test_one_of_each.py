"""Tests that a second Python need not run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pytest

from tests.networks import ROOT
from tests.one_of_each import ARITHMETIC, WHOLE, repeats


@dataclass
class Listed:
    """A test as pytest lists it."""

    nodeid: str
    slow: bool = False
    fixturenames: tuple[str, ...] = ()

    def get_closest_marker(self, name: str) -> bool:
        return name == "slow" and self.slow


def left_out(*listed: Listed) -> list[str]:
    return [item.nodeid for item in repeats(cast("tuple[pytest.Item, ...]", listed))]


def test_one_row_of_numbers_is_enough_for_arithmetic() -> None:
    file = "tests/model/test_plan_tree.py"
    names = [f"{file}::test_a[1]", f"{file}::test_a[2]", f"{file}::test_b[1]", f"{file}::test_c"]
    assert left_out(*map(Listed, names)) == [names[1]]


def test_what_is_slow_stays_and_does_not_stand_for_what_is_quick() -> None:
    file = "tests/planning/test_solve.py"
    slow = [Listed(f"{file}::test_a[{number}]", slow=True) for number in range(2)]
    quick = [Listed(f"{file}::test_a[{number}]") for number in range(2, 4)]
    assert left_out(*slow, *quick) == [quick[1].nodeid]


def test_text_files_and_solvers_are_looked_at_whole() -> None:
    names = ("tests/test_cli.py", "tests/network/test_read.py", "tests/model/test_solver_race.py")
    assert not left_out(*(Listed(f"{name}::test_a[{n}]") for name in names for n in range(2)))
    assert not left_out(*(Listed(f"flowopt/model/{n}.py::flowopt.model.{n}") for n in "ab"))


def test_a_browser_looks_at_one_page_of_each_file() -> None:
    files = ("tests/report/test_page.py", "tests/serve/test_live_page.py")
    names = [f"{file}::test_{name}" for file in files for name in "ab"]
    browsed = [Listed(name, fixturenames=("browser",)) for name in names]
    text = [Listed(f"{file}::test_text") for file in files]
    assert left_out(*browsed, *text) == [names[1], names[3]]


def test_the_rooms_are_there() -> None:
    assert all((ROOT / "tests" / room).is_dir() for room in ARITHMETIC)
    assert all(list(ROOT.glob(f"{start}*.py")) for start in WHOLE)
