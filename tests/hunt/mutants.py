"""`python -m tests.hunt.mutants`: faults put into the core, to see which of them no test notices.

Each mutant is one small fault (`tests/hunt/faults.py`) in one module of a copy of the repository.
The tests of the module's room run there, its own file first; what they let pass is listed. A
survivor is a test that is missing, or code that makes no difference. The same seed makes the same
mutants of the same code.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from tests.hunt.faults import Fault, faults_of, with_fault
from tests.networks import ROOT

# The tests of each room, as `tests/README.md` maps them: the first that a module lies in counts.
ROOMS: dict[str, tuple[str, ...]] = {
    "flowopt/planning/recheck": (
        "tests/planning/test_*_checks.py",
        "tests/planning/test_verify*.py",
        "tests/planning/test_enumerate.py",
    ),
    "flowopt/planning": ("tests/planning", "tests/test_compare_*.py", "tests/test_clock.py"),
    "flowopt/model": ("tests/model", "tests/planning", "tests/test_instances.py"),
    "flowopt/network": ("tests/network", "tests/test_foreign_cli.py", "tests/test_convert_cli.py"),
    "flowopt/results": ("tests/results", "tests/report", "tests/planning"),
    "flowopt/report": ("tests/report", "tests/test_readme.py"),
}
CORE = ("flowopt/model", "flowopt/planning", "flowopt/network/checks")
LIMIT = 1800.0  # s for the tests of one mutant: one that does not end is noticed, too

Outcome = Literal["noticed", "survived"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module of the core with one fault."""

    module: str
    fault: Fault

    def __str__(self) -> str:
        return f"{self.module}:{self.fault.line}: {self.fault.was}  ->  {self.fault.instead}"

    def tests(self, root: Path) -> list[str]:
        """Return what to run, one after another: the test file of that name, then the room."""
        room = next(name for name in ROOMS if self.module.startswith(f"{name}/"))
        stem = Path(self.module).stem
        own = sorted((root / "tests").rglob(f"test_{stem}.py"))
        rest = [path for pattern in ROOMS[room] for path in found(root, pattern)]
        return [path.relative_to(root).as_posix() for path in dict.fromkeys([*own, *rest])]


def found(root: Path, pattern: str) -> list[Path]:
    """Return the test files that a pattern of `ROOMS` names."""
    return sorted(
        file
        for path in root.glob(pattern)
        for file in (path.rglob("test_*.py") if path.is_dir() else [path])
    )


def mutants(parts: Sequence[str], count: int, seed: int) -> list[Mutant]:
    """Draw mutants of the modules under some folders, or of single modules."""
    modules = [
        path
        for part in parts
        for path in ([ROOT / part] if part.endswith(".py") else sorted((ROOT / part).rglob("*.py")))
    ]
    every = [
        Mutant(path.relative_to(ROOT).as_posix(), fault)
        for path in modules
        for fault in faults_of(path.read_text(encoding="utf-8"))
    ]
    return random.Random(seed).sample(every, min(count, len(every)))  # no secret hangs on it


def outcome_of(mutant: Mutant, copy: Path) -> Outcome:
    """Return whether any test fails in a copy of the repository once the fault is in it."""
    module, tests = copy / mutant.module, mutant.tests(copy)
    if not tests:
        raise RuntimeError(f"{copy}: no tests are there for {mutant.module}")
    sound = module.read_text(encoding="utf-8")
    module.write_text(with_fault(sound, mutant.fault), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-n",
        "0",
        "-m",
        "",
        "-p",
        "no:cacheprovider",
    ]
    try:
        ended = subprocess.run(
            [*command, *tests],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy)},
            capture_output=True,
            check=False,
            timeout=LIMIT,
        )
    except subprocess.TimeoutExpired:
        return "noticed"
    finally:
        module.write_text(sound, encoding="utf-8")
    return "survived" if ended.returncode == 0 else "noticed"


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hunt.mutants", description=__doc__)
    parser.add_argument("parts", nargs="*", default=CORE, help=f"(default: {', '.join(CORE)})")
    parser.add_argument("--count", type=int, default=30, help="how many (default: 30)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (default: 1)")
    parser.add_argument("--list", action="store_true", help="name them, run nothing")
    asked = parser.parse_args(words)
    drawn = mutants(asked.parts, asked.count, asked.seed)
    if asked.list:
        print("\n".join(map(str, drawn)))
        return 0
    outcomes: list[Outcome] = []
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "flowopt"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        for mutant in drawn:
            outcomes.append(outcome_of(mutant, copy))
            print(f"{outcomes[-1]}  {mutant}", flush=True)
    survived = outcomes.count("survived")
    print(f"{len(outcomes)} mutants, {survived} survived")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main())
