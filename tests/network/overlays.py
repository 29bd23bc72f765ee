"""Broken and odd networks: `tests/data/base` with a few files laid over it.

A case is a folder of the files that differ; `absent.txt` names files to leave out, and
`expected.txt` holds every line that reading it has to say.
"""

from __future__ import annotations

import shutil
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
BASE = DATA / "base"
OVER_TIME = DATA / "years"  # the base with periods, and with all that speaks of time
OF_TIME = ("periods", "openings", "trends", "campaigns")  # tables that only it has


def cases(kind: str) -> list[str]:
    return sorted(path.name for path in (DATA / kind).iterdir())


def lay(kind: str, case: str, target: Path) -> tuple[Path, list[str]]:
    """Lay a case over a copy of the base; return the folder and the lines expected."""
    shutil.copytree(BASE, target)
    for path in (DATA / kind / case).iterdir():
        if path.name == "absent.txt":
            for name in path.read_text(encoding="utf-8").split():
                (target / name).unlink()
        elif path.name != "expected.txt":
            shutil.copy(path, target / path.name)
    expected = (DATA / kind / case / "expected.txt").read_text(encoding="utf-8")
    return target, expected.splitlines()
