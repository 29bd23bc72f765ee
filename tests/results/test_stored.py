"""Documents, pickles and summaries of format 1 are read and written as an earlier version did.

`tests/data/results` holds all three of each kind of result. They are never made again: who keeps
results keeps them for longer than a version lasts.
"""

from __future__ import annotations

import json
import pickle
from importlib import import_module
from typing import Any

import pytest

import flowopt
from flowopt import Evaluation, Frontier, Response, Solution, Verdict
from flowopt._version import __version__
from tests.networks import DATA

KINDS = (Response, Solution, Evaluation, Frontier, Verdict)
STORED = DATA / "results"


def stored(kind: type) -> str:
    return (STORED / f"{kind.__name__.lower()}.json").read_text(encoding="utf-8").rstrip()


def without_new(now: Any, kept: Any) -> Any:
    """Return a document without the fields of a later version: blank, and after all others."""
    if isinstance(now, list) and isinstance(kept, list):
        return [without_new(*each) for each in zip(now, kept, strict=True)]
    if not (isinstance(now, dict) and isinstance(kept, dict)):
        return now
    new = list(now)[len(kept) :]
    assert all(now[name] in (None, {}, []) for name in new), new
    return {name: without_new(now[name], kept.get(name)) for name in now if name not in new}


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_keeps_its_fields_in_their_order(kind: Any) -> None:
    kept = json.loads(stored(kind))
    again = json.loads(kind.from_dict(kept).to_json())
    kept["flowopt"] = __version__
    assert json.dumps(without_new(again, kept), indent=1) == json.dumps(kept, indent=1)


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


@pytest.mark.parametrize("path", ["flowopt.planning.trafficker.Reply"])
def test_a_class_is_found_where_pickles_of_an_earlier_version_name_it(path: str) -> None:
    module, _, name = path.rpartition(".")
    assert getattr(import_module(module), name) is getattr(flowopt, name)
