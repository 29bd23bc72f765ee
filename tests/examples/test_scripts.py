"""Each example runs as a script, silent but for its tables, and the tables are right.

They run in this process, where a warning is an error as well.
"""

from __future__ import annotations

import csv
import re
import runpy
import statistics
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.networks import DATA, ROOT, shipped
from tests.oracles.enumerate import best_plan
from tests.oracles.response import best_response

EXAMPLES = ROOT / "examples"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return the function that runs an example with options and returns what it prints."""

    def printed(name: str, *options: str) -> str:
        path = str(EXAMPLES / f"{name}.py")
        monkeypatch.chdir(ROOT)
        monkeypatch.setattr("sys.argv", [path, *options])
        runpy.run_path(path, run_name="__main__")
        out, err = capfd.readouterr()
        assert err == ""
        return out

    return printed


def table(text: str, first: str, cells: int) -> list[list[str]]:
    """Return the rows below the line that begins with `first`, the last cell with its blanks."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.strip().startswith(first))
    rows = []
    for line in lines[start + 1 :]:
        if not line.strip():
            break
        rows.append(line.split(maxsplit=cells - 1))
    return rows


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_a_script_says_what_one_learns_and_how_to_call_it(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = path.read_text(encoding="utf-8")
    assert f"\n    python examples/{path.name} " in text
    assert "\nWhat one learns: " in text
    assert f"`{path.name}`" in (EXAMPLES / "README.md").read_text(encoding="utf-8")
    options = re.findall(r"--[a-z]+", text.split('"""')[1])
    monkeypatch.setattr("sys.argv", [path.name, "--help"])
    with pytest.raises(SystemExit, match="0"):
        runpy.run_path(str(path), run_name="__main__")
    known = capsys.readouterr().out
    assert options
    assert [option for option in options if option not in known] == []


def test_the_budget_loop_gives_the_answers_worked_out_by_hand(run: Callable[..., str]) -> None:
    said = run("budgets_in_pandas", "--budgets", "4", "0", "3")
    with (DATA / "hand_answers.csv").open(encoding="utf-8", newline="") as file:
        by_hand = {
            float(row["budget"]): (float(row["value"]), row["plan"].replace(";", " ") or "-")
            for row in csv.DictReader(file)
            if row["network"] == "tiny" and not row["resources"]
        }
    rows = table(said, "budget  spent", 7)
    assert [float(row[0]) for row in rows] == [0.0, 3.0, 4.0]
    for budget, _, left, cut, marginal, proved, plan in rows:
        value, best = by_hand[float(budget)]
        assert (float(left), plan, proved) == (value, best, "True")
        assert float(cut) == 10.0 - value
        assert marginal == "-" if float(budget) == 0.0 else float(marginal) == 1.0
    markets = said.partition("Deliveries by market")[2].splitlines()[3:]
    for line, row in zip(markets, rows, strict=True):
        assert sum(map(float, line.split()[1:])) == float(row[2])


def test_the_draws_of_yields_are_those_of_the_seed() -> None:
    script = runpy.run_path(str(EXAMPLES / "uncertain_yields.py"))
    network = shipped("tiny")
    once, again, other = (list(script["draws"](network, 4, seed)) for seed in (1, 1, 2))
    assert once == again
    assert once != other
    for world in once:
        for mine, was in zip(world.supplies, network.supplies, strict=True):
            assert mine.capacity is not None
            assert was.capacity is not None
            assert 0.5 <= mine.capacity / was.capacity <= 1.5
        for line, old in zip(world.recipes, network.recipes, strict=True):
            assert 0.8 <= line.quantity / old.quantity <= (1.2 if old.quantity < 0 else 1.0)


def test_the_regret_of_the_fixed_plan_is_that_by_brute_force(run: Callable[..., str]) -> None:
    script = runpy.run_path(str(EXAMPLES / "uncertain_yields.py"))
    network = shipped("tiny")
    fixed = best_plan(network, budget=2).plan
    left, least = [], []
    for world in script["draws"](network, 8, 3):
        left.append(best_response(world, fixed).value)
        least.append(best_plan(world, budget=2).value)
    regret = [mine - best for mine, best in zip(left, least, strict=True)]
    said = run("uncertain_yields", "--draws", "8", "--seed", "3")
    row = next(row for row in table(said, "best in", 5) if row[-1].startswith("fixed: "))
    assert row[-1] == f"fixed: {' '.join(fixed)}"
    assert float(row[0].rstrip("%")) == round(100 * sum(r < 1e-6 for r in regret) / 8)
    expected = (statistics.mean(left), statistics.mean(regret), max(regret))
    assert [float(cell) for cell in row[1:-1]] == pytest.approx(expected, abs=0.0051)
    assert max(regret) > 0.0  # the draws are worth a look


def test_patrols_surprise_at_first(run: Callable[..., str]) -> None:
    # By hand: 30 t take the cheapest way north, 20 t that by the gulf. Kept patrols take half of
    # the first and 0.3 of the second; those that chase are not there yet, and then find both.
    said = run("cat_and_mouse", "--months", "2")
    first, second = table(said, "month", 6)
    assert first[:4] == ["1", "50.0", "50.0", "29.0"]
    assert float(second[2]) < float(first[2])
    assert float(second[3]) > float(first[3])
    promised = float(re.search(r"promised ([\d.]+)", said)[1])  # type: ignore[index]  # it is there
    assert float(second[3]) <= promised


def test_without_money_every_planner_is_the_same(run: Callable[..., str]) -> None:
    rows = table(run("cat_and_mouse", "--months", "2", "--budget", "0"), "month", 6)
    assert {tuple(row[1:4]) for row in rows} == {("50.0", "50.0", "50.0")}


@pytest.mark.slow  # solves Peru anew for every year that was seen
def test_the_page_of_what_was_seen_is_up_to_date(run: Callable[..., str]) -> None:
    """Its table, and that what was chosen after the event, or cannot fail, is no test."""
    printed = run("validation", "--check")
    assert printed.endswith("up to date\n")
    text = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.count("|") == 8]
    found = {row[1].split(",")[0].strip(): (row[4].strip(), row[5].strip()) for row in rows}
    for area in ("Calleria and Bajo Ucayali", "Madre de Dios and Tahuamanu"):
        assert found[f"growth in {area}"] == ("fit", "fit")
    assert found["net hectares for each cleared"] == ("yes", "no")
    assert found["change of the share by sea"] == ("no", "no")
    scored = [(row[4].strip(), row[5].strip()) for row in rows]
    tests = [pair for pair in scored if set(pair) <= {"yes", "no"}]
    right = [sum(pair[k] == "yes" for pair in tests) for k in (0, 1)]
    score = f"Of {len(tests)} tests the direction came true in {right[0]}, the size in {right[1]}."
    assert score in text
