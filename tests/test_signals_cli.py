"""What asks a command to end, beside Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from flowopt.cli import inputs
from flowopt.cli.signals import alarm, end_like_ctrl_c
from flowopt.network import read
from flowopt.network.network import Network
from flowopt.planning.workers import started_quietly
from tests.command import run
from tests.networks import ROOT, SHIPPED

STOPS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@pytest.fixture
def handlers() -> Iterator[None]:
    before = {stop: signal.getsignal(stop) for stop in STOPS}
    yield
    for stop, handler in before.items():
        signal.signal(stop, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("stop", STOPS)
def test_it_interrupts(stop: signal.Signals) -> None:
    signal.signal(stop, signal.SIG_DFL)
    end_like_ctrl_c()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(stop)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("stop", STOPS)
def test_what_is_ignored_stays_ignored(stop: signal.Signals) -> None:
    """Under nohup a command goes on when the terminal closes; an application's handler stays."""
    signal.signal(stop, signal.SIG_IGN)
    end_like_ctrl_c()
    signal.raise_signal(stop)
    assert signal.getsignal(stop) is signal.SIG_IGN


def test_the_library_touches_no_signal() -> None:
    code = (
        "import signal\n"
        "before = [signal.getsignal(s) for s in signal.valid_signals()]\n"
        "import flowopt\n"
        "network = flowopt.read_network('networks/tiny')\n"
        "flowopt.compare(network, budgets='0,4')\n"
        "assert before == [signal.getsignal(s) for s in signal.valid_signals()]\n"
        "assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.skipif(not STOPS, reason="no such signal there")
def test_a_solve_that_is_stopped_ends_quietly() -> None:
    """Asked by SIGTERM; SIGHUP, which ends in the same interrupt, stops a real `compare`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "flowopt", "solve", SHIPPED / "peru-2014", "--budget", "35"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(4)
    process.send_signal(STOPS[0])
    _, stderr = process.communicate(timeout=60)
    assert process.returncode >= 0  # it ended of itself
    assert "Traceback" not in stderr
    assert "leaked" not in stderr


needs_alarm = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no alarm there")


@needs_alarm
def test_an_alarm_rings_in_time_and_not_later() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(TimeoutError), alarm(0.01, TimeoutError()):
        time.sleep(10.0)
    with alarm(0.05, TimeoutError()):
        pass
    time.sleep(0.1)
    assert signal.getsignal(signal.SIGALRM) is before
    for never in (-1.0, float("inf"), float("nan")):
        with alarm(never, TimeoutError()):
            pass


@needs_alarm
@pytest.mark.parametrize(
    "command",
    [
        ["solve", "--budget", "4"],
        ["evaluate", "--measures", "m_strip"],
        ["flow"],
        ["compare", "--budgets", "4"],
    ],
)
def test_reading_ends_soon_after_the_limit(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(_: object) -> Network:
        time.sleep(60.0)
        raise AssertionError

    monkeypatch.setattr(read, "read_network", slowly)
    monkeypatch.setattr(inputs, "_LEAST_READING", 0.05)
    monkeypatch.setattr(inputs, "_GRACE", 0.0)
    verb, *options = command
    done = run(verb, SHIPPED / "tiny", *options, "--time-limit", "0.01")
    assert done.returncode == 3
    assert done.stderr.startswith("Error: the time limit of 0.01 s was over before ")
    assert done.stderr.endswith("tiny was read; give it more time\n")


def test_a_worker_ends_when_its_pool_asks_it_to() -> None:
    """A pool that lost a worker ends the others by SIGTERM and waits for them, its lock held."""
    code = (
        "from concurrent.futures import ProcessPoolExecutor; import multiprocessing, os, signal\n"
        "from flowopt.planning.workers import begin_work\n"
        "if __name__ == '__main__':\n"
        "    spawn = multiprocessing.get_context('spawn')\n"
        "    with ProcessPoolExecutor(1, mp_context=spawn, initializer=begin_work) as pool:\n"
        "        print(pool.submit(signal.getsignal, signal.SIGTERM).result().name)\n"
        "        print(pool.submit(signal.getsignal, signal.SIGINT).result().name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.stdout.split(), done.stderr) == (["SIG_DFL", "SIG_IGN"], "")


@pytest.mark.skipif(sys.platform == "win32", reason="no signals to block")
def test_the_start_of_workers_is_not_broken_off() -> None:
    done = []

    def start() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)  # the main thread is interrupted meanwhile
        done.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))

    with pytest.raises(KeyboardInterrupt):
        started_quietly(start)
    assert {signal.SIGINT, *STOPS} <= done[0]
