"""What a cluster must have before the first row is handed over; its workers are threads here."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

import flowopt
from flowopt.errors import OutOfTime, RequestError
from flowopt.planning.sweep import cluster as dask
from flowopt.planning.sweep.environment import check_environment, environment

pytestmark = pytest.mark.skipif(
    find_spec("distributed") is None, reason="distributed comes with the `cluster` extra"
)
HERE = environment("highs")


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    import distributed  # takes a second, which whoever collects this file need not wait

    with distributed.LocalCluster(
        n_workers=0, threads_per_worker=1, processes=False, dashboard_address=None
    ) as found:
        yield found


def test_no_worker_is_said_and_ends_with_the_limit(
    local: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask, "_IDLE_SECONDS", 0.1)
    messages: list[str] = []
    with pytest.raises(OutOfTime, match=r"was there for 0\.3 s, the time limit"):
        dask.Cluster(local.scheduler_address, HERE, "highs", limit=0.3, on_message=messages.append)
    assert len(messages) == 1
    assert messages[0].startswith(f"waiting: the cluster at {local.scheduler_address} has no")


def test_a_scheduler_that_is_not_there_is_waited_for_within_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Dask itself would wait for as long as its configuration says."""
    import distributed

    waited = []

    def client(address: str, *, timeout: float, set_as_default: bool) -> None:
        assert not set_as_default
        waited.append(timeout)
        raise OSError(f"Timed out trying to connect to {address} after {timeout} s")

    monkeypatch.setattr(distributed, "Client", client)
    for limit in (0.3, 200.0, None):
        with pytest.raises(
            RequestError, match=r"no scheduler answers at tcp://127\.0\.0\.1:1: Timed"
        ):
            dask.Cluster("tcp://127.0.0.1:1", HERE, "highs", limit=limit)
    assert waited == [0.3, 20.0, 20.0]
    monkeypatch.undo()
    with pytest.raises(RequestError, match=r"no scheduler answers at tcp://127\.0\.0\.1:1: "):
        dask.Cluster("tcp://127.0.0.1:1", HERE, "highs", limit=0.3)


def test_workers_with_other_code_are_refused_before_the_first_row(local: Any) -> None:
    local.scale(1)
    local.wait_for_workers(1)
    other = dataclasses.replace(HERE, code="0" * 64)
    with pytest.raises(RequestError, match=r"1 of 1 workers .* has other code of flowopt"):
        dask.Cluster(local.scheduler_address, other, "highs")
    found = dask.Cluster(local.scheduler_address, HERE, "highs", limit=20)
    found.check()
    found.close(at_once=True)


def test_words_for_workers_that_can_not_take_part() -> None:
    assert dask._mismatch(HERE, HERE) == ""
    missing = Exception("ModuleNotFoundError(\"No module named 'flowopt'\")")
    older = Exception("ModuleNotFoundError(\"No module named 'flowopt.planning.sweep.executors'\")")
    assert dask._mismatch(missing, HERE) == "has no flowopt"
    assert dask._mismatch(older, HERE).startswith("has other code of flowopt")
    assert dask._mismatch(Exception("no PuLP"), HERE) == "can't work (no PuLP)"


def test_draws_of_a_stress_are_the_same_on_a_cluster(local: Any) -> None:
    local.scale(1)
    local.wait_for_workers(1)
    plan, rivals = ["m_block"], {"gate": ["m_gate"]}
    asked: dict[str, Any] = {"rivals": rivals, "draws": 30, "seed": 2}
    here = flowopt.stress("networks/two-bridges", plan, **asked)
    there = flowopt.stress("networks/two-bridges", plan, **asked, cluster=local.scheduler_address)
    assert dataclasses.replace(there, seconds=here.seconds) == here


def test_a_worker_with_other_code_values_no_draws() -> None:
    other = dataclasses.replace(HERE, code="0" * 64)
    with pytest.raises(RequestError, match=r"a worker has .* as the stress was asked with"):
        check_environment(other, "highs", "the stress")
