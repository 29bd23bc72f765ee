"""Running a case: a fresh process for every run, and from what it says to a row."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import IO, Any

from tests.benchmarks.cases import Case
from tests.benchmarks.records import PROVED, Record, peak_mib, verdict
from tests.networks import ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to run.

    Attributes
    ----------
    limit, grace : float
        Seconds a run has, and seconds after which one that goes on is killed.
    gap : float
        Relative gap at which a plan counts as optimal.
    """

    limit: float = 60.0
    grace: float = 60.0
    gap: float = 1e-4


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
    )


def measure(case: Case, variant: str, settings: Settings) -> Record:
    """Run a variant on a case in a fresh process and return its row."""
    # Whoever reads the row must know what else the machine was doing.
    record = replace(blank(case, variant, settings), load=os.getloadavg()[0])
    job = {
        "variant": variant,
        "question": {
            "budget": case.budget,
            "objective": case.objective,
            "limit": settings.limit,
            "gap": settings.gap,
        },
        "grace": settings.grace,
        **(
            {"folder": str(case.source)}
            if isinstance(case.source, Path)
            else {"spec": asdict(case.source)}
        ),
    }
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        code, memory = _run(job, out, errors)
        out.seek(0)
        errors.seek(0)
        said, complaints = out.read().strip(), errors.read().strip()
    if code != 0 or not said:
        killed = code < 0 or "Timeout" in complaints
        last = complaints.splitlines()[-1] if complaints and not killed else f"exit code {code}"
        return replace(record, status="killed" if killed else "error", memory_mib=memory, note=last)
    return filled(record, json.loads(said.splitlines()[-1]))


def _run(job: dict[str, Any], out: IO[str], errors: IO[str]) -> tuple[int, float]:
    """Return the exit code of a child and its largest resident set, MiB."""
    command = [sys.executable, "-m", "tests.benchmarks.child", json.dumps(job)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=errors)
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except KeyboardInterrupt:
        process.kill()
        process.wait()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, peak_mib(usage)


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
def revision() -> str:
    """Return the commit that is measured, with a + where files differ from it; blank if unknown."""
    try:
        said = [
            subprocess.run(
                ["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True
            ).stdout.strip()
            for words in (("rev-parse", "--short=10", "HEAD"), ("status", "--porcelain", "flowopt"))
        ]
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said[0] + ("+" if said[1] else "")
