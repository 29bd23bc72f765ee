"""Commands of `flowopt` run in this process, where a shell would start a Python for each.

What a shell sees that this does not (signals, faults, that the exit code arrives) is tested with
real processes in `test_cli.py` and `test_compare_cli.py`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryFile
from typing import IO

from flowopt.cli.exit_codes import exit_code_of
from flowopt.cli.main import cli
from tests.networks import ROOT


def run(*arguments: str | Path | float) -> CompletedProcess[str]:
    """Run a command in the repository's root; what libraries in C print is heard as well."""
    words = list(map(str, arguments))
    with TemporaryFile() as out, TemporaryFile() as err:
        with chdir(ROOT), instead("stdout", 1, out), instead("stderr", 2, err):
            code = code_here(words)
        return CompletedProcess(words, code or 0, _text(out), _text(err))


def code_here(words: list[str]) -> int | None:
    """Run a command with the streams as they are; return its exit code."""
    return exit_code_of(lambda: cli.main(words, prog_name="flowopt", standalone_mode=False))


@contextmanager
def instead(name: str, number: int, file: IO[bytes], *, encoding: str = "utf-8") -> Iterator[None]:
    """Let a file take what is written to a stream, by Python or past it."""
    before, kept = getattr(sys, name), os.dup(number)
    before.flush()
    os.dup2(file.fileno(), number)
    with open(number, "w", encoding=encoding, newline="\n", closefd=False) as stream:
        setattr(sys, name, stream)
        try:
            yield
        finally:
            stream.flush()
            setattr(sys, name, before)
            os.dup2(kept, number)
            os.close(kept)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()
