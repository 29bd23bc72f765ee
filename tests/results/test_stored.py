"""Documents, pickles and summaries of format 1 are read and written as an earlier version did.

`tests/data/results` holds all three of each kind of result. They are never made again: who keeps
results keeps them for longer than a version lasts.
"""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from flowopt import Evaluation, Frontier, Response, Solution, Verdict
from flowopt._version import __version__
from tests.networks import DATA

KINDS = (Response, Solution, Evaluation, Frontier, Verdict)
STORED = DATA / "results"


def stored(kind: type) -> str:
    return (STORED / f"{kind.__name__.lower()}.json").read_text(encoding="utf-8").rstrip()


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_keeps_its_fields_in_their_order(kind: Any) -> None:
    text = stored(kind)
    written = json.loads(text)["flowopt"]
    again = kind.from_json(text).to_json(indent=1)
    assert again == text.replace(f'"flowopt": "{written}"', f'"flowopt": "{__version__}"', 1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_summary_keeps_its_keys_in_their_order(kind: Any) -> None:
    kept = json.loads((STORED / f"{kind.__name__.lower()}_summary.json").read_text("utf-8"))
    now = kind.from_json(stored(kind)).summary()
    if "flowopt" in kept:
        kept["flowopt"] = __version__
    assert json.dumps(now) == json.dumps(kept)


@pytest.mark.parametrize("kind", KINDS)
def test_a_pickle_of_an_earlier_version_is_read(kind: Any) -> None:
    found = pickle.loads((STORED / f"{kind.__name__.lower()}.pickle").read_bytes())
    assert type(found) is kind
    assert found == kind.from_json(stored(kind))
    assert found.to_json(indent=1) == kind.from_json(stored(kind)).to_json(indent=1)
    assert pickle.loads(pickle.dumps(found)) == found
