"""Verification: sound results pass, alone and without a solver."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.errors import InputError, RequestError
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.network.write import write_network
from flowopt.planning.enumerate import prove_best
from flowopt.planning.recheck.arithmetic import residual_network
from flowopt.planning.recheck.result_networks import network_files, own_network_file
from flowopt.planning.verify import verify
from tests import strategies
from tests.command import run
from tests.draws import draws
from tests.networks import SHIPPED, effect, line, measure, shipped
from tests.oracles.effects import Amount, effective
from tests.planning.tampering import edit, rows_of
from tests.planning.verify_results import (
    ASKED,
    SUMMARY,
    failed,
    faults,
    verified_without_solver,
    write,
)


@pytest.fixture(params=ASKED)
def result(request: pytest.FixtureRequest, made: Callable[[str], Path]) -> tuple[Path, Network]:
    return made(request.param), ASKED[request.param][0]()


# -- sound results --------------------------------------------------------------------------------


def test_sound_results_pass(result: tuple[Path, Network]) -> None:
    folder, network = result
    verdict = verify(folder, network)
    assert verdict.passed, faults(verdict)


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["flow", "profit", "bilevel"])
@settings(max_examples=draws(7))
@given(data=st.data())
def test_results_of_any_network_pass(
    objective: Any, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    drawn = [strategies.networks()]
    if objective == "bilevel":
        drawn.append(strategies.tied_networks())
    network = data.draw(st.one_of(drawn))
    question = {
        "budget": data.draw(strategies.budgets(network)),
        "resources": data.draw(strategies.limits(network)),
        "ties": data.draw(st.sampled_from(["pessimistic", "optimistic"])),
    }
    folder = tmp_path_factory.mktemp("drawn") / "out"
    write(network, folder, question, objective)
    verdict = verify(folder, network)
    assert verdict.passed, faults(verdict)
    check = prove_best(folder, network)
    assert check.passed, check


@settings(max_examples=draws(25))
@given(data=st.data())
def test_what_a_plan_leaves_is_what_the_oracle_says(data: st.DataObject) -> None:
    network = data.draw(strategies.networks())
    plan = data.draw(strategies.plans(network))
    left, other = residual_network(network, plan), effective(network, plan)
    for arc in network.arcs:
        assert left.capacity["arc", arc.arc] == pytest.approx(other.arc_capacity[arc.arc])
        for commodity in arc.commodities:
            deed = left.activities["ship", arc.arc, commodity]
            assert deed.made[arc.head, commodity] == pytest.approx(other.arc_share[arc.arc])
            assert deed.cost == pytest.approx(other.arc_cost[arc.arc] * 0.001)
    alone = {s.site for s in network.sites if not s.pool}
    alone_demands = {(d.node, d.commodity) for d in network.demands if not d.pool}
    limits: dict[tuple[str, ...], Amount] = {
        **{("node", n): limit for n, limit in other.node_capacity.items()},
        **{("supply", *pair): limit for pair, limit in other.supply_capacity.items()},
        **{("site", s): limit for s, limit in other.site_capacity.items() if s in alone},
        **{("demand", *p): m for p, m in other.demand_quantity.items() if p in alone_demands},
        **{("pool", pool): limit for pool, limit in other.pool_capacity.items()},
    }
    costs: dict[tuple[str, ...], Amount] = {
        **{("supply", *pair): cost for pair, cost in other.supply_cost.items()},
        **{("run", name): cost for name, cost in other.site_cost.items()},
        **{("deliver", *pair): cost for pair, cost in other.demand_cost.items()},
    }
    assert {key: left.capacity[key] for key in limits} == pytest.approx(limits)
    assert {key: left.activities[key].cost * 1000.0 for key in costs} == pytest.approx(costs)
    assert left.capacity.keys() == limits.keys() | {("arc", arc.arc) for arc in network.arcs}


def test_amounts_of_any_size_pass(tmp_path: Path) -> None:
    for i, size in enumerate((1e-6, 1e-3, 1e5)):
        network = line(
            arcs=[
                schema.Arc(
                    arc=f"a{k}", tail=a, head=b, commodities=("c",), capacity=2 * size, loss=0.1
                )
                for k, (a, b) in enumerate([("A", "T"), ("T", "M")])
            ],
            supplies=[schema.Supply(node="A", commodity="c", capacity=1.5 * size)],
            demands=[schema.Demand(node="M", commodity="c", quantity=size, price=2000.0)],
            measures=[measure("m")],
            effects=[effect("m", "arc", "a1", cut=1 / 3, loss=1 / 7)],
        )
        for objective in ("flow", "profit"):
            folder = tmp_path / f"{i}-{objective}"
            write(network, folder, {"budget": 1.0}, objective)
            verdict = verify(folder, network)
            assert verdict.passed, faults(verdict)


def test_what_was_left_out_for_lack_of_time_is_no_fault(tmp_path: Path) -> None:
    network = shipped("tiny")
    write(network, tmp_path / "out", {"budget": 4.0, "time_limit": 1e-3}, "flow")
    rows = (tmp_path / "out" / "plan.csv").read_text().splitlines()[1:]
    assert rows
    assert all(row.endswith(",") for row in rows)
    verdict = verify(tmp_path / "out", network)
    assert verdict.passed
    assert any(f"what {len(rows)} of {len(rows)} are worth" in str(c) for c in verdict.checks)


def test_a_capacity_that_cuts_leave_almost_nothing_of_is_no_fault(tmp_path: Path) -> None:
    network = line(
        supplies=[schema.Supply(node="A", commodity="c", capacity=4.37)],
        measures=[measure("m")],
        effects=[
            effect("m", "arc", "a1", cut=0.99999999),
            effect("m", "arc", "a1", cut=0.999, uptime=0.9),
        ],
    )
    folder = tmp_path / "out"
    write(network, folder, {"budget": 1.0}, "flow")
    assert verify(folder, network).passed
    header, *flows = rows_of(folder / "flows.csv")
    left = min(float(row[header.index("capacity_after")]) for row in flows)
    assert 0.0 < left < 1e-6
    text = (folder / "flows.csv").read_text()
    (folder / "flows.csv").write_text(text.replace(f"{left}", f"{left * 1.001}"))
    assert not verify(folder, network).passed


def test_a_demand_that_stands_for_no_limit_does_not_drown_the_flow(tmp_path: Path) -> None:
    endless = schema.Demand(node="M", commodity="c", quantity=1e9, price=2000.0)
    network = line(
        demands=[endless], supplies=[schema.Supply(node="A", commodity="c", capacity=4.37)]
    )
    write(network, tmp_path / "out", {"budget": 0.0}, "flow")
    assert verify(tmp_path / "out", network).passed
    header, *flows = rows_of(tmp_path / "out" / "flows.csv")
    assert [row[header.index("before")] for row in flows] == ["4.37", "4.37"]


# -- the command ----------------------------------------------------------------------------------


def test_the_command(copied: Callable[[str], tuple[Path, Network]]) -> None:
    folder, _ = copied("tiny")
    done = run("verify", folder, "--network", SHIPPED / "tiny", "--enumerate")
    assert (done.returncode, done.stderr) == (0, "")
    assert "FAILED" not in done.stdout
    assert "none does better than 6" in done.stdout
    assert done.stdout.splitlines()[-1] == "30 checks, all passed"
    done = run("verify", folder, "--network", SHIPPED / "tiny", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    edit(folder, SUMMARY, (("value",), 6.06))
    done = run("verify", folder, "--network", SHIPPED / "tiny", "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["passed"]) == (1, False)
    assert [c["faults"] for c in said["checks"] if not c["passed"]] == [
        ["value is 6.06 instead of 6"]
    ]
    done = run("verify", folder, "--network", SHIPPED / "tiny", "--quiet")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "          value is 6.06 instead of 6"


def test_the_command_says_what_it_needs(made: Callable[[str], Path], tmp_path: Path) -> None:
    network: list[str | Path] = ["--network", SHIPPED / "tiny"]
    for other in ([], network):
        done = run("verify", tmp_path, *other)
        assert (done.returncode, done.stdout) == (2, "")
        assert "holds no summary.json" in done.stderr
    done = run("verify", made("tiny"), "--network", tmp_path)
    assert done.returncode == 1
    assert "network.toml" in done.stderr


@pytest.mark.parametrize("name", ["tiny", "chains, response", "chains, evaluated", "impossible"])
def test_a_result_stands_alone(name: str, copied: Callable[[str], tuple[Path, Network]]) -> None:
    folder, network = copied(name)
    alone, beside = verify(folder), verify(folder, network)
    assert alone.passed, faults(alone)
    assert beside.checks[1:] == alone.checks
    assert beside.checks[0].passed
    (folder / "network.json").unlink()
    assert verify(folder, network).checks == alone.checks


def test_an_older_result_says_how_to_verify_it(
    copied: Callable[[str], tuple[Path, Network]],
) -> None:
    folder, _ = copied("tiny")
    (folder / "network.json").unlink()
    for command in ("verify", "report"):
        done = run(command, folder)
        assert (done.returncode, done.stdout) == (2, "")
        assert "holds no network.json" in done.stderr
        assert "with --network" in done.stderr
        assert run(command, folder, "--network", SHIPPED / "tiny").returncode == 0


@pytest.mark.parametrize("given", [True, False])
def test_no_network_is_put_in_the_place_of_another_unseen(
    given: bool, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied("tiny")
    dearer = network.replace(measures=[replace(m, cost=m.cost * 1.01) for m in network.measures])
    write_network(dearer, folder / "network.json", force=True)
    found = verify(folder, network if given else None)
    if given:
        copy = "network.json is the network that is given"
        assert failed(found) == [copy]
        assert "the network given is another one: it differs in measures" in faults(found)
    else:
        assert "the network is the one of the result" in failed(found)


def test_a_network_that_cannot_be_read_fails(
    copied: Callable[[str], tuple[Path, Network]],
) -> None:
    folder, network = copied("tiny")
    (folder / "network.json").write_text("{")
    assert not verify(folder, network).passed
    with pytest.raises(InputError, match=r"network\.json"):
        verify(folder)


def test_several_networks_have_to_be_told_apart(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text("{}")
    for number in (10, 2, 1):
        write_network(shipped("tiny"), tmp_path / f"network-{number}.json")
    (tmp_path / "network-01.json").write_text("no file of ours")
    assert [path.name for path in network_files(tmp_path)] == [
        f"network-{number}.json" for number in (1, 2, 10)
    ]
    with pytest.raises(RequestError, match=r"about 3 networks .*--network .*network-1\.json"):
        own_network_file(tmp_path)


def test_a_verification_loads_no_solver(made: Callable[[str], Path]) -> None:
    verified_without_solver(made("tiny"))
