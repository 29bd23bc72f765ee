"""A kind of file that flowopt does not know: a line for each arc, its tail and its head."""

from __future__ import annotations

from pathlib import Path

from flowopt.network.foreign.plain_graph import PlainArc, PlainGraph, PlainNode
from flowopt.network.network import Network


def is_pairs(path: Path) -> bool:
    return all(len(line.split()) == 2 for line in path.read_text(encoding="utf-8").splitlines())


def read_pairs(path: Path) -> PlainGraph:
    pairs = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    return PlainGraph(
        file=path.name,
        nodes_file=path.name,
        arcs_file=path.name,
        name=path.stem,
        kind="a list of pairs",
        nodes=[
            PlainNode(row=row, cells={"node": name})
            for row, name in enumerate(dict.fromkeys(name for pair in pairs for name in pair), 1)
        ],
        arcs=[
            PlainArc(row=row, cells={"arc": f"a{row}", "tail": tail, "head": head})
            for row, (tail, head) in enumerate(pairs, 1)
        ],
    )


def pairs_bytes(network: Network) -> bytes:
    return "".join(f"{arc.tail} {arc.head}\n" for arc in network.arcs).encode()
