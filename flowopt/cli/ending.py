"""How a run ends: what went wrong in a sentence, and the exit code."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

import click

from flowopt.errors import FlowoptError
from flowopt.plain_text import visible

FAILED = 1
NO_ANSWER = 3
INTERRUPTED = 130


def code_of(run: Callable[[], int | None]) -> int | None:
    """Run a command; return its exit code, after saying on stderr what went wrong."""
    try:
        return run()
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; nothing was written", err=True)
        return INTERRUPTED
    except FlowoptError as error:
        click.echo(_explain(error), err=True)
        return error.exit_code
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  so that the exit does not complain
        return 0
    except Exception as error:
        if os.environ.get("FLOWOPT_DEBUG"):
            raise
        click.echo(
            f"flowopt failed unexpectedly ({type(error).__name__}: {error}). This is a fault of "
            "flowopt, not of your files: please report it, with what FLOWOPT_DEBUG=1 shows.",
            err=True,
        )
        return 4


def leave(code: int | None) -> NoReturn:
    """Exit; at once if a solver that was told to stop is still busy in a thread."""
    if any(thread.daemon for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code or 0)
    sys.exit(code)


def no_answer(*reasons: str) -> NoReturn:
    """End a command that has found no plan, and say why."""
    for reason in reasons:
        click.echo(visible(f"Error: {reason}"), err=True)
    raise click.exceptions.Exit(NO_ANSWER)


def _explain(error: FlowoptError) -> str:
    text = visible(str(error), keep="\n")
    problems = getattr(error, "problems", None)
    if problems is None:
        return f"Error: {text}"
    count = len(problems)
    return f"{text}\n{count} error{'s' if count != 1 else ''}; nothing was written"
