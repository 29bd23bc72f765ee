"""`flowopt compare` as a planner meets it: processes that die, results that do not."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas
import pytest

from flowopt.network.read import read_network
from flowopt.planning.compare import compare
from tests.command import run
from tests.compare_processes import (
    QUESTION,
    alive,
    children,
    content,
    hooked,
    rows_in,
    run_alone,
    start,
    table,
    wait_for,
)

TABLES = {
    "frontier": "network,objective,budget,spent,value,bound,gap,baseline,cut,cut_share,marginal,"
    "n_measures,measures,status,seconds,step",
    "measures": "network,objective,measure,name,cost,budget,chosen,n_plans,role,kind",
    "markets": "network,objective,budget,node,name,continent,commodity,before,after,change,"
    "change_share,country",
    "displacement": "network,objective,budget,by,key,before,after,change",
    "ladder": "network,objective,budget,buy,spent,value,best,regret,regret_share,knee,step",
    "plans": "network,objective,budget,plan_objective,plan_budget,spent,value,best,regret,"
    "regret_share",
}


SLOW = "import time\ndef before(question): time.sleep(0.2)\n"


ONCE = """
import os, signal
def before(question):
    marker = {marker!r} + str(question.budget)
    if question.budget in {budgets} and not os.path.exists(marker):
        {remember}
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result by one process that nobody disturbed."""
    folder = tmp_path_factory.mktemp("alone") / "out"
    done = run(*QUESTION, "--workers", 1, "--out", folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def test_the_files_and_their_columns(alone: Path) -> None:
    assert {path.name for path in alone.iterdir()} == {
        *("summary.json", "network.json", "certificate.json"),
        *(f"{name}.csv" for name in TABLES),
    }
    for name, header in TABLES.items():
        lines = (alone / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        assert lines[0] == header
        assert len(lines) > 1
    assert not alone.with_name("out.partial").exists()
    summary = json.loads((alone / "summary.json").read_text())
    assert (summary["rows"], summary["proved"]) == (19, 19)


@pytest.mark.parametrize("name", TABLES)
def test_tables_go_through_pandas_and_back(alone: Path, name: str) -> None:
    text = (alone / f"{name}.csv").read_text(encoding="utf-8")
    frame = pandas.read_csv(alone / f"{name}.csv", keep_default_na=False, dtype=str)
    assert frame.to_csv(index=False, lineterminator="\n") == text
    keys = ["network", "objective", "budget"]
    keys += {
        "measures": ["measure"],
        "markets": ["node", "commodity"],
        "displacement": ["by", "key"],
        "plans": ["plan_objective", "plan_budget"],
    }.get(name, [])
    assert not frame.duplicated(keys).any()
    numbers = pandas.read_csv(alone / f"{name}.csv")
    assert numbers["budget"].dtype == float


@pytest.mark.slow
def test_kill_and_resume(alone: Path, tmp_path: Path) -> None:
    """After `kill -9` no worker lives on, and what was done is not done again."""
    out, partial = tmp_path / "out", tmp_path / "out.partial"
    slow = hooked(tmp_path / "hook", SLOW)
    process = start("flowopt", *QUESTION, "--workers", 2, "--out", out, env=slow)
    wait_for(lambda: len(rows_in(partial)) >= 4, process)
    workers = children(process.pid)
    process.kill()
    process.communicate()
    assert not out.exists()
    kept = {path.name: json.loads(path.read_text()) for path in rows_in(partial)}
    assert 4 <= len(kept) < 19
    wait_for(lambda: not any(alive(pid) for pid in workers))
    (partial / ".flowopt-0123456789abcdef").write_text('{"key": "half a ro')
    refused = run(*QUESTION, "--workers", 1, "--out", out)
    assert refused.returncode == 2
    assert "--resume" in refused.stderr
    done = run(*QUESTION, "--workers", 1, "--out", out, "--resume")
    assert (done.returncode, done.stderr) == (0, "")
    assert content(out) == content(alone)
    assert not partial.exists()
    took = {row["budget"]: float(row["seconds"]) for row in table(out, "frontier")}
    for said in kept.values():
        answer = said["answer"]
        assert took[f"{answer['budget']:.10g}"] == pytest.approx(answer["seconds"], rel=1e-9)


@pytest.mark.slow
def test_stopped_and_resumed(alone: Path, tmp_path: Path) -> None:
    """Ctrl-C, a polite kill and a terminal that closes end it alike, without noise."""
    out, partial = tmp_path / "out", tmp_path / "out.partial"
    slow = hooked(tmp_path / "hook", SLOW)
    for stop, workers, group in (
        (signal.SIGTERM, 2, False),
        (signal.SIGINT, 2, True),  # as a terminal sends it: to the workers as well
        (signal.SIGHUP, 1, True),
    ):
        before = len(rows_in(partial))
        process = start(
            "flowopt", *QUESTION, "--workers", workers, "--out", out, "--resume", env=slow
        )
        wait_for(lambda least=before + 2: len(rows_in(partial)) >= least, process)  # type: ignore[misc]  # mypy sees no type in a default
        workers_of = children(process.pid)
        (os.killpg if group else os.kill)(process.pid, stop)
        stdout, stderr = process.communicate(timeout=60)
        assert (process.returncode, stdout) == (130, "")
        kept = f"{len(rows_in(partial))} finished rows are kept in {partial}"
        assert stderr == f"interrupted; {kept}: the same command with --resume goes on\n"
        wait_for(lambda pids=workers_of: not any(alive(pid) for pid in pids))  # type: ignore[misc]  # likewise
    assert run(*QUESTION, "--workers", 1, "--out", out, "--resume").returncode == 0
    assert content(out) == content(alone)


def test_stopped_without_a_folder(tmp_path: Path) -> None:
    """What is finished is printed, and marked."""
    marks = tmp_path / "marks"
    marks.mkdir()
    before = f"""
