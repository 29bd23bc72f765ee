"""The terminal of the planner: full disks, closed pipes, closed streams, terminals without letters.

Each command meets each of them: plain words and exit code 2, or a quiet end with its own code.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from flowopt.cli import main, streams
from flowopt.cli.exit_codes import exit_code_of
from flowopt.network.write import write_network
from tests.command import code_here, instead, run
from tests.networks import ROOT, SHIPPED, shipped

TINY = str(SHIPPED / "tiny")
FULL = Path("/dev/full")
NO_SPACE = (
    "Error: the output can't be written: No space left on device; free some space, or write to "
    "another disk\n"
)
# Words that print something, by command; NET, OUT and RESULT stand for places.
COMMANDS = {
    "check": "check NET",
    "check --json": "check NET --json",
    "compare": "compare NET --budgets 0,4 --workers 1",
    "compare --json": "compare NET --budgets 0 --workers 1 --json",
    "convert": "convert NET OUT.json --force",
    "evaluate": "evaluate NET --measures m_strip --alone",
    "evaluate --json": "evaluate NET --measures m_strip --alone --json",
    "export": "export NET OUT.lp --budget 4 --force",
    "flow": "flow NET",
    "flow --json": "flow NET --json",
    "new": "new OUT",
    "report": "report RESULT --force",
    "solve": "solve NET --budget 4",
    "solve --json": "solve NET --budget 4 --json",
    "verify": "verify RESULT",
    "verify --json": "verify RESULT --json",
    "--help": "--help",
    "solve --help": "solve --help",
    "--version": "--version",
}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return a network with letters of several scripts in its names, and a result of it."""
    folder = tmp_path_factory.mktemp("streams")
    tiny = shipped("tiny")
    network = tiny.replace(
        info=replace(tiny.info, title="Río Ñandú 河"),
        nodes=[replace(node, name=f"{node.name} é 河 ↦") for node in tiny.nodes],
        measures=[replace(each, name=f"{each.name} “ß”") for each in tiny.measures],
    )
    write_network(network, folder / "net")
    made = run("solve", folder / "net", "--budget", 4, "--out", folder / "result", "--quiet")
    assert made.returncode == 0, made.stderr
    return {"NET": str(folder / "net"), "RESULT": str(folder / "result")}


def words_of(command: str, places: dict[str, str], folder: Path) -> list[str]:
    known = {**places, "OUT": str(folder / "out")}
    return [
        known.get(stem, stem) + dot + end
        for stem, dot, end in (word.partition(".") for word in COMMANDS[command].split())
    ]


@pytest.mark.skipif(not FULL.exists(), reason="this system has no disk that is always full")
@pytest.mark.parametrize("command", COMMANDS)
def test_an_answer_to_a_full_disk_is_an_error_in_words(
    command: str, places: dict[str, str], tmp_path: Path
) -> None:
    words = words_of(command, places, tmp_path)
    with FULL.open("wb") as full, TemporaryFile() as err:
        with chdir(ROOT), instead("stdout", 1, full), instead("stderr", 2, err):
            code = code_here(words)
        err.seek(0)
        assert (code, err.read().decode()) == (2, NO_SPACE)


@pytest.mark.skipif(sys.platform == "win32", reason="closed pipes are told otherwise")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_that_has_gone_is_a_quiet_end(
    command: str, places: dict[str, str], tmp_path: Path
) -> None:
    words = words_of(command, places, tmp_path)
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb", buffering=0) as pipe, TemporaryFile() as err:
        with chdir(ROOT), instead("stdout", 1, pipe), instead("stderr", 2, err):
            code = code_here(words)
        err.seek(0)
        assert (code or 0, err.read()) == (0, b"")


