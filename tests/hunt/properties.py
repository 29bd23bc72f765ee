"""`python -m tests.hunt.properties`: every property of the tests, on many more draws.

The tests look at few networks, the same each time, and tamper with few numbers of a class. This
takes twenty times as many, and draws other networks on each run; a failure is printed with the
line that repeats it. What else is given goes to pytest: files, `-k`, `-x`, `-n`.
"""

from __future__ import annotations

import subprocess
import sys

from tests.draws import HUNT


def main(words: list[str] | None = None) -> int:
    given = sys.argv[1:] if words is None else words
    command = [sys.executable, "-m", "pytest", "-m", "hypothesis or sampled"]
    return subprocess.call([*command, f"--hypothesis-profile={HUNT}", *given])


if __name__ == "__main__":
    sys.exit(main())