import time
def before(question):
    if len(list(__import__("pathlib").Path({str(marks)!r}).iterdir())) >= 3:
        time.sleep(60)
    open({str(marks)!r} + f"/{{question.budget}}", "w").close()
"""
    slow = hooked(tmp_path / "hook", before)
    process = start("flowopt", *QUESTION, "--workers", 1, env=slow)
    wait_for(lambda: len(list(marks.iterdir())) >= 3, process)
    time.sleep(1.0)  # the third row goes on, the fourth begins
    process.send_signal(signal.SIGTERM)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    words = " ".join(stdout.split())
    assert "Interrupted: 3 of 19 budgets were finished; the others are missing." in words
    assert "no time was left for the ladder" in words
    assert stderr == "interrupted; --out DIR keeps what is finished, to go on with\n"


def test_stopped_before_a_row_leaves_nothing(tmp_path: Path) -> None:
    """Also while the workers still start: no traceback of theirs, no folder in the way."""
    waits = "import time\ndef before(question): time.sleep(60)\n"
    partial = tmp_path / "out.partial"
    process = start(
        "flowopt", *QUESTION, "--workers", 2, "--out", tmp_path / "out",
        env=hooked(tmp_path / "hook", waits),
    )  # fmt: skip
    wait_for(partial.exists, process)
    wait_for(lambda: len(children(process.pid)) >= 2, process)
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert (process.returncode, partial.exists()) == (130, False)
    assert stderr == "interrupted; no row was finished, so nothing is kept\n"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rows of the whole question, as a comparison keeps them."""
    keep = tmp_path_factory.mktemp("kept") / "rows"
    network = read_network(QUESTION[1])
    compare(network, budgets="0:9:0.5", objectives="profit", keep=keep, time_limit=300)
    return keep


