"""The command line as a planner meets it, judged by what it prints."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from flowopt.cli.main import cli
from tests.command import run
from tests.networks import ROOT, SHIPPED

RESULT = ROOT / "results" / "peru-2014" / "budget-20"
MADE_FROM = f"that it was made from, such as its own copy {RESULT / 'network.json'}"


def start(
    *arguments: str | Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command as a shell does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "flowopt", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(env or {})},
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["evaluate", SHIPPED / "tiny", "--measures", "m_strip", "--json"], 0),
        pytest.param(["check", SHIPPED], 1, marks=pytest.mark.slow),
        pytest.param(["report", SHIPPED], 2, marks=pytest.mark.slow),
        (["solve", SHIPPED / "tiny", "--target", "0.5"], 3),
    ],
)
def test_a_shell_sees_what_the_other_tests_see(arguments: list[str | Path], code: int) -> None:
    """The other tests run commands in their own process: it is the same, but for the seconds."""
    there, here = start(*arguments), run(*arguments)
    assert there.returncode == here.returncode == code
    assert there.stderr == here.stderr
    assert without_seconds(there.stdout) == without_seconds(here.stdout)


def without_seconds(text: str) -> object:
    if not text.startswith("{"):
        return text
    summary = json.loads(text)
    del summary["seconds"]
    return summary


def test_solve_answers_in_sentences_and_tables(tmp_path: Path) -> None:
    done = run("solve", SHIPPED / "tiny", "--budget", 4, "--out", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 measures cut deliveries from 10.00 to 6.00 t a year" in done.stdout
    assert "Proved: no plan for this money does better than 6.00 t." in done.stdout
    assert "m_vetting" in done.stdout
    text = done.stdout.partition("\nWrote ")[0]  # the folder may have any length
    assert max(map(len, text.splitlines())) <= 80
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["status"], summary["value"]) == ("optimal", 6.0)


def test_json_is_all_that_goes_to_stdout(tmp_path: Path) -> None:
    done = run("solve", SHIPPED / "tiny", "--budget", 4, "--json", "--out", tmp_path / "out")
    assert done.returncode == 0
    assert done.stdout == (tmp_path / "out" / "summary.json").read_text()


def test_quiet_prints_nothing() -> None:
    done = run("solve", SHIPPED / "tiny", "--budget", 4, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("command", ["check", "flow"])
def test_check_and_flow(command: str) -> None:
    done = run(command, SHIPPED / "tiny")
    assert (done.returncode, done.stderr) == (0, "")
    assert "tiny" in done.stdout
    as_json = run(command, SHIPPED / "tiny", "--json")
    assert isinstance(json.loads(as_json.stdout), dict)


def test_alternatives_are_listed_and_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("solve", SHIPPED / "tiny", "--budget", 4, "--within", "20%", "--out", out)
    assert "The best plans (none holds all of an earlier one)" in done.stdout
    rows = (out / "alternatives.csv").read_text().splitlines()
    assert (
        rows[0] == "network,objective,budget,rank,value,rank_bound,rank_gap,status,spent,measures"
    )
    assert rows[1] == "tiny,flow,4,1,6,6,0,optimal,4,m_strip;m_scanner;m_vetting"


def test_a_target_asks_for_the_cheapest_plan(tmp_path: Path) -> None:
    done = run("solve", SHIPPED / "tiny", "--target", 7, "--out", tmp_path / "out")
    assert "Proved: no plan that does it costs less than 3.00 M USD." in done.stdout
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["target"], summary["budget"], summary["bound"]) == (7.0, None, None)
    assert (summary["spent"], summary["cost_bound"]) == (3.0, pytest.approx(3.0))


def test_options_reach_the_solver() -> None:
    options = ["--resource", "crew=4", "--exclude", "m_ferry", "--include", "m_check,m_vetting"]
    options += ["--solver", "cbc", "--gap", "0.001", "--time-limit", "60", "--objective", "profit"]
    done = run("solve", SHIPPED / "shared-crew", "--budget", 7, "--json", *options)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert {"m_check", "m_vetting"} <= set(summary["measures"])
    assert "m_ferry" not in summary["measures"]
    assert summary["resources"] == {"crew": 4.0}
    assert (summary["solver"]["name"], summary["objective"]) == ("cbc", "profit")


def test_evaluate_says_what_a_plan_does_breaks_and_misses(tmp_path: Path) -> None:
    out, arguments = tmp_path / "out", ["--measures", "m_chase,m_boats", "--measures", "m_ferry"]
    arguments += ["--budget", "7", "--against", "coverage"]
    done = run("evaluate", SHIPPED / "shared-crew", *arguments, "--out", out)
    assert (done.returncode, done.stderr) == (0, "")
    said = " ".join(done.stdout.split())
    assert "Your plan of 3 measures cuts deliveries from 13.00 to 5.75 t a year" in said
    assert "Patrol boats (m_boats) and Ferry licences (m_ferry) exclude each other." in said
    assert "The best plan below breaks none." in said
    assert "The best plan cuts 0.75 t more than yours." in said
    assert "Proved: no plan for this money leaves less than 5.00 t." in said
    assert "Foresight is worth 0.00 t a year." in said
    text = done.stdout.partition("\nWrote ")[0]  # the folder may have any length
    assert max(map(len, text.splitlines())) <= 80
    done = run("evaluate", SHIPPED / "shared-crew", *arguments, "--json", "--alone")
    summary = json.loads(done.stdout)
    assert (summary["status"], len(summary["broken"])) == ("evaluated", 4)
    checked = run("verify", out, "--enumerate")
    assert checked.returncode == 0, checked.stdout
    again = run("evaluate", SHIPPED / "shared-crew", "--plan", out, "--budget", 7, "--json")
    assert json.loads(again.stdout)["broken"] == summary["broken"]
    quiet = run("evaluate", SHIPPED / "shared-crew", "--plan", out / "plan.csv", "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_the_first_screen_of_evaluate_is_short_and_full_has_the_rest() -> None:
    plan = ("evaluate", SHIPPED / "peru-2014", "--measures", "m22,m23,m44", "--alone")
    short, full = (run(*plan, *more).stdout for more in ((), ("--full",)))
    tables = short.partition("\nwarning: ")[0]
    assert len(tables.splitlines()) <= 31  # the line on scenarios, which names criteria, takes two
    assert max(map(len, tables.splitlines())) <= 80
    assert "going round takes all of that back." in " ".join(short.split())
    rest = ["What holds the trafficker back", "Deliveries by market", "Who earns"]
    assert [(title in short, title in full) for title in rest] == [(False, True)] * 3
    assert ("The largest shifts" in short, "--full prints the rest" in short) == (True, True)
    assert ("The largest shifts" in full, "--full prints the rest" in full) == (False, False)
    shifts = short.partition("\nThe largest shifts\n")[2].partition("\n\n")[0].splitlines()[1:]
    assert len(shifts) == 3
    assert short.partition("\n\n")[0] == full.partition("\n\n")[0]


def test_beside_other_plans_the_measures_of_the_plan_itself_wait_for_full() -> None:
    plan = ("evaluate", SHIPPED / "leaky-river", "--measures", "m_patrol", "--against", "coverage")
    short, full = (run(*plan, *more).stdout for more in ((), ("--full",)))
    table = full.partition("\nBeside it")[2].partition("\nbest for the money:")[0]
    assert f"\nBeside it{table}\nbest for the money: Uproot the plots (m_uproot)\n" in short
    for sentence in ("The best plan cuts 1.00 t more", "Proved: ", "Foresight is worth 1.00 t"):
        assert (sentence in short, sentence in full) == (True, True)
    for line in ("The plan: ", "covers most of today: Patrol boats", "promises to cut 8.00 t"):
        assert (line in short, line in full) == (False, True)
    assert "--full prints the rest: each measure, what holds" in short


def test_what_comes_next_what_binds_and_every_place_that_changed_is_shown() -> None:
    done = run("evaluate", SHIPPED / "peru-2014", "--measures", "m11,m12,m13", "--alone", "--full")
    assert done.returncode == 0, done.stderr
    titles = ["What comes next", "What holds the trafficker back", "Deliveries by market"]
    titles += ["Deliveries by continent", "Deliveries by country", "Leaving the growing country"]
    titles += ["Leaving a region for elsewhere", "On legs of each mode"]
    starts = [done.stdout.find(f"\n{title}") for title in titles]
    assert starts == sorted(starts)
    assert starts[0] > 0
    tables = done.stdout.partition("\nwarning: ")[0]
    assert max(map(len, tables.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["solve", SHIPPED / "tiny"], 2, "give a budget, or a target"),
        (["solve", SHIPPED / "tiny", "--budget", "-1"], 2, "budget -1.0 is not a number"),
        (["solve", SHIPPED / "tiny", "--budget", "1", "--include", "m_stripe"], 2, "m_strip"),
        (["solve", SHIPPED / "tiny", "--budget", "1", "--resource", "x"], 2, "NAME=AMOUNT"),
        (["solve", SHIPPED / "tiny", "--budget", "1", "--solver", "nosuch"], 2, "not known"),
        (["solve", SHIPPED / "tiny", "--budget", "1", "--out", SHIPPED], 2, "other files"),
        (["solve", SHIPPED / "nowhere", "--budget", "1"], 1, "nowhere"),
        (["check", SHIPPED], 1, "network.toml"),
        (["nosuch"], 2, "No such command"),
        (["solve", SHIPPED / "tiny", "--target", "0.5"], 3, "--target 0.5. All 5 measures"),
        (
            ["solve", SHIPPED / "tiny", "--budget", "0", "--include", "m_strip"],
            3,
            "These demands clash: --include m_strip and --budget 0. m_strip costs 1 M USD.",
        ),
        (["solve", SHIPPED / "tiny", "--budget", "20M"], 2, "write 20, in M USD a year"),
        (["solve", SHIPPED / "tiny", "--budget", "20,5"], 2, "write 20.5"),
        (["solve", SHIPPED / "tiny", "--target", "5t"], 2, "write 5, in the unit"),
        (["solve", SHIPPED / "tiny", "--budget", "1", "--resource", "x=4M"], 2, "x: '4M' is not"),
        (["solve", SHIPPED / "tiny", "--budget", "1", "--within", "1,5%"], 2, "write 1.5"),
        (["compare", SHIPPED / "tiny", "--budgets", "0:6M:2"], 2, "write 6, in M USD a year"),
        (["check", SHIPPED], 1, "is a folder of networks"),
        (["check", SHIPPED], 1, str(SHIPPED / "leaky-river")),
        (["check", RESULT], 1, f"is a result, not a network; give the network {MADE_FROM}"),
        (["check", SHIPPED / "tinny"], 1, f"did you mean {SHIPPED / 'tiny'}?"),
        (["solve", ROOT / "netwoks" / "tinny", "--budget", "1"], 1, f"mean {SHIPPED / 'tiny'}?"),
        (["verify", ROOT / "results" / "peru-2014" / "budget-2"], 2, f"did you mean {RESULT}?"),
        (["verify", SHIPPED / "tiny"], 2, "is a network, not a result"),
        (["report", RESULT, "--out", "pages"], 2, "write --out pages/report.html"),
        (["evaluate", SHIPPED / "tiny", "--plan", ROOT / "READ.md"], 2, "did you mean"),
        (["evaluate", SHIPPED / "tiny", "--measures", "a", "b"], 2, "write --measures a,b"),
        (["evaluate", "--measures", "a", "b", SHIPPED / "tiny"], 2, "write --measures a,b"),
        (["solve", SHIPPED / "tiny", "--include", "a,", "b", "--budget", "1"], 2, "--include a,b"),
        (["compare", SHIPPED / "tiny", "--exclude", "a", "b", "--budgets", "1"], 2, "a,b"),
        (["evaluate", "--measures", "a", SHIPPED / "tinny"], 1, "did you mean"),
        (["evaluate", SHIPPED / "tiny"], 2, "give the plan with --measures"),
        (["evaluate", SHIPPED / "tiny", "--measures", "m_strip", "--plan", "x"], 2, "or with"),
        (["evaluate", SHIPPED / "tiny", "--plan", SHIPPED / "tiny"], 2, "holds no plan: give"),
        (["evaluate", SHIPPED / "tiny", "--measures", "m_x,m_y"], 2, "'m_y' is not in"),
        (["evaluate", SHIPPED / "tiny", "--measures", "m_x", "--out", SHIPPED], 2, "other files"),
        (["evaluate", SHIPPED / "tiny", "--measures", "m_x", "--against", "me"], 2, "coverage"),
    ],
)
def test_exit_codes(arguments: list[str | Path], code: int, message: str) -> None:
    done = run(*arguments)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == "" or code == 3


def test_errors_of_the_files_come_all_at_once_and_write_nothing(tmp_path: Path) -> None:
    for path in (SHIPPED / "tiny").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    arcs = (tmp_path / "arcs.csv").read_text().splitlines()
    first = arcs[1].split(",")
    first[1] = "nosuch"
    (tmp_path / "arcs.csv").write_text("\n".join([arcs[0], ",".join(first), *arcs[2:]]) + "\n")
    (tmp_path / "rules.csv").write_text("measure,relation,other\nm_strip,forbids,m_strip\n")
    done = run("solve", tmp_path, "--budget", 1, "--out", tmp_path / "out")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines[0].startswith("arcs.csv:2: tail: 'nosuch'")
    assert any(line.startswith("rules.csv:2: relation: 'forbids'") for line in lines)
    assert not (tmp_path / "out").exists()


def test_an_unexpected_fault_is_no_stack_trace(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import flowopt.planning.respond as r\n"
        "def broken(*a, **k): raise ZeroDivisionError('oops')\n"
        "r.respond = broken\n"
    )
    env = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    done = start("flow", SHIPPED / "tiny", env=env)
    assert done.returncode == 4
    assert "ZeroDivisionError: oops" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Traceback" in start("flow", SHIPPED / "tiny", env={**env, "FLOWOPT_DEBUG": "1"}).stderr


def test_help_shows_a_real_example() -> None:
    assert "flowopt new my-peru --from peru-2014" in run("new", "--help").stdout
    assert "flowopt report results/mine\n" in run("report", "--help").stdout
    for command in ("check", "evaluate", "flow", "solve", "compare"):
        assert f"flowopt {command} networks/peru-2014" in run(command, "--help").stdout


def test_every_example_of_a_help_has_a_line_of_its_own() -> None:
    for name in cli.commands:
        text = run(name, "--help").stdout
        assert "----" not in text
        assert not re.search(r"^ *\S.*  flowopt ", text, re.MULTILINE), text


def test_long_helps_stand_in_groups() -> None:
    groups = ["The question:", "The answer:", "The solver:", "The output:"]
    for command in ("solve", "evaluate"):
        lines = run(command, "--help").stdout.splitlines()
        assert [line for line in lines if line.startswith("The ")] == groups
    for name, each in cli.commands.items():
        text = run(name, "--help").stdout
        for parameter in each.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                assert len(re.findall(rf"^  {parameter.opts[0]}\b(?!-)", text, re.M)) == 1


def test_the_version() -> None:
    assert "flowopt, version " in run("--version").stdout


def test_report_makes_a_page(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("solve", SHIPPED / "tiny", "--budget", 4, "--quiet", "--out", out)
    done = run("report", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{out / 'report.html'}: open it in any browser; it needs no network\n"
    assert (out / "report.html").stat().st_size < 6_000_000
    page = (out / "report.html").read_text(encoding="utf-8")
    assert f"flowopt solve {out / 'network.json'} --budget 4" in page
    assert f"flowopt report {out}\n" in page
    again = run("report", out, "--network", SHIPPED / "tiny")
    assert (again.returncode, "--force" in again.stderr) == (2, True)
    more = run("report", out, "--network", SHIPPED / "tiny", "--force", "--png", "--quiet")
    assert (more.returncode, more.stdout, more.stderr) == (0, "", "")
    assert {path.stem for path in out.glob("*.png")} == {"map", "change", "source", "flow"}
    network: list[str | Path] = ["--network", SHIPPED / "tiny"]
    for other in ([], network):
        verified = run("verify", out, *other)
        assert verified.returncode == 0, verified.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--network", SHIPPED / "two-bridges"], 2, "is not about 'two-bridges'"),
        (["--network", SHIPPED / "nowhere"], 1, "nowhere"),
        (["--out", "nowhere/page.html"], 2, "no folder nowhere; make it first"),
        (["--out", "network/page.html"], 2, "did you mean networks/page.html?"),
    ],
)
def test_report_refuses_and_writes_nothing(
    arguments: list[str | Path], code: int, message: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run("solve", SHIPPED / "tiny", "--budget", 4, "--quiet", "--out", out)
    done = run("report", out, *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert not (out / "report.html").exists()


@pytest.mark.parametrize("source", [[], ["--from", "peru-2014"]])
def test_new_makes_a_network_that_checks(source: list[str], tmp_path: Path) -> None:
    done = run("new", tmp_path / "mine", *source)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == f"flowopt check {tmp_path / 'mine'}"
    assert run("check", tmp_path / "mine").returncode == 0
    again = run("new", tmp_path / "mine", *source)
    assert (again.returncode, again.stderr) == (
        2,
        f"Error: {tmp_path / 'mine'} already holds a network; give another folder\n",
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes(shell: str) -> None:
    """As `main` is called: the line that `docs/commands/index.md` gives prints a script."""
    code = "import sys; sys.argv = ['flowopt']; from flowopt.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "_FLOWOPT_COMPLETE": f"{shell}_source"},
    )
    assert "_FLOWOPT_COMPLETE" in done.stdout, done.stderr


def test_check_sums_up_by_table() -> None:
    lines = [line.split() for line in run("check", SHIPPED / "peru-2014").stdout.splitlines()]
    assert ["arcs", "265", "172", "-"] in lines
    assert ["sites", "30", "30", "-"] in lines
    assert ["rules", "8", "0", "-"] in lines
    assert ["scenarios", "3", "0", "-"] in lines
    assert lines[-1][:4] == ["no", "errors,", "0", "warnings"]


@pytest.mark.skipif(sys.platform == "win32", reason="no terminal to pretend")
@pytest.mark.parametrize(("options", "styled"), [([], True), (["--no-color"], False)])
def test_styles_only_on_a_terminal_that_wants_them(options: list[str], styled: bool) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "flowopt", *options, "solve", str(SHIPPED / "tiny")]
    command += ["--budget", "4"]
    env = {**os.environ, "TERM": "xterm-256color"}
    subprocess.run(command, cwd=ROOT, stdout=theirs, check=True, env=env)
    os.close(theirs)
    text = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "tiny" in text
    assert ("\x1b[" in text) == styled
    assert ("\x1b[32mProved: no plan" in text) == styled
