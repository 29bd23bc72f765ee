"""Mutants: faults of every kind, where they may be put, and whether a test notices them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.hunt import mutants as hunt
from tests.hunt.faults import faults_of, with_fault
from tests.hunt.mutants import CORE, ROOMS, found, main, mutants
from tests.networks import ROOT

SOUND = '''
"""Words of 3 letters."""
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import pandas

def least(a: int | None, words: list[str]) -> int:
    """Return 1."""
    if not words or a is None:
        raise ValueError(f"{a + 1} of {2}" + "words")
    return min(a, -len(words)) * 2 if a < 1 else 0
'''


def test_the_faults_of_a_module() -> None:
    assert [(fault.line, fault.was, fault.instead) for fault in faults_of(SOUND)] == [
        (9, "not words or a is None", "not words and a is None"),
        (9, "not words or a is None", "not words"),
        (9, "not words or a is None", "a is None"),
        (9, "not words", "words"),
        (9, "a is None", "a is not None"),
        (11, "min(a, -len(words)) * 2 if a < 1 else 0", "min(a, -len(words)) * 2"),
        (11, "min(a, -len(words)) * 2 if a < 1 else 0", "0"),
        (11, "a < 1", "a <= 1"),
        (11, "1", "2"),
        (11, "min(a, -len(words)) * 2", "min(a, -len(words)) / 2"),
        (11, "min(a, -len(words))", "max(a, -len(words))"),
        (11, "-len(words)", "len(words)"),
        (11, "2", "4"),
        (11, "0", "1"),
    ]


def test_a_fault_changes_its_place_alone() -> None:
    sound = ast.unparse(ast.parse(SOUND)).splitlines()
    for fault in faults_of(SOUND):
        wrong = with_fault(SOUND, fault).splitlines()
        changed = [pair for pair in zip(sound, wrong, strict=True) if pair[0] != pair[1]]
        assert len(changed) == 1
        assert changed[0][1] in (changed[0][0].replace(fault.was, fault.instead, n) for n in (1, 2))


def test_rooms_hold_the_core_and_tests() -> None:
    for part in CORE:
        assert any(f"{part}/".startswith(f"{room}/") for room in ROOMS)
    for room, patterns in ROOMS.items():
        assert (ROOT / room).is_dir()
        assert all(found(ROOT, pattern) for pattern in patterns)


def test_the_tests_of_its_own_name_come_first() -> None:
    drawn = mutants(["flowopt/model/search.py"], 2, seed=1)
    assert drawn == mutants(["flowopt/model/search.py"], 2, seed=1)
    assert [mutant.module for mutant in drawn] == ["flowopt/model/search.py"] * 2
    tests = drawn[0].tests(ROOT)
    assert tests[0] == "tests/model/test_search.py"
    assert "tests/model/test_bounds.py" in tests
    assert len(set(tests)) == len(tests)


@pytest.mark.slow
def test_what_a_test_holds_is_noticed_and_the_rest_survives(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    module, test = tmp_path / "flowopt/model/half.py", tmp_path / "tests/model/test_half.py"
    for path in (module, test):
        path.parent.mkdir(parents=True)
    (module.parents[1] / "__init__.py").touch()
    (module.parent / "__init__.py").touch()
    module.write_text("def half(x):\n    return x / 2\n")
    test.write_text(
        "from flowopt.model.half import half\n"
        "def test_of_nothing():\n    assert half(0) == 0\n"
        "def test_which():\n    assert __file__.startswith(__import__('os').getcwd())\n"
    )
    monkeypatch.setattr(hunt, "ROOT", tmp_path)
    assert main(["flowopt/model"]) == 1
    assert sorted(capsys.readouterr().out.splitlines()) == [
        "2 mutants, 2 survived",
        "survived  flowopt/model/half.py:2: 2  ->  4",
        "survived  flowopt/model/half.py:2: x / 2  ->  x * 2",
    ]
    test.write_text(test.read_text().replace("half(0) == 0", "half(6) == 3"))
    assert main(["flowopt/model"]) == 0
    assert "2 mutants, 0 survived" in capsys.readouterr().out
    assert module.read_text() == "def half(x):\n    return x / 2\n"


def test_one_that_never_ends_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mutant = mutants(["flowopt/model/search.py"], 1, seed=2)[0]
    module = tmp_path / mutant.module
    module.parent.mkdir(parents=True)
    module.write_text((ROOT / mutant.module).read_text())
    with pytest.raises(RuntimeError, match="no tests are there"):
        hunt.outcome_of(mutant, tmp_path)
    (tmp_path / "tests/model").mkdir(parents=True)
    (tmp_path / "tests/model/test_search.py").touch()
    monkeypatch.setattr(hunt, "LIMIT", 0.0)
    assert hunt.outcome_of(mutant, tmp_path) == "noticed"
