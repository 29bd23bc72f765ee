"""Exit codes of commands, and the error messages that go with them."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

import click

from flowopt.cli.streams import guarded
from flowopt.disk import has_advice, reason_of
from flowopt.errors import FlowoptError, RequestError
from flowopt.plain_text import visible
from flowopt.reading import UnfitFileError

FAILED = 1
NO_PLAN = 3
INTERRUPTED = 130


def exit_code_of(run: Callable[[], int | None]) -> int | None:
    """Run a command; return its exit code, with an error message on stderr."""
    with guarded():
        return _exit_code_of(lambda: _flushed(run))


def _flushed(run: Callable[[], int | None]) -> int | None:
    """Run a command and flush stdout, so that a failed write counts."""
    code = run()
    sys.stdout.flush()
    return code


def _exit_code_of(run: Callable[[], int | None]) -> int | None:
    try:
        return run()
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; nothing was written", err=True)
        return INTERRUPTED
    except FlowoptError as error:
        click.echo(_message(error), err=True)
        return error.exit_code
    except Exception as error:
        if os.environ.get("FLOWOPT_DEBUG"):
            raise
        words = _resource_message(error)
        if words is not None:
            click.echo(visible(f"Error: {words}"), err=True)
            return RequestError.exit_code
        click.echo(
            f"flowopt failed unexpectedly ({type(error).__name__}: {error}). This is a fault of "
            "flowopt, not of your files: please report it, with what FLOWOPT_DEBUG=1 shows.",
            err=True,
        )
        return 4


def _resource_message(error: Exception) -> str | None:
    """Return the message for a lack of memory, disk or stack, None for a fault of ours."""
    if isinstance(error, MemoryError):
        return (
            "there is not enough memory for this; close other programs, ask for fewer workers, or "
            "use a machine with more"
        )
    if isinstance(error, RecursionError):
        return (
            "something is nested too deeply, most likely in a file that was read; tables and "
            "results are flat"
        )
    if isinstance(error, OSError) and (has_advice(error) or isinstance(error, UnfitFileError)):
        place = "" if error.filename is None else f"{error.filename}: "
        return f"{place}{reason_of(error)}"
    return None


def exit_with(code: int | None) -> NoReturn:
    """Exit at once, without taking down what the system frees anyway: that takes Python a while.

    Nothing waits for a solver that was told to stop and is still busy in a thread; other threads
    end first, and what libraries have to do at the end is done.
    """
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    if any(thread.daemon for thread in others):
        _exit(code)
    if others or os.environ.get("FLOWOPT_DEBUG"):  # profilers have their say at Python's own end
        sys.exit(code)
    atexit._run_exitfuncs()
    _exit(code)


def _exit(code: int | None) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(code or 0)


def end_interrupted() -> NoReturn:
    """End a command that the user stopped before any result."""
    raise click.exceptions.Exit(INTERRUPTED)


def end_without_plan(*reasons: str) -> NoReturn:
    """End a command without a plan, with the reasons on stderr."""
    for reason in reasons:
        click.echo(visible(f"Error: {reason}"), err=True)
    raise click.exceptions.Exit(NO_PLAN)


def _message(error: FlowoptError) -> str:
    text = visible(str(error), keep="\n")
    problems = getattr(error, "problems", None)
    if problems is None:
        return f"Error: {text}"
    count = len(problems)
    return f"{text}\n{count} error{'s' if count != 1 else ''}; nothing was written"
