"""A running `flowopt serve`: what pages ask of it, and what attackers send."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import flowopt
from flowopt.serve.best_plan_jobs import BestPlanJob, tell
from tests.command import run
from tests.compare_processes import alive, children
from tests.networks import SHIPPED, shipped
from tests.serve.live_client import QUESTION, Served, serving

PLAN = {"question": QUESTION, "measures": ["m_strip"]}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("saved") / "plans"


@pytest.fixture(scope="module")
def served(out: Path) -> Iterator[Served]:
    with serving("networks/tiny", "--out", out) as found:
        yield found


# -- answers --------------------------------------------------------------------------------------


def test_the_page_comes_with_its_token_and_a_policy(served: Served) -> None:
    code, text = served.raw(
        "GET", f"/?token={served.token}", "", {"Host": f"localhost:{served.port}"}
    )
    assert code == 200
    assert "plans by hand" in text
    assert served.token not in text


def test_a_tick_is_what_respond_says(served: Served) -> None:
    found = served.ask("tick", PLAN)
    assert found["value"] == flowopt.respond(shipped("tiny"), ["m_strip"]).value
    assert set(served.ask("parts", PLAN)) == {"where", "earn"}
    assert set(served.ask("map", PLAN)) == set(found["map"])
    assert served.ask("diagram", PLAN)["figure"]["draw"] == "sankey"


def test_what_comes_next_is_within_the_money_that_is_left(served: Served) -> None:
    everything = served.ask("next", PLAN)["rows"]
    assert max(row["cost"] for row in everything) > 1.0
    assert not [row for row in served.ask("next", {**PLAN, "left": 1.0})["rows"] if row["cost"] > 1]


def test_the_best_plan_is_found_beside_with_its_proof(served: Served) -> None:
    served.ask("best/start", {"question": QUESTION, "budget": 4})
    found = ended(served)
    own = flowopt.solve(shipped("tiny"), budget=4)
    assert (found["value"], found["bound"]) == pytest.approx((own.value, own.bound))
    assert found["measures"] == list(own.measures)
    assert "Proved" in found["words"]


def test_saved_results_pass_verify(served: Served, out: Path) -> None:
    before = {path.name for path in out.iterdir()} if out.exists() else set()
    said = [served.ask("save", {**PLAN, "budget": 4}) for _ in range(2)]
    assert len({each["folder"] for each in said}) == 2
    assert {Path(each["folder"]).parent for each in said} == {out}
    assert len({path.name for path in out.iterdir()} - before) == 2
    for each in said:
        checked = run("verify", each["folder"])
        assert checked.returncode == 0, checked.stdout + checked.stderr
    summary = json.loads((Path(said[0]["folder"]) / "summary.json").read_text())
    assert summary["measures"] == ["m_strip"]


def test_the_page_of_a_plan_is_a_report(served: Served) -> None:
    text = served.ask("report", PLAN)
    assert "Content-Security-Policy" in text
    assert served.token not in text


def test_without_out_nothing_is_saved_and_periods_are_chosen() -> None:
    with serving("networks/tiny-years") as years:
        period = shipped("tiny-years").periods[-1].period
        question = {**QUESTION, "period": period}
        plan = {"question": question, "measures": []}
        own = flowopt.respond(shipped("tiny-years").period(period))
        assert years.ask("tick", plan)["value"] == own.value
        assert "without --out" in years.refused("save", plan)
        assert "choose one" in years.refused("tick", {"question": QUESTION, "measures": []})
        ends_without_a_word(years, signal.SIGHUP)  # its terminal is closed


def ends_without_a_word(served: Served, number: int) -> None:
    """Send a signal, and see the server end."""
    served.process.send_signal(number)
    assert served.process.wait(20.0) == 0
    assert served.process.stderr is not None
    assert served.process.stderr.read() == ""


def ended(served: Served, client: str = "page") -> dict[str, Any]:
    """What a search says in the end."""
    for _ in range(600):
        found: dict[str, Any] = served.ask("best/state", client=client)
        if found["state"] in ("done", "failed"):
            return found
        time.sleep(0.2)
    raise AssertionError(found)


def test_many_pages_at_once_have_their_own_answers(served: Served) -> None:
    ids = [row.measure for row in shipped("tiny").measures]
    plans = [[one, other] for one in ids for other in ids if one < other]
    own = flowopt.Trafficker(shipped("tiny"))

    def ask(place: int) -> float:
        plan = plans[place % len(plans)]
        found = served.ask("tick", {"question": QUESTION, "measures": plan}, client=f"p{place}")
        return float(found["value"])

    with ThreadPoolExecutor(20) as pool:
        values = list(pool.map(ask, range(100)))
    assert values == pytest.approx([own.value(plans[i % len(plans)]) for i in range(100)])


def test_answers_that_are_overtaken_are_not_worked_out(served: Served) -> None:
    plan = {"question": QUESTION, "measures": ["m_uproot"]}
    assert "value" in served.ask("tick", {**plan, "turn": 7}, client="quick")
    for message in ("tick", "map", "parts", "diagram", "next"):
        late = served.ask(message, {**plan, "turn": 6}, client="quick")
        assert late == {"overtaken": True}
        assert "overtaken" not in served.ask(message, {**plan, "turn": 7}, client="quick")
    assert "value" in served.ask("tick", {**plan, "turn": 6}, client="slow")


# -- attacks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Flowopt-Token": ""}, 403),
        ({"X-Flowopt-Token": "guess"}, 403),
        ({"Host": "evil.example"}, 421),
        ({"Host": ""}, 400),  # no HTTP 1.1 at all
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"X-Flowopt-Client": ""}, 400),
        ({"Content-Length": "99999999"}, 413),
    ],
)
def test_strangers_get_nothing(served: Served, headers: dict[str, str], status: int) -> None:
    code, text = served.send("tick", json.dumps(PLAN), "page", headers)
    assert code == status
    assert "value" not in text


@pytest.mark.parametrize("path", ["/", "/?token=", "/?token=guess", "/?token=%00", "/?objective=x"])
def test_the_page_needs_the_token(served: Served, path: str) -> None:
    code, text = served.raw("GET", path, "", {"Host": f"127.0.0.1:{served.port}"})
    assert code == 403
    assert "open the address" in text


@pytest.mark.parametrize(
    "path",
    ["/api/../networks", "/networks/tiny/network.toml", "/etc/passwd", "/..%2f..%2fetc/passwd",
     "/api/save", "/static/x", "//evil.example/"],
)  # fmt: skip
def test_no_path_is_opened(served: Served, path: str) -> None:
    code, _ = served.raw("GET", path, "", {"Host": f"127.0.0.1:{served.port}"})
    assert code in (404, 405)


@pytest.mark.parametrize("name", ["save/../../x", "nope", "%2e%2e/tick", "tick/", ""])
def test_unknown_messages_are_refused(served: Served, name: str) -> None:
    code, _ = served.send(name, json.dumps(PLAN), "page", {})
    assert code in (307, 404)


def test_a_place_to_save_in_cannot_be_told(served: Served) -> None:
    said = served.refused("save", {**PLAN, "folder": "elsewhere"})
    assert "folder: Extra inputs are not permitted" in said


def test_odd_questions_are_answered_in_a_sentence(served: Served) -> None:
    assert "'no_such' is not in the network" in served.refused(
        "tick", {"question": QUESTION, "measures": ["no_such"]}
    )
    assert "scenario" in served.refused(
        "tick", {"question": {**QUESTION, "scenario": "<b>"}, "measures": []}
    )
    assert "no search" in served.refused("best/state", client="another")


def test_a_body_that_is_longer_than_it_says_is_cut_off(served: Served) -> None:
    body = json.dumps(PLAN)
    code, _ = served.send("tick", body, "page", {"Content-Length": str(len(body) - 5)})
    assert code == 400


def test_a_flood_of_one_page_is_damped_and_others_are_served(served: Served) -> None:
    with ThreadPoolExecutor(10) as pool:
        codes = list(pool.map(lambda _: served.send("here", "{}", "flood", {})[0], range(400)))
    assert 429 in codes
    assert set(codes) == {200, 429}
    assert served.ask("tick", PLAN)["value"] == 9.0


# -- beginnings and ends --------------------------------------------------------------------------


def test_ctrl_c_ends_it_at_once_with_its_searches() -> None:
    with serving("networks/peru-2014") as served:
        served.ask("best/start", {"question": QUESTION, "budget": 80})
        deadline = time.monotonic() + 60.0
        while served.ask("best/state")["state"] != "running" and time.monotonic() < deadline:
            time.sleep(0.2)
        workers = children(served.process.pid)
        assert workers
        ends_without_a_word(served, signal.SIGINT)
        assert gone(workers)


def test_what_a_process_that_is_gone_was_not_told_is_forgotten() -> None:
    read, write = os.pipe()
    os.close(read)
    stdin = os.fdopen(write, "wb")
    tell(stdin, b"stop\n")
    stdin.close()  # would write it once more


def test_a_search_that_is_killed_as_it_writes_ends_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone_at_once = 'import sys; sys.stdin.close(); sys.stdout.write(\'{"state": "done", \')'
    popen = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda _, **pipes: popen([sys.executable, "-c", gone_at_once], **pipes)
    )
    job = BestPlanJob({"network": "long" * 1_000_000})  # more than a pipe holds
    job.run()
    assert job.said == {"state": "failed", "words": "the search ended without an answer"}


@pytest.mark.slow
def test_a_killed_server_takes_its_searches_along() -> None:
    with serving("networks/peru-2014") as served:
        served.ask("best/start", {"question": QUESTION, "budget": 80})
        time.sleep(1.0)
        workers = children(served.process.pid)
        assert workers
        served.process.kill()
        served.process.wait()
        assert gone(workers)


@pytest.mark.slow
def test_a_search_is_stopped_with_the_best_plan_so_far_and_ends_with_its_page() -> None:
    with serving("networks/peru-2014") as served:
        served.ask("best/start", {"question": QUESTION, "budget": 80})
        found = {}
        for _ in range(600):
            found = served.ask("best/state")
            if found.get("value") is not None:
                break
            time.sleep(0.2)
        served.ask("best/stop")
        found = ended(served)
        assert found["measures"]
        assert found["limit"] == "interrupted"
        assert "stopped by you" in str(found["words"])
        served.ask("best/start", {"question": QUESTION, "budget": 80}, client="gone")
        time.sleep(1.0)
        workers = children(served.process.pid)
        assert workers
        served.ask("bye", client="gone")
        assert gone(workers)


def gone(pids: list[int]) -> bool:
    """Whether processes end within a while."""
    for _ in range(200):
        if not any(alive(pid) for pid in pids):
            return True
        time.sleep(0.1)
    return False


def test_a_port_that_is_taken_and_a_network_that_is_none_are_told(served: Served) -> None:
    words = [sys.executable, "-m", "flowopt", "serve", "networks/tiny", "--no-browser", "--port"]
    taken = subprocess.run([*words, str(served.port)], capture_output=True, text=True, check=False)
    assert taken.returncode == 2
    assert re.search(r"can't listen at 127\.0\.0\.1, port \d+", taken.stderr)
    found = run("serve", SHIPPED / "no-such", "--no-browser")
    assert found.returncode == 1
    assert "no-such" in found.stderr
