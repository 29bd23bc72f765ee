"""One run of another commit: `PYTHONPATH=CHECKOUT python -P earlier.py JOB`, JOB being JSON.

Only what has been public from the first version on is used, and nothing of this checkout is
imported. Prints a JSON object as its last line, like `child`, whose watchdog it shares.
"""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import flowopt


def main(job: dict[str, Any]) -> dict[str, Any]:
    """Do a job and return what it found; see `child.main`, but only of a ``folder``."""
    at = Path(flowopt.__file__).resolve().parents[1]
    asked = Path(os.environ["PYTHONPATH"].split(os.pathsep)[0]).resolve()
    if at != asked:
        raise RuntimeError(f"flowopt comes from {at}, not from {asked}")
    network = flowopt.read_network(job["folder"])
    question = job["question"]
    faulthandler.dump_traceback_later(question["limit"] + job["grace"], exit=True)
    wall, processor = time.perf_counter(), time.process_time()
    found = flowopt.solve(
        network,
        budget=question["budget"],
        objective=question["objective"],
        time_limit=question["limit"],
        gap=question["gap"],
        threads=question["threads"],
    )
    total, cpu = time.perf_counter() - wall, time.process_time() - processor
    faulthandler.cancel_dump_traceback_later()
    solved = found.seconds.build + found.seconds.solve
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "status": found.status,
        "rows": None,
        "columns": None,
        "nodes": None,
        "build": found.seconds.build,
        "first": None,
        "proof": solved if found.status == "optimal" else None,
        "total": total,
        "cpu": cpu,
        "claimed": found.value,
        "value": found.value,
        "bound": found.bound,
        "memory": peak / (2**20 if sys.platform == "darwin" else 2**10),
    }


if __name__ == "__main__":
    answer = json.dumps(main(json.loads(sys.argv[1])))
    print(f"\n{answer}", flush=True)
