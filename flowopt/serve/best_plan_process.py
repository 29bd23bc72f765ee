"""The search for the best plan in a process of its own, run as a module.

Its first input is the question, pickled; it prints a line of JSON for each progress and one for the
end. An interrupt ends the search with the best plan so far, the end of its input ends the process:
so nothing goes on once the server is gone.
"""

from __future__ import annotations

import _thread
import json
import os
import pickle
import signal
import sys
import threading
from typing import Any

from flowopt.errors import FlowoptError
from flowopt.model.solver_types import Progress
from flowopt.planning.solve import solve


def main() -> None:
    """Do what was asked, and print how it goes."""
    try:
        asked: dict[str, Any] = pickle.load(sys.stdin.buffer)  # from the server
    except (EOFError, pickle.UnpicklingError):  # which is gone before it said all
        os._exit(1)
    try:
        threading.Thread(target=_end_with_input, daemon=True).start()
        try:
            found = solve(**asked, on_progress=_tell, keep_on_interrupt=True)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # what comes now is too late
    except FlowoptError as error:
        _print(state="failed", words=str(error))
    except KeyboardInterrupt:
        _print(state="failed", words="it was stopped before there was a plan")
    else:
        _print(
            state="done",
            status=found.status,
            limit=found.limit,
            value=found.value,
            bound=found.bound,
            gap=found.gap,
            spent=found.spent,
            measures=None if found.value is None else list(found.measures),
        )
    os._exit(0)  # the thread that reads would hold up an orderly end


def _tell(progress: Progress) -> None:
    _print(state="running", value=progress.incumbent, bound=progress.bound)


def _print(**said: Any) -> None:
    print(json.dumps(said), flush=True)


def _end_with_input() -> None:
    """Wait for an order to stop, or for the end of the input."""
    while line := sys.stdin.buffer.readline():
        if line.strip() == b"stop":
            _thread.interrupt_main()
    os._exit(1)


if __name__ == "__main__":
    main()
