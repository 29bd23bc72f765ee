"""The house: imports go down only, name the file, and stay light until a command runs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "flowopt"
HEAVY = (
    *("highspy", "jinja2", "matplotlib", "networkx", "numpy", "pandas", "pulp"),
    *("pydantic", "pyscipopt", "rich", "scipy"),
)
FILES = sorted(PACKAGE.rglob("*.py"))


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def is_file(module: str) -> bool:
    """Whether a dotted name is a file of the package, and not one of its folders."""
    return ROOT.joinpath(*module.split(".")).with_suffix(".py").is_file()


def ours(module: str) -> bool:
    return module.partition(".")[0] == "flowopt"


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield (line, what is wrong) for every import that does not name a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if ours(alias.name) and not is_file(alias.name):
                    yield node.lineno, f"`import {alias.name}` names a package, not a file"
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                yield node.lineno, f"relative import of `{'.' * node.level}{module}`"
            elif ours(module) and not is_file(module):
                if not ROOT.joinpath(*module.split(".")).is_dir():
                    yield node.lineno, f"`from {module} import ...`: there is no such file"
                    continue
                for alias in node.names:
                    if not is_file(f"{module}.{alias.name}"):
                        yield (
                            node.lineno,
                            f"`from {module} import {alias.name}`: {alias.name} is no file",
                        )


def test_imports_name_the_file() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in FILES
        for line, what in imported(tree_of(path))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("from flowopt.network import schema", True),
        ("from flowopt.network.schema import Node", True),
        ("import flowopt.network.schema", True),
        ("import numpy as np", True),
        ("from flowopt.network import Network", False),
        ("from flowopt import network", False),
        ("from flowopt import solve", False),
        ("import flowopt", False),
        ("import flowopt.network", False),
        ("from . import schema", False),
        ("from .schema import Node", False),
    ],
)
def test_the_rule_on_imports_itself(line: str, allowed: bool) -> None:
    assert (not list(imported(ast.parse(line)))) is allowed


def test_contracts() -> None:
    pytest.importorskip("importlinter", reason="import-linter comes with the `dev` extra")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as lint; lint(['--no-cache'])",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# Paths that pickles of earlier versions name, and a public class beside the programme behind it.
_SHARED = {"__init__.py", "frontier.py", "proof.py", "trafficker.py"}


def test_no_file_name_stands_twice() -> None:
    names = [path.name for path in FILES]
    assert not {name for name in names if names.count(name) > 1} - _SHARED


@pytest.mark.parametrize(
    "room", ["cli", "model", "network", "planning", "report", "results", "serve"]
)
def test_docstrings_begin_with_a_noun(room: str) -> None:
    """The first line says what a thing is, not what it does or for whom."""
    found = []
    for path in sorted((PACKAGE / room).rglob("*.py")):
        if path.name == "schema.py":  # its docstrings are sentences of docs/columns.md
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                first = (ast.get_docstring(node) or "").partition(" ")[0]
                if first in ("How", "What", "Whether", "Which", "Who", "Whose", "Why"):
                    found.append(f"{path.relative_to(ROOT)}: {getattr(node, 'name', 'module')}")
    assert not found, "\n".join(found)


def test_every_folder_of_the_package_is_a_package() -> None:
    folders = {path.parent for path in FILES}
    assert not [str(folder) for folder in folders if not (folder / "__init__.py").is_file()]


@pytest.mark.parametrize(
    "code",
    [
        "import flowopt",
        "import sys; sys.argv = ['flowopt', '--help']\nfrom flowopt.cli.main import main; main()",
        "import sys; sys.argv = ['flowopt', 'solve', '--help']\n"
        "from flowopt.cli.main import main; main()",
    ],
    ids=["import", "help", "help of a command"],
)
def test_only_click_loads_before_a_command_runs(code: str) -> None:
    report = (
        "import atexit, sys; before = set(sys.modules)\n"
        "@atexit.register\n"  # which a command runs, too, though it ends without more ado
        "def report():\n"
        "    new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "    print('loaded:', *sorted(new - sys.stdlib_module_names))\n"
        f"{code}\n"
    )
    loaded = set(run_python(report).rpartition("loaded:")[2].split())
    assert not loaded & set(HEAVY)
    assert loaded <= {"flowopt", "click", "colorama"}


def test_verify_loads_no_solver() -> None:
    code = (
        "import sys; import flowopt.planning.verify\n"
        "solvers = {'highspy', 'pulp', 'pyscipopt', 'ortools', 'scipy.optimize'}\n"
        "print(*sorted(solvers & set(sys.modules)))"
    )
    assert run_python(code).split() == []


def test_a_small_solve_loads_no_linear_algebra_and_reading_no_solver() -> None:
    """Each of these takes as long to load as a small network to solve."""
    code = (
        "import sys; import flowopt; network = flowopt.read_network('networks/tiny')\n"
        "print('numpy' in sys.modules, 'highspy' in sys.modules)\n"
        "flowopt.solve(network, budget=4)\n"
        "heavy = ('pandas', 'networkx', 'scipy.linalg', 'scipy.optimize', 'scipy.sparse.linalg')\n"
        "print(*(name for name in heavy if name in sys.modules))"
    )
    assert run_python(code).splitlines() == ["False False", ""]


def test_a_question_without_a_programme_loads_no_pulp() -> None:
    code = (
        "import sys; import flowopt\n"
        "flowopt.solve(flowopt.read_network('networks/tiny'), budget=0)\n"
        "print('pulp' in sys.modules)"
    )
    assert run_python(code).splitlines() == ["False"]


# Runs a command in this process, and goes on behind it.
RUN = (
    "import sys, os; from flowopt.cli import main\n"
    "def stop(code): raise SystemExit\n"
    "os._exit = stop\n"
    "sys.argv = ['flowopt', *{command!r}]\n"
    "try: main.main()\n"
    "except SystemExit: pass\n"
)


@pytest.mark.parametrize(
    ("command", "packages"),
    [
        (("solve", "networks/tiny", "--budget", "4"), "highspy numpy rich scipy"),
        (("check", "networks/tiny"), "rich"),
    ],
    ids=["solve", "check"],
)
def test_the_heavy_packages_that_a_small_command_loads(
    command: tuple[str, ...], packages: str
) -> None:
    """Exactly these: another one would take as long to load as a small network to solve."""
    heavy = set(HEAVY)
    code = f"{RUN.format(command=command)}print('loaded:', *sorted({heavy} & sys.modules.keys()))"
    assert run_python(code).rpartition("loaded: ")[2].split() == packages.split()


def test_a_command_loads_what_nobody_uses_only_when_it_is_used() -> None:
    """numpy names its compiler of Fortran and its helpers for tests, and scipy.sparse all of it."""
    code = (
        f"{RUN.format(command=('solve', 'networks/tiny', '--budget', '4'))}"
        "parts = {'numpy.f2py.f2py2e', 'numpy.testing._private.utils', 'importlib.metadata',\n"
        "         'scipy.linalg', 'scipy.optimize', 'scipy.sparse',\n"
        "         'scipy.sparse.linalg', 'scipy.special',\n"
        "         'flowopt.planning.scenario_run', 'flowopt.model.scenario_programme',\n"
        "         'flowopt.report.result_writer', 'flowopt.results.over_time'}\n"
        "print('loaded:', *sorted(parts & set(sys.modules)))\n"
        "import numpy; from numpy.testing import assert_allclose\n"
        "assert_allclose(numpy.polynomial.Polynomial([1.0, 2.0])(3.0), 7.0)\n"
        "print('numpy.testing._private.utils' in sys.modules)"
    )
    *_, before, after = run_python(code).splitlines()
    assert before == "loaded: scipy.sparse"
    assert after == "True"
