"""The hunt of edits: it finds nothing, and would find what is let pass."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.hunt import edits
from tests.hunt.networks import Quarry


@pytest.mark.parametrize("kind", ["plain", "luck", "frontier", "stress"])
def test_no_edit_passes(kind: str) -> None:
    assert edits.faults_of(kind, Quarry("plain", 3, 1)) == []


def test_edits_that_pass_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "verify", lambda _: SimpleNamespace(passed=True))
    monkeypatch.setattr(edits, "prove_by_enumeration", lambda _: ())
    found = edits.faults_of("plain", Quarry("plain", 3, 1))
    assert found
    assert all(": passes" in each for each in found)


def test_what_breaks_the_re_check_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(folder: Path) -> None:
        raise KeyError(folder.name)

    monkeypatch.setattr(edits, "verify", broken)
    assert "KeyError" in edits.faults_of("plain", Quarry("plain", 3, 1))[0]
