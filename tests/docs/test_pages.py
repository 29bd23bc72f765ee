"""The documentation leaves nothing out: pages, commands, public names, files and columns.

That it can be built, and holds together when it is, `.ci/run` sees.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import flowopt
from flowopt.cli.main import cli
from flowopt.result_names import RENAMED
from flowopt.results import (
    budget_rows,
    displacement_rows,
    evaluation,
    frontier,
    luck_plans,
    luck_rows,
    luck_solution,
    over_time_rows,
    rows,
    scenario_plans,
    scenario_solution,
    schedule_frontier,
    schedules_under_luck,
    several_frontiers,
    stress,
)
from flowopt.results.words import KEYS, WORDS
from tests.docs.built import faults
from tests.docs.columns import column_table
from tests.networks import ROOT
from tests.readme import tables, with_tables

DOCS = ROOT / "docs"
PACKAGE = ROOT / "flowopt"
PAGES = {page.relative_to(DOCS).as_posix(): page.read_text("utf-8") for page in DOCS.rglob("*.md")}


def test_every_page_has_its_place_in_the_contents() -> None:
    listed = {"index.md"}
    for name, text in PAGES.items():
        for block in re.findall(r"```\{toctree\}\n(.*?)```", text, re.DOTALL):
            entries = [line for line in block.splitlines() if line and not line.startswith(":")]
            listed |= {(Path(name).parent / f"{entry}.md").as_posix() for entry in entries}
    assert listed == set(PAGES)


SCRIPTS = [
    (name, *found)
    for name, text in {**PAGES, "README.md": (ROOT / "README.md").read_text("utf-8")}.items()
    for found in re.findall(r"```python\n(?!>>>)(.*?)```\n\n```text\n(.*?)```", text, re.DOTALL)
]


@pytest.mark.parametrize(("page", "code", "printed"), SCRIPTS)
def test_every_script_prints_what_the_page_says(
    page: str, code: str, printed: str, tmp_path: Path
) -> None:
    """Code without prompts, which no doctest runs; processes need it in a file of its own."""
    script = tmp_path / f"{Path(page).stem}.py"
    script.write_text(code, encoding="utf-8")
    command = [sys.executable, str(script)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == (printed, "")


def test_no_code_on_a_page_is_without_a_test() -> None:
    """It has prompts, for doctest, or its output below it, or needs a cluster that is not here."""
    tested = {code for _, code, _ in SCRIPTS}
    for text in (*PAGES.values(), (ROOT / "README.md").read_text("utf-8")):
        for code in re.findall(r"```python\n(?!>>>)(.*?)```", text, re.DOTALL):
            assert code in tested or "import SLURMCluster" in code


def test_every_command_has_its_page_with_its_own_help() -> None:
    pages = {name for name in PAGES if name.startswith("commands/")}
    assert pages == {f"commands/{name}.md" for name in (*cli.commands, "index")}
    for name in cli.commands:
        assert f"<!-- output: flowopt {name} --help -->" in PAGES[f"commands/{name}.md"]


def test_every_public_name_is_described() -> None:
    described = set(re.findall(r"^\.\. auto\w+:: flowopt\.(\w+)$", PAGES["api.md"], re.MULTILINE))
    assert described == set(flowopt.__all__) - {"__version__"}


def test_every_table_of_results_is_described_column_by_column() -> None:
    shown = {name: table for page, name, table in tables() if page == "docs/results.md"}
    results = ["Frontier", "SweepSummary", "Evidence", "Evaluation", "BudgetRow"]
    results += ["Stress", "DrawTable"]
    row_classes = {
        f"{module.__name__}.{name}"
        for module in (
            budget_rows,
            displacement_rows,
            evaluation,
            frontier,
            luck_plans,
            luck_rows,
            luck_solution,
            over_time_rows,
            rows,
            scenario_plans,
            scenario_solution,
            schedule_frontier,
            schedules_under_luck,
            several_frontiers,
            stress,
        )
        for name, thing in vars(module).items()
        if getattr(thing, "__module__", "") == module.__name__
        and hasattr(thing, "__dataclass_fields__")
        and name
        not in (
            "Frontier",
            "SweepSummary",
            "Evidence",
            "Evaluation",
            "BudgetRow",
            "Stress",
            "DrawTable",
            "ScenarioPlans",
            "ScenarioSolution",
            "ActingValue",
            "LuckPlans",
            "LuckRecord",
            "LuckSolution",
            "LuckEvaluationOverTime",
            "LuckScheduleSolution",
            "DroppedOutcome",
            "LuckAlternativeProofs",
            "OutcomeProof",
            "OwnMean",
            "ScheduleFrontier",
            "SeveralFrontiers",
        )
    }
    assert set(shown) == row_classes
    for name, table in shown.items():
        assert table == column_table(name), f"{name}: python -m tests.readme writes it again"


def test_every_word_of_results_and_every_key_of_a_summary_is_described() -> None:
    page = PAGES["results.md"]
    assert set(re.findall(r"<!-- keys: (\S+) -->", page)) == set(KEYS)
    assert "<!-- words -->" in page
    assert with_tables(page) == page, "python -m tests.readme writes it again"


def test_longer_names_are_those_of_format_1_that_scenarios_and_stress_gave_up() -> None:
    page = PAGES["results.md"]
    section = page.split("## Names that are longer")[1].split("\n## ")[0]
    rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
    words = [[re.findall("`([^`]+)`", cell) for cell in row] for row in rows]
    named = {pair for short, here in words for pair in zip(short, here, strict=True)}
    given_up = {
        pair
        for kind in ("ScenarioRow", "ScenarioSummary", "Draw", "StressedPlan")
        for pair in RENAMED[kind].items()
    }
    each = {("lost:<scenario>", "lost_if_dropped:<scenario>")}
    assert named == given_up | each
    assert {here.partition(":")[0] for _, here in named} <= set(WORDS)


def test_every_file_of_a_result_is_described() -> None:
    writer = (ROOT / "flowopt" / "report" / "result_writer.py").read_text("utf-8")
    for file in set(re.findall(r'"(\w+\.(?:csv|json))"', writer)):
        assert file in PAGES["results.md"], file


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ('<a href="gone.html">x</a><math></math>', "page.html: there is no gone.html"),
        ('<a href="#gone">x</a><math></math>', "page.html: there is no place #gone"),
        (
            '<a id="a" href="page.html#b">x</a><math></math>',
            "page.html: there is no place page.html#b",
        ),
        (
            '<script src="https://cdn.example/x.js"></script><math></math>',
            "page.html: loads https://cdn.example/x.js",
        ),
        (
            '<link href="//fonts.example/x.css"><math></math>',
            "page.html: loads //fonts.example/x.css",
        ),
        ('<a id="a" href="#a">x</a><a href="https://example.org">y</a>', "no page has a formula"),
    ],
)
def test_a_page_that_does_not_hold_together_is_noticed(
    tmp_path: Path, page: str, fault: str
) -> None:
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    assert list(faults(tmp_path)) == [fault]


def test_a_style_that_loads_from_elsewhere_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text('<a id="a" href="#a"><math></math></a>', encoding="utf-8")
    (tmp_path / "page.css").write_text("@import 'https://fonts.example/f.css';", encoding="utf-8")
    assert list(faults(tmp_path)) == ["page.css: loads https://fonts.example/f.css"]


def test_the_map_of_the_tests_names_every_file() -> None:
    tests = ROOT / "tests"
    named = set(re.findall(r"`([\w/]+(?:\.py|/))`", (tests / "README.md").read_text("utf-8")))
    assert [name for name in named if not any((at / name).exists() for at in (tests, ROOT))] == []
    files = {file.relative_to(tests).as_posix() for file in tests.rglob("test_*.py")}
    assert files <= named, "a line for each in tests/README.md"


MARKDOWN = [
    ROOT / name
    for folder in ("", "docs", "docs/commands", "examples", "flowopt/model", "networks", "tests")
    for name in sorted(path.relative_to(ROOT) for path in (ROOT / folder).glob("*.md"))
] + [ROOT / "tests" / "benchmarks" / "README.md"]
CODE = {
    file.relative_to(ROOT).as_posix()
    for folder in ("docs", "examples", "flowopt", "tests")
    for file in (ROOT / folder).rglob("*.py")
}


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_of_code_that_a_page_names_exists(page: Path) -> None:
    for name in re.findall(r"`((?:\w+/)*\w+\.py)`", page.read_text("utf-8")):
        assert any(f"/{file}".endswith(f"/{name}") for file in CODE), name


def test_the_drawing_of_the_layers_is_the_one_that_imports_keep_to() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = [layer for each in contracts["contracts"] for layer in each.get("layers", [])]
    rooms = re.findall(r"flowopt\.(\w+)", " ".join(layers))
    (drawing,) = re.findall(r"```text\n(.*?)```", PAGES["architecture.md"], re.DOTALL)
    drawn = re.findall(r"^│ (\w+(?:, \w+)?)  ", drawing, re.MULTILINE)
    named = [room for row in drawn for room in row.split(", ")]
    assert [room for room in rooms if room in named or (PACKAGE / room).is_dir()] == named
    wings = {folder.name for folder in PACKAGE.glob("[a-z]*/[a-z]*") if any(folder.glob("*.py"))}
    assert set(re.findall(r"┌─ (\w+) ─", drawing)) == wings
