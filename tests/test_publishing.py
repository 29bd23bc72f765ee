"""What is published says one thing: version, licence, citation, and what the files promise."""

from __future__ import annotations

import datetime
import re
import tomllib
from typing import Any

import yaml

from flowopt._version import __version__
from tests.networks import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CITATION: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_version_is_the_same_everywhere() -> None:
    assert PROJECT["dynamic"] == ["version"]
    assert CITATION["version"] == __version__
    year = CITATION["date-released"].year
    assert f"Version {__version__}, {year}." in read("README.md")
    sections = re.findall(r"^## (.*)$", read("CHANGELOG.md"), re.MULTILINE)
    assert sections[0] == "[Unreleased]"
    assert sections[1] == f"[{__version__}] - {CITATION['date-released']}"


def test_the_citation_is_what_its_format_wants() -> None:
    # https://github.com/citation-file-format/citation-file-format, version 1.2.0
    assert {"cff-version", "message", "title", "authors"} <= set(CITATION)
    assert CITATION["cff-version"] == "1.2.0"
    assert CITATION["type"] == "software"
    assert isinstance(CITATION["date-released"], datetime.date)
    assert CITATION["authors"] == [{"name": author["name"]} for author in PROJECT["authors"]]
    assert CITATION["license"] == PROJECT["license"] == "MIT"
    assert set(CITATION["keywords"]) <= set(PROJECT["keywords"])


def test_the_licence_is_a_file_and_an_spdx_expression() -> None:
    assert PROJECT["license-files"] == ["LICENSE"]
    assert read("LICENSE").startswith("MIT License")
    # A licence in the classifiers as well is refused by the newer build tools.
    assert not [each for each in PROJECT["classifiers"] if each.startswith("License ::")]


def test_every_python_that_is_promised_is_at_least_the_least() -> None:
    listed = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert PROJECT["requires-python"] == f">={listed[0]}"
    gate = re.search(r"^PYTHONS=\((.+)\)", read(".ci/run"), re.MULTILINE)
    assert gate is not None
    assert set(gate[1].split()) <= set(listed)
    assert f"OLDEST={listed[0]} " in read(".ci/run")


def test_every_dependency_of_the_product_has_a_lower_bound() -> None:
    extras = PROJECT["optional-dependencies"]
    wanted = [*PROJECT["dependencies"], *extras["cluster"], *extras["report"], *extras["scip"]]
    assert [each for each in wanted if ">=" not in each] == []


def test_the_gate_names_tests_that_exist() -> None:
    """Those it runs with the oldest versions; `a/{b,c}.py` stands for two files, as in a shell."""
    listed = re.search(r"^OLDEST_TESTS=\((.+?)\n\)", read(".ci/run"), re.MULTILINE | re.DOTALL)
    assert listed is not None
    for word in listed[1].split():
        before, _, rest = word.partition("{")
        names, _, after = rest.partition("}")
        for name in names.split(","):
            assert (ROOT / f"{before}{name}{after}").exists(), f"{before}{name}{after}"
