"""A solver that was left to itself is waited for at the end, by the process that it runs in."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from tests.networks import ROOT

LEFT = """
import os, sys, threading, time
from flowopt.model.watched_run import let_end

done = threading.Event()

def work():
    time.sleep(0.5)
    print("ended", flush=True)
    done.set()

threading.Thread(target=work, daemon=True).start()
let_end(done)
"""


def run(code: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(code)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,  # less than a fork would wait for what never comes
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


def test_the_end_of_the_program_waits() -> None:
    assert run(LEFT) == ["ended"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only where one can fork")
def test_a_fork_does_not_wait() -> None:
    code = LEFT + "pid = os.fork()\nif pid == 0: sys.exit(0)\nos.waitpid(pid, 0); print('gone')"
    assert sorted(run(code)) == ["ended", "gone"]
