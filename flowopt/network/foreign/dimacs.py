"""DIMACS files of maximum-flow (``.max``) and minimum-cost-flow (``.min``) problems.

Lines, blanks between the words; nodes are numbers from 1 to N:

    c anything                      a comment
    p max N M     or  p min N M     the problem: nodes and arcs; before all others
    n ID s        and n ID t        maximum flow: the source, and the sink
    n ID FLOW                       minimum cost: what a node supplies, or takes if below 0
    a TAIL HEAD CAPACITY            maximum flow
    a TAIL HEAD LOW CAPACITY COST   minimum cost

*Maximum flow.* The source supplies without limit, and the sink takes all that the arcs into it can
carry, which no flow exceeds: what `flow` counts without measures is the maximum flow.

*Minimum cost.* Supplies and demands are the limits of the file. There they must be met; here it
pays to, since a delivered kg brings more than any path costs (`default_price` has the formula). The
supplies must add up to the demands. A least flow on an arc (LOW above 0) and a cost below 0 have no
place in the format and are refused.

Arcs become ``a1``, ``a2``, ... in the order of the file. Numbers stand for t a year and USD per kg.

Source: D. S. Johnson and C. C. McGeoch (eds.), Network Flows and Matching: First DIMACS
Implementation Challenge, AMS, 1993; the formats are described in the challenge's "The core
experimental guidelines", 1990-1991.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

from flowopt.errors import Problem
from flowopt.network.files.text import utf8_text
from flowopt.network.foreign.plain_graph import PlainArc, PlainGraph, PlainNode
from flowopt.network.schema import number_text

_WORDS = {"max": ("TAIL", "HEAD", "CAPACITY"), "min": ("TAIL", "HEAD", "LOW", "CAPACITY", "COST")}


def read_dimacs(path: Path) -> PlainGraph:
    """Read a DIMACS file; its faults stand in `problems`.

    Raises
    ------
    InputError
        When the file can't be read, or is no text.
    """
    return _Parser(path.name, path.stem).read(utf8_text(path))


class _Parser:
    """Parser of the lines of one file; used once."""

    def __init__(self, file: str, name: str) -> None:
        self.graph = PlainGraph(
            file=file, nodes_file=file, arcs_file=file, name=name, kind="a DIMACS problem"
        )
        self.line = 0
        self.problem = ""  # max or min
        self.nodes, self.arcs, self.problem_line = 0, 0, 0
        self.flows: dict[int, tuple[float, int]] = {}
        self.ends: dict[str, tuple[int, int]] = {}  # s and t: node, line
        self.seen = 0  # arcs, faulty ones included
        self.faulty_nodes = False

    def read(self, text: str) -> PlainGraph:
        kinds: dict[str, Callable[[list[str]], None]] = {
            "p": self._problem, "n": self._node, "a": self._arc,
        }  # fmt: skip
        # An editor ends no line at the other signs that `splitlines` knows, such as U+2028.
        for self.line, line in enumerate(re.split(r"\r\n?|\n", text), start=1):
            words = line.split()
            if not words or words[0] == "c":
                continue
            if words[0] not in kinds:
                self._report(None, f"begins with {words[0]!r}; lines begin with c, p, n or a")
            elif words[0] != "p" and not self.problem_line:
                message = "stands before the problem line; begin with a line such as p max 6 8"
                self._report(None, message)
                self.problem_line = -1  # reported once
            elif words[0] == "p" or self.problem:
                kinds[words[0]](words[1:])
        self.line = 0
        self._finish()
        return self.graph

    def _report(self, column: str | None, message: str, line: int | None = None) -> None:
        row = self.line if line is None else line
        self.graph.problems.append(Problem(self.graph.file, row or None, column, message))

    def _whole(self, word: str, column: str, least: int, most: float) -> int | None:
        """Return a whole number between two others, or None with a problem."""
        digits = word.removeprefix("-")
        if digits.isascii() and digits.isdigit() and least <= int(word) <= most:
            return int(word)
        reach = f"from {least} to {most}" if math.isfinite(most) else f"of at least {least}"
        self._report(column, f"{word!r} is no whole number {reach}")
        return None

    def _amount(self, word: str, column: str) -> float | None:
        try:
            amount = float(word) if "_" not in word else math.nan
        except ValueError:
            amount = math.nan
        if math.isfinite(amount):
            return amount
        self._report(column, f"{word!r} is no number")
        return None

    def _problem(self, words: list[str]) -> None:
        if self.problem_line > 0:
            message = f"is a second problem line; the first is line {self.problem_line}: delete one"
            self._report(None, message)
            return
        self.problem_line = self.line
        if len(words) != 3 or words[0] not in _WORDS:
            seen = " ".join(["p", *words])
            message = f"{seen!r} is no problem line; it reads p max NODES ARCS or p min NODES ARCS"
            self._report(None, message)
            return
        nodes = self._whole(words[1], "NODES", 1, math.inf)
        arcs = self._whole(words[2], "ARCS", 0, math.inf)
        if nodes is not None and arcs is not None:
            self.problem, self.nodes, self.arcs = words[0], nodes, arcs

    def _node(self, words: list[str]) -> None:
        most = len(self.graph.problems)
        reads = "n ID s or n ID t" if self.problem == "max" else "n ID FLOW"
        if len(words) != 2:
            self._report(None, f"has {len(words)} words after n; it reads {reads}")
        elif (node := self._whole(words[0], "ID", 1, self.nodes)) is not None:
            if self.problem == "max":
                self._end(node, words[1], reads)
            elif node in self.flows:
                line = self.flows[node][1]
                self._report("ID", f"node {node} has a flow in line {line} already; delete one")
            elif (flow := self._amount(words[1], "FLOW")) is not None:
                self.flows[node] = (flow, self.line)
        self.faulty_nodes |= len(self.graph.problems) > most

    def _end(self, node: int, which: str, reads: str) -> None:
        """Keep the source or the sink."""
        if which not in ("s", "t"):
            self._report(None, f"{which!r} is neither s (source) nor t (sink); it reads {reads}")
            return
        if which in self.ends:
            first, line = self.ends[which]
            word = "source" if which == "s" else "sink"
            message = (
                f"node {node} is a second {word}, the first is {first} in line {line}; add a node "
                "that stands for both, with an arc of large capacity to each (or from each)"
            )
            self._report(None, message)
            return
        self.ends[which] = (node, self.line)

    def _arc(self, words: list[str]) -> None:
        self.seen += 1
        names = _WORDS[self.problem]
        if len(words) != len(names):
            message = f"has {len(words)} words after a; it reads a {' '.join(names)}"
            self._report(None, message)
            return
        fields = dict(zip(names, words, strict=True))
        tail = self._whole(fields["TAIL"], "TAIL", 1, self.nodes)
        head = self._whole(fields["HEAD"], "HEAD", 1, self.nodes)
        amounts = {name: self._amount(fields[name], name) for name in names[2:]}
        if tail is not None and tail == head:
            self._report(None, f"goes from node {tail} to itself; delete the line and lower ARCS")
        self._check_amounts(amounts)
        capacity, cost = amounts["CAPACITY"], amounts.get("COST", 0.0)
        numbers = {"capacity": capacity, "cost": cost}
        texts = {key: "" if v is None else number_text(v) for key, v in numbers.items()}
        cells = {"arc": f"a{self.seen}", "tail": str(tail), "head": str(head)}
        self.graph.arcs.append(PlainArc(row=self.line, cells=cells, attributes=texts))

    def _check_amounts(self, amounts: dict[str, float | None]) -> None:
        """Refuse what the format can't hold."""
        low, capacity = amounts.get("LOW", 0.0), amounts["CAPACITY"]
        if capacity is not None and capacity < 0.0:
            self._report("CAPACITY", f"{capacity:g} is below 0; write a large number for no limit")
        if low is not None and low < 0.0:
            self._report("LOW", f"{low:g} is below 0; flow goes one way, so write 0")
        elif low:
            message = f"{low:g}: the format has no least flow, so it can't hold this problem"
            self._report("LOW", message)
        cost = amounts.get("COST")
        if cost is not None and cost < 0.0:
            message = f"{cost:g} is below 0: the format has no arcs that pay, so it can't hold this"
            self._report("COST", f"{message} problem")

    def _finish(self) -> None:
        """Check the file as a whole, and add its nodes to the graph."""
        if not self.problem:
            if self.problem_line == 0:
                self._report(None, "has no problem line; begin with a line such as p max 6 8")
            return
        if self.seen != self.arcs:
            message = f"{self.arcs} arcs were announced, the file has {self.seen}; mend the number"
            self._report("ARCS", message, self.problem_line)
        if self.problem == "max":
            self._check_ends()
        elif not self.faulty_nodes:
            self._check_flows()
        if self.problem == "min":
            self.graph.note = "What it says must be shipped is shipped here because it pays. "
        at = {"s": self.ends.get("s", (0, 0))[0], "t": self.ends.get("t", (0, 0))[0]}
        for number in range(1, self.nodes + 1) if not self.graph.problems else ():
            flow, line = self.flows.get(number, (0.0, self.problem_line))
            node = PlainNode(row=line, cells={"node": str(number)})
            if flow > 0.0:
                node.supplies.append({"capacity": number_text(flow)})
            elif flow < 0.0:
                node.demands.append({"quantity": number_text(-flow)})
            if number == at["s"]:
                node.supplies.append({})
            elif number == at["t"]:
                node.demands.append({})
            self.graph.nodes.append(node)

    def _check_ends(self) -> None:
        for which, word in (("s", "source"), ("t", "sink")):
            if which not in self.ends and not self.faulty_nodes:
                message = f"there is no {word}; add a line n ID {which}"
                self._report(None, message, self.problem_line)
        if len(self.ends) == 2 and self.ends["s"][0] == self.ends["t"][0]:
            node, line = self.ends["t"]
            self._report("ID", f"node {node} is source and sink; they must differ", line)

    def _check_flows(self) -> None:
        supplied = math.fsum(flow for flow, _ in self.flows.values() if flow > 0.0)
        taken = -math.fsum(flow for flow, _ in self.flows.values() if flow < 0.0)
        if supplied != taken and not math.isclose(supplied, taken, rel_tol=1e-9):
            message = (
                f"supplies add up to {supplied:g} and demands to {taken:g}, so no flow meets both; "
                "make them equal"
            )
            self._report("FLOW", message, self.problem_line)
