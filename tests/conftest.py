"""What every test shares: the same draws, surroundings and share of the machine everywhere."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Generator, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.draws import HUNT, HUNTED, USUAL
from tests.report.browser import HOW_TO_GET_ONE, NO_BROWSER, launched

# The same examples on every run and every machine, so that a red run can be repeated and a green
# one says the same of all; the hunt draws others, and many. No deadlines, because a busy machine
# is slow without being wrong. Nothing is left to what Hypothesis would take from `CI`.
settings.register_profile(
    "same",
    max_examples=USUAL,
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    HUNT, settings.get_profile("same"), max_examples=HUNTED * USUAL, derandomize=False
)
settings.load_profile("same")

# Output is compared letter by letter, here and in processes of our own: what would colour it, wrap
# it, spell it otherwise or turn a library's warning into an error there is not for tests.
for name in [name for name in os.environ if name.startswith("LC_")] + [
    *("CI", "CLICOLOR", "CLICOLOR_FORCE", "COLORTERM", "FORCE_COLOR", "NO_COLOR"),
    *("COLUMNS", "LINES", "JUPYTER_COLUMNS", "JUPYTER_LINES"),
    *("TERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE"),
    *("LANG", "LANGUAGE", "PYTHONIOENCODING", "PYTHONWARNINGS", "MPLBACKEND"),
]:
    os.environ.pop(name, None)
os.environ["PYTHONUTF8"] = "1"
# There are as many processes as processors already.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
# Processes of the tests would compile all that they load, each for itself.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Run in the background of a script, tests would hand it on to commands that must hear Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    """Let drawn examples hang on nothing but their test, unless faults are hunted.

    Newer Hypothesis draws what stands in the code of all modules loaded, too: a changed number
    anywhere would change all draws, and to read 1,200 files takes each process a while.
    """
    if config.getoption("hypothesis_profile", None) == HUNT:
        return
    with suppress(ImportError):  # of older ones
        from hypothesis.internal.conjecture import providers

        nothing = getattr(providers, "_local_constants", None)
        patch = pytest.MonkeyPatch()
        patch.setattr(providers, "_get_local_constants", lambda: nothing, raising=False)
        config.add_cleanup(patch.undo)


MOST_WORKERS = 8  # a container may show more processors than it may use, and each takes memory


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Return how many processes share the tests: none but this one where only files are named.

    Else one more than there are processors, because some tests wait for a while, for a signal or a
    time limit: a process for each left two processors idle for an eighth of the time. Nothing is
    measured side by side.
    """
    if config.getoption("benchmark_only", False):
        return 0
    if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS"):
        return None
    named = config.args_source == config.ArgsSource.ARGS
    if named and not any(os.path.isdir(argument) for argument in config.args):
        return 0
    try:
        processors = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        processors = os.cpu_count() or 1
    return min(processors + (processors > 1), MOST_WORKERS)


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """Let what tests write be lost in a power cut; processes of their own flush as ever.

    Each of the dozen files of a result would wait for the disk.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def workers_only_where_they_are_asked_for() -> Iterator[None]:
    """Let commands of this process use it alone, unless they name how many workers share them.

    By default they would start one for each processor, which takes a second or two each and finds
    the same. That workers do so is tested where they are named; processes of the tests' own have
    the default.
    """
    with pytest.MonkeyPatch.context() as patch:
        for command in ("compare", "solve", "stress"):
            patch.setattr(f"flowopt.cli.{command}_command.processors", lambda: 1)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Leave thousands of tests and all libraries out of every search for garbage."""
    gc.disable()
    try:
        if session.config.args_source != pytest.Config.ArgsSource.ARGS:
            load_test_files(getattr(session.config, "workerinput", {}))
        return (yield)
    finally:
        draw_nothing()  # which looks for who holds the generators of random numbers: before this
        gc.freeze()
        gc.set_threshold(10_000, 20, 50)  # tests make little that only a search would find
        gc.enable()


def load_test_files(worker: dict[str, Any]) -> None:
    """Load all test files, each process from another one on.

    In a new clone pytest rewrites every `assert` and keeps what comes out, which takes as long as
    all else before the first test. Else all processes would rewrite the same file at the same
    time; so each finds what the others have rewritten.
    """
    if not worker:
        return
    root = Path(__file__).parents[1]
    files = sorted(root.glob("tests/**/test_*.py"))
    first = int(worker["workerid"].removeprefix("gw")) * len(files) // worker["workercount"]
    for path in files[first:] + files[:first]:
        with suppress(Exception, pytest.skip.Exception):  # said when its tests are looked for
            import_module(".".join(path.relative_to(root).with_suffix("").parts))


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path) -> Generator[None, list[pytest.Collector], list[Any]]:
    """Look for no examples in the docstrings of tests, of which there are thousands and no such."""
    found = yield
    tests = file_path.name.startswith("test_")
    return [each for each in found if not tests or type(each) is pytest.Module]


@given(st.none())
def draw_nothing(nothing: None) -> None:
    """Draw once, so that Hypothesis is ready for drawing."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [str(r.longrepr) for r in terminalreporter.stats.get("skipped", [])]
    count = sum(NO_BROWSER in reason for reason in skipped)
    if count:
        terminalreporter.section(f"{count} tests {NO_BROWSER}", yellow=True, bold=True)
        terminalreporter.write_line(f"{HOW_TO_GET_ONE}.")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for all tests of pages in a process: its driver does not start twice."""
    with launched() as found:
        yield found