def test_damaged_rows_are_computed_again(alone: Path, kept: Path, tmp_path: Path) -> None:
    out, partial = tmp_path / "out", tmp_path / "out.partial"
    shutil.copytree(kept, partial)
    shapeless = ["null", '{"key": ', "[" * 200_000, "text", "NaN", '{"answer": {"plan": 1}}', ""]
    paths = rows_in(partial)
    assert len(paths) > len(shapeless) + 2
    paths[0].write_text(paths[-1].read_text())  # a row of another budget
    raw = json.loads(paths[1].read_text())
    raw["answer"]["value"] = float("nan")
    paths[1].write_text(json.dumps(raw))
    for path, damage in zip(paths[2:], shapeless, strict=False):
        path.write_text(damage)
    done = run(*QUESTION, "--workers", 1, "--out", out, "--resume")
    assert done.returncode == 0
    assert len(done.stderr.splitlines()) == len(shapeless) + 2
    for line in done.stderr.splitlines():
        assert line.endswith("is damaged (it is not what was written): its row is computed again")
    assert content(out) == content(alone)
    assert not partial.exists()


def test_what_others_put_there_is_named_and_stays(kept: Path, tmp_path: Path) -> None:
    partial = tmp_path / "out.partial"
    partial.mkdir()
    (partial / "question.json").write_text("{}")
    (partial / "thesis").mkdir()
    for option in ("--force", "--resume"):
        done = run(*QUESTION, "--workers", 1, "--out", tmp_path / "out", option)
        assert done.returncode == 2
        assert f"{partial} holds other files: question.json, thesis" in done.stderr
    shutil.rmtree(partial)
    shutil.copytree(kept, partial)
    (partial / "notes.txt").write_text("x")
    for option in ("--force", "--resume"):
        done = run(*QUESTION, "--workers", 1, "--out", tmp_path / "out", option)
        assert done.returncode == 2
        assert "notes.txt, which flowopt did not write" in done.stderr
    assert len(rows_in(partial)) > 3


def test_rows_of_another_question_do_not_count(alone: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    begun = run_alone(*QUESTION, "--workers", 1, "--out", out, env=dying(tmp_path, always=True))
    assert begun.returncode != 0
    refused = run(*QUESTION, "--gap", "0.01", "--workers", 1, "--out", out, "--resume")
    assert refused.returncode == 2
    assert "what differs: gap" in refused.stderr
    assert not out.exists()
    assert run(*QUESTION, "--workers", 1, "--out", out, "--force").returncode == 0
    assert content(out) == content(alone)


def dying(folder: Path, *, always: bool) -> dict[str, str]:
    """Return an environment in which rows kill their process: two of them once, or one always."""
    hook = ONCE.format(
        marker=str(folder / "died"),
        budgets=(4.5,) if always else (4.5, 6.5),
        remember="pass" if always else "open(marker, 'w').close()",
    )
    return hooked(folder / "hook", hook)


@pytest.mark.slow  # quick: planning/test_compare_requests.py, by workers that only seem lost
def test_a_worker_that_dies_is_replaced(alone: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run_alone(*QUESTION, "--workers", 2, "--out", out, env=dying(tmp_path, always=False))
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(tmp_path.glob("died*"))) == 2
    assert content(out) == content(alone)


@pytest.mark.slow  # quick: planning/test_compare_requests.py, by workers that only seem lost
def test_a_row_that_kills_every_worker_is_given_up(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run_alone(*QUESTION, "--workers", 2, "--out", out, env=dying(tmp_path, always=True))
    assert done.returncode == 4
    assert "of tiny, profit: the process at work on it died 3 times" in done.stderr
    assert "finished rows are kept in" in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()
    assert rows_in(tmp_path / "out.partial")


@dataclass
class Dask:
    """A Dask scheduler and its workers, each a process of its own."""

    address: str
    scheduler: subprocess.Popen[str]
    common: tuple[Any, ...]
    workers: list[subprocess.Popen[str]]

    def add(self, folder: Path, env: dict[str, str]) -> None:
        """Start a worker."""
        options = ("--nthreads", 1, "--no-nanny", "--no-dashboard", "--local-directory", folder)
        self.workers.append(start("distributed.cli.dask_worker", *self.common, *options, env=env))


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Dask]:
    """A scheduler without workers."""
    pytest.importorskip("distributed", reason="distributed comes with the `cluster` extra")
    file = tmp_path / "scheduler.json"
    common = ("--host", "127.0.0.1", "--scheduler-file", file)
    scheduler = start("distributed.cli.dask_scheduler", *common, "--port", 0, "--no-dashboard")
    wait_for(lambda: file.is_file() and bool(file.read_text()), scheduler)
    found = Dask(json.loads(file.read_text())["address"], scheduler, common, [])
    yield found
    for process in (*found.workers, scheduler):
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_loses_nothing(
    alone: Path, tmp_path: Path, dask: Dask
) -> None:
    slow = hooked(tmp_path / "hook", SLOW)
    for _ in range(2):
        dask.add(tmp_path, slow)
    out, partial = tmp_path / "out", tmp_path / "out.partial"
    process = start("flowopt", *QUESTION, "--cluster", dask.address, "--out", out)
    wait_for(lambda: len(rows_in(partial)) >= 4, process)
    dask.workers[0].kill()
    _, stderr = process.communicate(timeout=300)
    assert (process.returncode, stderr) == (0, "")
    assert dask.workers[1].poll() is None
    assert content(out) == content(alone)


@pytest.mark.slow
def test_a_cluster_that_can_not_work(tmp_path: Path, dask: Dask) -> None:
    """Without workers, and with one that lacks flowopt: a reason each."""
    out, partial = tmp_path / "out", tmp_path / "out.partial"
    asked = ("flowopt", *QUESTION, "--cluster", dask.address, "--out", out)
    process = start(*asked, "--time-limit", 4)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 3
    assert f"waiting: the cluster at {dask.address} has no workers" in stderr
    assert "was there for 4 s, the time limit" in stderr
    assert not partial.exists()
    dask.add(tmp_path, lacking(tmp_path / "lacking"))
    process = start(*asked)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "has no flowopt. Install the same on every machine" in stderr
    assert "1 of 1 workers of the cluster can't take part" in stderr
    assert not partial.exists()


@pytest.mark.slow
def test_the_logs_of_the_cluster_are_silent() -> None:
    said = "import logging; from flowopt.cli.processors import quiet_cluster; quiet_cluster()"
    for name in ("batched", "client"):
        said += f"; logging.getLogger('distributed.{name}').error('said')"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, check=True, text=True)
    assert done.stderr == ""


