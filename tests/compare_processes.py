"""Comparisons in processes of their own, which tests start, stop and look into."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.networks import ROOT, SHIPPED

QUESTION = ("compare", SHIPPED / "tiny", "--budgets", "0:9:0.5", "--objective", "profit")


_HOOK = """
import importlib.util, signal, sys
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

class Rows:
    def find_spec(self, name, *others):
        if name != "flowopt.planning.sweep.row":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module
        def hook(row):
            execute(row)
            real = row._solve
            def hooked(question, note):
                before(question)
                return real(question, note)
            row._solve = hooked
        spec.loader.exec_module = hook
        return spec

sys.meta_path.insert(0, Rows())
"""


def hooked(folder: Path, before: str) -> dict[str, str]:
    """Return an environment in which every row begins with `before(question)`.

    What solves no row loads nothing for that, such as the tracker that each pool of workers has.
    Signals count even where the tests run under `nohup`, whose children ignore SIGHUP.
    """
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(f"{_HOOK}\n{before}\n")
    return {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}


def start(*arguments: Any, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
        start_new_session=True,
    )


def run_alone(
    *arguments: Any, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, from which it starts its workers."""
    process = start("flowopt", *arguments, env=env)
    out, err = process.communicate(timeout=300)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def wait_for(what: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    deadline = time.monotonic() + 120
    while not what():
        assert time.monotonic() < deadline
        assert process is None or process.poll() is None, process.communicate()
        time.sleep(0.02)


def rows_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("row-*.json"))


def content(folder: Path) -> dict[str, Any]:
    """Return what a result folder says, but for the seconds."""
    said: dict[str, Any] = {}
    for path in folder.iterdir():
        if path.suffix == ".json":
            said[path.name] = json.loads(path.read_text())
            said[path.name].pop("seconds", None)
            continue
        with path.open(encoding="utf-8", newline="") as file:
            said[path.name] = [
                {k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)
            ]
    return said


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def children(pid: int) -> list[int]:
    """Return the workers of a process (Linux only; elsewhere nothing)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == str(pid):
            found.append(int(path.parent.name))
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