def test_a_reader_that_has_gone_hides_no_failure(places: dict[str, str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb", buffering=0) as pipe, instead("stdout", 1, pipe):
        code = code_here(["solve", places["NET"], "--target", "0.5", "--json"])
    assert code == 3


@pytest.mark.parametrize("command", COMMANDS)
def test_a_terminal_without_the_letters_shows_escapes(
    command: str, places: dict[str, str], tmp_path: Path
) -> None:
    words = words_of(command, places, tmp_path)
    with TemporaryFile() as out, TemporaryFile() as err:
        with (
            chdir(ROOT),
            instead("stdout", 1, out, encoding="ascii"),
            instead("stderr", 2, err, encoding="ascii"),
        ):
            code = code_here(words)
        out.seek(0)
        err.seek(0)
        text, said = out.read().decode("ascii"), err.read().decode("ascii")
    assert (code or 0, said) == (0, "")
    assert text
    if command in ("solve", "evaluate", "flow"):
        assert r"\u6cb3" in text


def test_a_terminal_without_the_letters_gets_none_past_its_stream(
    places: dict[str, str], tmp_path: Path
) -> None:
    """Click would write UTF-8 to what lies below a stream of ASCII."""
    target = tmp_path / "Ñandú.json"
    with TemporaryFile() as out:
        with instead("stdout", 1, out, encoding="ascii"):
            assert code_here(["convert", places["NET"], str(target)]) in (0, None)
        out.seek(0)
        assert r"\xd1and\xfa.json: a JSON file" in out.read().decode("ascii")
    assert target.is_file()


@pytest.mark.skipif(not FULL.exists(), reason="this system has no disk that is always full")
def test_what_waits_in_a_stream_has_not_arrived() -> None:
    with FULL.open("wb") as full, TemporaryFile() as err:
        with instead("stdout", 1, full), instead("stderr", 2, err):
            code = exit_code_of(lambda: print("an answer"))
        err.seek(0)
        assert (code, err.read().decode()) == (2, NO_SPACE)


@pytest.mark.skipif(sys.platform == "win32", reason="no shell to close streams")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_no_file_takes_the_number_of_a_closed_stream(closed: str, tmp_path: Path) -> None:
    program = (
        "import os, sys; from flowopt.cli.streams import open_closed; open_closed(); "
        "number = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY); print('lost', file=sys.stderr); "
        "os.write(number, str(number).encode())"
    )
    line = f'"$0" -c "{program}" {tmp_path / "file"} {closed}'
    subprocess.run(["bash", "-c", line, sys.executable], cwd=ROOT, check=True, capture_output=True)
    assert int((tmp_path / "file").read_text()) > 2


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_program_without_streams_is_served_too(
    stream: str, places: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, stream, None)
    assert code_here(["solve", places["NET"], "--budget", "4"]) in (0, None)
    assert code_here(["solve", places["NET"], "--budget", "-4"]) == 2


@pytest.mark.skipif(not FULL.exists(), reason="this system has no disk that is always full")
def test_warnings_that_are_lost_change_no_answer(places: dict[str, str]) -> None:
    with FULL.open("wb") as full, instead("stderr", 2, full):
        done = code_here(["check", str(SHIPPED)])
        assert code_here(["check", places["NET"]]) in (0, None)
    assert done == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no shell to close streams")
@pytest.mark.parametrize(
    "closed",
    [
        # All at once is what each alone is, and a full disk for standard error is tried above.
        *(pytest.param(one, marks=pytest.mark.slow) for one in ("2>&-", ">&-", "2>/dev/full")),
        *("<&- >&- 2>&-", "| head -1"),
    ],
)
def test_a_shell_may_close_what_it_likes(closed: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    line = f'"$0" -m flowopt solve networks/tiny --budget 4 --out {out} {closed}; '
    line += "exit ${PIPESTATUS[0]}"
    done = subprocess.run(
        ["bash", "-c", line, sys.executable],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "No space" not in done.stdout
    # What a library prints would have gone into the first file that took the number of a stream.
    assert (out / "summary.json").read_text().startswith('{\n  "flowopt"')
    assert (out / "binding.csv").read_text().startswith("network,objective,budget,rank,")


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (MemoryError(), 2, "there is not enough memory for this; close other programs"),
        (RecursionError("maximum depth"), 2, "something is nested too deeply, most likely in a f"),
        (OSError(28, "No space left on device", "x.csv"), 2, "x.csv: No space left on device; f"),
        (OSError(24, "Too many open files"), 2, "Too many open files; allow more open files (uli"),
        (FileNotFoundError(2, "No such file", "x"), 4, "This is a fault of flowopt, not of your"),
        (ZeroDivisionError("division by zero"), 4, "This is a fault of flowopt, not of your file"),
    ],
)
def test_what_the_machine_lacks_is_no_fault_of_ours(
    fault: Exception,
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(main.cli, "invoke", fails)
    done = run("check", TINY)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_streams_are_given_back() -> None:
    before = sys.stdout, sys.stderr
    with streams.guarded():
        assert sys.stdout is not before[0]
        assert sys.stdout.encoding == before[0].encoding
    assert (sys.stdout, sys.stderr) == before