@pytest.mark.slow
def test_a_scheduler_that_is_lost_half_way(alone: Path, tmp_path: Path, dask: Dask) -> None:
    """A sentence, at once; what is finished is kept, and the rest is solved without the cluster."""
    dask.add(tmp_path, hooked(tmp_path / "hook", SLOW))
    out, partial = tmp_path / "out", tmp_path / "out.partial"
    process = start("flowopt", *QUESTION, "--cluster", dask.address, "--out", out)
    wait_for(lambda: len(rows_in(partial)) >= 2, process)
    dask.scheduler.kill()
    _, stderr = process.communicate(timeout=10)  # far below what the client would wait for it
    assert process.returncode == 4
    kept = len(rows_in(partial))
    told = f"failed; {kept} finished rows are kept in {partial}: the same command with --resume"
    lines = stderr.splitlines()
    assert lines[0].startswith(told)
    assert lines[1].startswith(f"Error: the cluster at {dask.address} was lost")
    assert len(lines) == 2
    assert not out.exists()
    done = run_alone(*QUESTION, "--resume", "--out", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert content(out) == content(alone)
    assert not partial.exists()


def lacking(folder: Path) -> dict[str, str]:
    """Return an environment in which there is no flowopt."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import sys\nclass Missing:\n    def find_spec(self, name, *others):\n"
        "        if name.partition('.')[0] == 'flowopt':\n"
        "            raise ModuleNotFoundError(\"No module named 'flowopt'\", name='flowopt')\n"
        "sys.meta_path.insert(0, Missing())\n"
    )
    return {"PYTHONPATH": str(folder)}


def test_a_cluster_that_is_not_there(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="distributed comes with the `cluster` extra")
    done = run_alone(*QUESTION, "--cluster", "nonsense://127.0.0.1:1", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "no scheduler answers at nonsense://127.0.0.1:1" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.partial").exists()
