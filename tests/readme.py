"""The output shown in the README: `python -m tests.readme` writes it again."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

from tests.networks import ROOT

README = ROOT / "README.md"
_SHOWN = re.compile(r"(<!-- output: (?P<command>.*?) -->\n```text\n)(?P<text>.*?)(```)", re.DOTALL)


def run(command: str) -> str:
    """Return what a `flowopt` command of the README prints, without blanks at line ends."""
    words = shlex.split(command)
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def shown() -> list[tuple[str, str]]:
    """Return (command, output) pairs of the README."""
    text = README.read_text(encoding="utf-8")
    return [(found["command"], found["text"]) for found in _SHOWN.finditer(text)]


if __name__ == "__main__":
    fresh = _SHOWN.sub(
        lambda found: f"{found[1]}{run(found['command'])}{found[4]}",
        README.read_text(encoding="utf-8"),
    )
    README.write_text(fresh, encoding="utf-8")
