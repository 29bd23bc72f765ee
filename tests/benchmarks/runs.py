"""Running a case: a fresh process for every run, and from what it says to a row."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import IO, Any

from tests.benchmarks.cases import Case
from tests.benchmarks.generator import Spec
from tests.benchmarks.records import PROVED, Record, peak_mib, verdict
from tests.networks import ROOT

EARLIER = "earlier"
_at_work: set[subprocess.Popen[bytes]] = set()  # the processes of runs that have not ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to run.

    Attributes
    ----------
    limit, grace : float
        Seconds a run has, and seconds after which one that goes on is killed.
    gap : float
        Relative gap at which a plan counts as optimal.
    threads : int
        Threads that each run may use.
    earlier : Path or None
        Checkout of another commit, for the variant ``earlier``.
    """

    limit: float = 60.0
    grace: float = 60.0
    gap: float = 1e-4
    threads: int = 1
    earlier: Path | None = None


def blank(case: Case, variant: str, settings: Settings) -> Record:
    """Return the row of a run before it has been done."""
    return Record(
        case=case.name,
        family=case.family,
        network=case.network,
        objective=case.objective,
        budget=case.budget,
        variant=variant,
        status="error",
        known=case.known,
        time_limit=settings.limit,
        asked_gap=settings.gap,
        revision=revision(),
        python=platform.python_version(),
        highs=metadata.version("highspy"),
        pulp=metadata.version("pulp"),
        note=f"revision {revision(settings.earlier)}" if _is_earlier(variant, settings) else "",
    )


_free = threading.Lock()
_taken: set[int] = set()  # processors that runs keep to


@contextlib.contextmanager
def _processors(count: int) -> Iterator[set[int]]:
    """Yield processors that no other run keeps to, or none if there are too few.

    A solver takes as many threads as it sees processors wherever it is not told otherwise.
    """
    mine: set[int] = set()
    if hasattr(os, "sched_getaffinity"):
        with _free:
            free = sorted(os.sched_getaffinity(0) - _taken)
            mine = set(free[:count]) if len(free) >= count else set()
            _taken.update(mine)
    try:
        yield mine
    finally:
        with _free:
            _taken.difference_update(mine)


def measure(case: Case, variant: str, settings: Settings) -> Record:
    """Run a variant on a case in a fresh process and return its row."""
    # Whoever reads the row must know what else the machine was doing.
    record = replace(blank(case, variant, settings), load=os.getloadavg()[0])
    with tempfile.TemporaryDirectory(prefix="flowopt-") as scratch:
        folder = Path(scratch)
        command, surroundings = _command(case, variant, settings, folder)
        with (
            (folder / "out").open("w+") as out,
            (folder / "errors").open("w+") as errors,
            _processors(settings.threads) as processors,
        ):
            code, memory = _run(command, surroundings, processors, out, errors)
        said = (folder / "out").read_text().strip()
        complaints = (folder / "errors").read_text().strip()
    if code != 0 or not said:
        killed = code < 0 or "Timeout" in complaints
        last = complaints.splitlines()[-1] if complaints and not killed else f"exit code {code}"
        return replace(record, status="killed" if killed else "error", memory_mib=memory, note=last)
    return filled(record, json.loads(said.splitlines()[-1]))


def _command(
    case: Case, variant: str, settings: Settings, scratch: Path
) -> tuple[list[str], dict[str, str]]:
    """Return the command of a run and its environment."""
    job = {
        "variant": variant,
        "question": {
            "budget": case.budget,
            "objective": case.objective,
            "limit": settings.limit,
            "gap": settings.gap,
            "threads": settings.threads,
        },
        "grace": settings.grace,
    }
    if not _is_earlier(variant, settings):
        source = (
            {"folder": str(case.source)}
            if isinstance(case.source, Path)
            else {"spec": asdict(case.source)}
        )
        words = ["-m", "tests.benchmarks.child", json.dumps(job | source)]
        return [sys.executable, *words], dict(os.environ)
    job["folder"] = str(_folder(case.source, scratch / "network"))
    words = ["-P", str(Path(__file__).with_name("earlier.py")), json.dumps(job)]
    paths = [str(settings.earlier), *filter(None, [os.environ.get("PYTHONPATH")])]
    return [sys.executable, *words], os.environ | {"PYTHONPATH": os.pathsep.join(paths)}


def _is_earlier(variant: str, settings: Settings) -> bool:
    return variant == EARLIER and settings.earlier is not None


def _folder(source: Path | Spec, where: Path) -> Path:
    """Return the folder of a network; one that is generated is written by this commit."""
    if isinstance(source, Path):
        return source
    words = [f"--{key}={value}" for key, value in asdict(source).items()]
    command = [sys.executable, "-m", "tests.benchmarks.generator", *words, str(where)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return where


def _run(
    command: list[str],
    surroundings: dict[str, str],
    processors: set[int],
    out: IO[str],
    errors: IO[str],
) -> tuple[int, float]:
    """Return the exit code of a child and its largest resident set, MiB."""
    process = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=out, stderr=errors)
    if processors:
        os.sched_setaffinity(process.pid, processors)
    _at_work.add(process)
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except KeyboardInterrupt:
        process.kill()
        process.wait()
        raise
    finally:
        _at_work.discard(process)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, peak_mib(usage)


def end_all() -> None:
    """End the runs that are at work in other threads."""
    for process in tuple(_at_work):
        with contextlib.suppress(ProcessLookupError):
            process.kill()


def filled(record: Record, said: dict[str, Any]) -> Record:
    """Return the row with what the child said.

    A plan that is optimal for its programme but not within the gap of what the plan is truly worth
    is no proof: the programme fell ``short``.
    """
    value, bound = said["value"], said["bound"]
    gap = None
    if value is not None and bound is not None:
        gap = max(0.0, value - bound) / max(1e-9, abs(value))
    status = said["status"]
    if status == PROVED and (gap is None or gap > record.asked_gap + 1e-6):
        status = "short" if value is None or value > 1e-6 else status
    done = replace(
        record,
        status=status,
        rows=said["rows"],
        columns=said["columns"],
        build_seconds=said["build"],
        first_seconds=said["first"],
        proof_seconds=said["proof"] if status == PROVED else None,
        total_seconds=said["total"],
        cpu_seconds=said["cpu"],
        nodes=said["nodes"],
        value=value,
        claimed=said["claimed"],
        bound=bound,
        gap=gap,
        memory_mib=said["memory"],
    )
    return replace(done, right=verdict(done))


@cache
def revision(tree: Path | None = None) -> str:
    """Return the commit of a checkout (this one unless told), with a + where its files differ.

    Blank if it is unknown.
    """
    try:
        said = [
            subprocess.run(
                ["git", "-C", str(tree or ROOT), *words], capture_output=True, text=True, check=True
            ).stdout.strip()
            for words in (("rev-parse", "--short=10", "HEAD"), ("status", "--porcelain", "flowopt"))
        ]
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said[0] + ("+" if said[1] else "")
