"""Results and copies of them, each made once for all tests of their re-check."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from flowopt.network.network import Network
from tests.planning.verify_results import (
    ASKED,
    write,
)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the function that gives the folder of a result, made once."""
    root = tmp_path_factory.mktemp("results")

    def make(name: str) -> Path:
        folder = root / name
        if not folder.exists():
            network, question, objective = ASKED[name]
            write(network(), folder, question, objective)
        return folder

    return make


@pytest.fixture
def copied(tmp_path: Path, made: Callable[[str], Path]) -> Callable[[str], tuple[Path, Network]]:
    """Return the function that gives a result to be tampered with."""

    def copy(name: str) -> tuple[Path, Network]:
        folder = tmp_path / name
        shutil.copytree(made(name), folder)
        return folder, ASKED[name][0]()

    return copy
