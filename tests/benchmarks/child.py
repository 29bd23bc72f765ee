"""One run in a process of its own: `python -m tests.benchmarks.child JOB`, JOB being JSON.

Prints a JSON object as its last line. A run that does not look up at its limit is ended after a
grace by the interpreter's own watchdog, which needs nothing of the thread at work.
"""

from __future__ import annotations

import faulthandler
import json
import resource
import sys
from dataclasses import asdict
from typing import Any

from flowopt.model.build import activity_model
from flowopt.network.network import Network
from flowopt.network.read import read_network
from tests.benchmarks.generator import Spec, generate
from tests.benchmarks.records import peak_mib
from tests.benchmarks.variants import VARIANTS, Question, worth


def main(job: dict[str, Any]) -> dict[str, Any]:
    """Do a job and return what it found.

    Parameters
    ----------
    job
        ``folder`` or ``spec``, ``variant``, ``question`` (the fields of `Question`), ``grace``.
    """
    network = _network(job)
    question = Question(**job["question"])
    patience = question.limit + job["grace"]
    run = VARIANTS[job["variant"]](
        network, question, lambda: faulthandler.dump_traceback_later(patience, exit=True)
    )
    memory = peak_mib(resource.getrusage(resource.RUSAGE_SELF))
    faulthandler.cancel_dump_traceback_later()
    value = None
    if run.plan is not None:
        value = worth(activity_model(network), question.objective, run.plan)
    return asdict(run) | {"value": value, "memory": memory}


def _network(job: dict[str, Any]) -> Network:
    if job.get("folder"):
        return read_network(job["folder"])
    return generate(Spec(**job["spec"]))


if __name__ == "__main__":
    # Beside the answer nobody may print on stdout: a solver that does would break the last line.
    answer = json.dumps(main(json.loads(sys.argv[1])))
    print(f"\n{answer}", flush=True)
