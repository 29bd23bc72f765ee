"""The network as callers hold it: its class, whoever makes it, and pickles of earlier versions.

`tests/data/stored` holds a network as a JSON file and as the pickle that an earlier version wrote.
They are never made again: who keeps a pickle keeps it for longer than a version lasts.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from flowopt.network.network import Network
from flowopt.network.read import read_foreign, read_network
from flowopt.network.tables import Tables
from tests.network.overlays import BASE
from tests.networks import DATA, ROOT

STORED = DATA / "stored"


def test_a_pickle_of_an_earlier_version_is_read() -> None:
    network = read_network(STORED / "network.json")
    found = pickle.loads((STORED / "network.pickle").read_bytes())
    assert type(found) is Network
    assert found == network
    assert found.warnings == network.warnings
    assert (found.sha256, hash(found)) == (network.sha256, hash(network))


def test_a_pickle_names_the_class_where_it_has_always_stood() -> None:
    network = read_network(STORED / "network.json")
    assert b"cflowopt.network.network\nNetwork\n" in pickle.dumps(network, protocol=0)
    assert pickle.loads(pickle.dumps(network)) == network


def graph() -> nx.DiGraph[str]:
    made: nx.DiGraph[str] = nx.DiGraph()
    made.add_edge("mine", "port", capacity=7.0)
    return made


ENDS: dict[str, Any] = {"sources": ["mine"], "sinks": ["port"]}


@pytest.mark.parametrize(
    "make",
    [
        lambda n: n,
        lambda n: n.replace(measures=[], effects=[], uses=[], rules=[], reforms=[]),
        lambda n: Network.from_frames(n.to_frames(), n.info),
        lambda _: Network.from_networkx(graph(), **ENDS),
        lambda _: read_foreign(STORED / "least.max"),
    ],
    ids=["read_network", "replace", "from_frames", "from_networkx", "read_foreign"],
)
def test_every_way_in_gives_a_network(make: Callable[[Network], Network]) -> None:
    assert type(make(read_network(STORED / "network.json"))) is Network


def test_a_network_is_its_tables_and_equals_no_others() -> None:
    network = read_network(STORED / "network.json")
    assert isinstance(network, Tables)
    assert Tables(network.info, **network.tables()) != network
    assert Network(network.info, **network.tables()) == network


def test_reading_and_writing_load_no_heavy_library(tmp_path: Path) -> None:
    """Only a network whose recipes go round in a cycle needs scipy."""
    code = (
        "import sys\n"
        "from flowopt.network.read import read_network\n"
        "from flowopt.network.write import write_network\n"
        f"write_network(read_network({str(BASE)!r}), {str(tmp_path / 'n')!r})\n"
        "heavy = {'pandas', 'networkx', 'scipy', 'numpy', 'highspy', 'pulp'}\n"
        "heavy |= {'flowopt.network.frames', 'flowopt.network.foreign.plain_graph'}\n"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []
