"""Searches for best plans beside the page: one for each page, so many at a time, the rest waits."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any

from flowopt.errors import RequestError

_AT_ONCE = 1  # processes: a solve takes a processor, and the page needs one, too
_MOST_WAITING = 32
_NEVER_BEGUN = {"state": "failed", "words": "the search was stopped before it began"}


class BestPlanJob:
    """One search: its question, its process once it has begun, and what it last said.

    Parameters
    ----------
    asked
        Keywords of `flowopt.solve`, the network among them.
    """

    def __init__(self, asked: dict[str, Any]) -> None:
        self._asked = asked
        self._process: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self._ended = 0.0
        self._stopped = False
        self.said: dict[str, Any] = {"state": "waiting"}

    @property
    def over(self) -> bool:
        """True once there is an answer, or never will be one."""
        return self.said["state"] in ("done", "failed")

    @property
    def seconds(self) -> float:
        """Seconds that it has been at work."""
        return (self._ended or time.monotonic()) - self._began if self._began else 0.0

    def run(self) -> None:
        """Do it, and return when it is over."""
        self._began = time.monotonic()  # before the look, as `stop` looks in the other order
        if self._stopped:
            self._end(_NEVER_BEGUN)
            return
        with subprocess.Popen(
            [sys.executable, "-m", "flowopt.serve.best_plan_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in the terminal is for the server to pass on
        ) as process:
            self._process = process
            self.said = {"state": "running"}
            said = self._followed(process)
        self._end(said)

    def _followed(self, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        """Hand the question over, and return the last that the process says."""
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise ValueError("the process was started without pipes")
        tell(stdin, pickle.dumps(self._asked))
        if self._stopped:
            self.stop()
        said: dict[str, Any] = {}
        for line in stdout:
            if not line.endswith(b"\n"):  # it was killed while it wrote
                break
            said = json.loads(line)
            if said["state"] == "running":
                self.said = said
        if said.get("state") in ("done", "failed"):
            return said
        return {"state": "failed", "words": "the search ended without an answer"}

    def _end(self, said: dict[str, Any]) -> None:
        self._ended = time.monotonic()
        self.said = said

    def stop(self) -> None:
        """End it with the best plan so far; while it waits, at once."""
        self._stopped = True
        if not self._began:
            self._end(_NEVER_BEGUN)
        process = self._process
        if process is not None and process.stdin is not None:
            tell(process.stdin, b"stop\n")

    def kill(self) -> None:
        """End it at once, without a plan."""
        self._stopped = True
        if self._process is not None:
            self._process.kill()


def tell(stdin: IO[bytes], words: bytes) -> None:
    """Write to a process, which may be gone: what it says last tells that."""
    try:
        stdin.write(words)
        stdin.flush()
    except (OSError, ValueError):
        # What is left in the buffer would be written again when the process is done with.
        with suppress(OSError):
            stdin.close()


class BestPlanJobs:
    """All searches of a server, by the page that asked; a page has one at a time."""

    def __init__(self) -> None:
        self._jobs: dict[str, BestPlanJob] = {}
        self._lock = threading.Lock()
        self._free = threading.Semaphore(_AT_ONCE)

    def start(self, client: str, asked: dict[str, Any]) -> BestPlanJob:
        """Begin a search for a page; an earlier one of it ends.

        Raises
        ------
        RequestError
            When too many are waiting.
        """
        with self._lock:
            waiting = sum(not job.over for job in self._jobs.values())
            if waiting >= _MOST_WAITING:
                raise RequestError(f"{waiting} searches are waiting already; try again later")
            earlier = self._jobs.get(client)
            job = self._jobs[client] = BestPlanJob(asked)
        if earlier is not None:
            earlier.kill()
        threading.Thread(target=self._in_turn, args=(job.run,), daemon=True).start()
        return job

    def _in_turn(self, run: Callable[[], None]) -> None:
        with self._free:
            run()

    def of(self, client: str) -> BestPlanJob:
        """Return the search of a page.

        Raises
        ------
        RequestError
            When it has none.
        """
        with self._lock:
            job = self._jobs.get(client)
        if job is None:
            raise RequestError("this page has no search for a best plan")
        return job

    def forget(self, client: str) -> None:
        """End the search of a page that is gone, if it has one."""
        with self._lock:
            job = self._jobs.pop(client, None)
        if job is not None:
            job.kill()

    def end(self) -> None:
        """End all of them."""
        with self._lock:
            jobs = list(self._jobs.values())
            self._jobs.clear()
        for job in jobs:
            job.kill()
