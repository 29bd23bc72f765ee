"""Measures by parts of their names: one that fits is taken and printed, several are refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from flowopt.cli.measure_names import measures_of
from flowopt.errors import RequestError
from tests.command import run
from tests.networks import SHIPPED, shipped


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["m_strip"], ["m_strip"]),
        (["scanner"], ["m_scanner"]),
        (["HARBOUR vet"], ["m_vetting"]),
        (["dirt strip", "m_crops"], ["m_strip", "m_crops"]),
        (["Scanner at the harbour"], ["m_scanner"]),
        (["m_strp"], ["m_strp"]),  # for the library to refuse, with the near id
    ],
)
def test_what_a_part_stands_for(words: list[str], ids: list[str]) -> None:
    assert measures_of([shipped("tiny")], words, "--include", quiet=True) == ids


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("boats@y1", "m_boats@y1"),
        ("m_radar@y2", "m_radar@y2"),
        ("Boats on the river@y3", "m_boats@y3"),  # a period for the library to refuse
        ("boots@y1", "boots@y1"),
        ("radar", "m_radar"),
    ],
)
def test_parts_of_names_in_a_period(word: str, name: str) -> None:
    assert measures_of([shipped("tiny-years")], [word], "--include", quiet=True) == [name]


def test_a_whole_name_goes_before_parts_of_others() -> None:
    network = shipped("tiny")
    first, second, *others = network.measures
    longer = replace(second, name=f"{first.name}, again")
    both = network.replace(measures=[first, longer, *others])
    assert measures_of([both], [first.name], "--include", quiet=True) == [first.measure]


def test_a_part_of_several_names_lists_them() -> None:
    with pytest.raises(RequestError) as refused:
        measures_of([shipped("tiny")], ["harbour"], "--measures", quiet=True)
    text = str(refused.value)
    assert text.startswith("--measures 'harbour' is in the names of 2 measures")
    assert "m_scanner  Scanner at the harbour" in text
    assert "m_vetting" in text


def test_what_was_taken_is_printed_and_recorded() -> None:
    took = "--include 'dirt strip' is m_strip: Flatten the dirt strip\n"
    done = run("solve", SHIPPED / "tiny", "--budget", 4, "--include", "dirt strip", "--json")
    assert (done.returncode, done.stderr) == (0, took)
    assert "m_strip" in json.loads(done.stdout)["measures"]
    done = run("evaluate", SHIPPED / "tiny", "--measures", "dirt strip,m_crops", "--alone")
    assert done.stderr == took.replace("include", "measures")
    done = run(
        "compare", SHIPPED / "tiny", "--budgets", 4, "--exclude", "dirt", "--quiet", "--workers", 1
    )
    assert (done.returncode, done.stderr) == (0, "")
    done = run("evaluate", SHIPPED / "tiny", "--measures", "harbour")
    assert done.returncode == 2
