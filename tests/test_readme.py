"""What the README shows is what a reader sees."""

from __future__ import annotations

import pytest

from tests.networks import ROOT
from tests.readme import README, run, shown


@pytest.mark.parametrize(("command", "text"), shown())
def test_the_output_shown_is_real(command: str, text: str) -> None:
    assert run(command) == text


def test_every_network_is_named() -> None:
    text = README.read_text(encoding="utf-8")
    for folder in (ROOT / "networks").iterdir():
        if folder.is_dir():
            assert f"`{folder.name}`" in text
