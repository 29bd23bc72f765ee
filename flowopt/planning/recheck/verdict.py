"""Verdict of a verification: checks, passed or failed, with the numbers they saw."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flowopt.overview import Overview, enumerated, first_line
from flowopt.results.document import Document

VALUES = 1e-6  # relative: a value against the flow and the prices that prove it
ROWS = 1e-7  # relative to the larger side: one capacity, balance or price of a proof
COPIES = 1e-9  # relative: a number of one file against the same number in another
_LISTED = 5  # faults of one check that people are shown


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a result.

    Attributes
    ----------
    name : str
        What must be true.
    passed : bool
        Whether it is.
    seen : str
        The numbers compared, and the tolerance.
    faults : tuple of str
        Every place where it fails.
    """

    name: str
    passed: bool
    seen: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Verdict(Document):
    """All checks of a result, and its claims that no check can confirm.

    Attributes
    ----------
    result, network : str
        The folder and the network it was checked against.
    checks : tuple of Check
        In the order they were made.
    claims : tuple of str
        Claims that are only repeated.
    """

    result: str
    network: str
    checks: tuple[Check, ...]
    claims: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """True where every check passed."""
        return all(check.passed for check in self.checks)

    def _overview(self) -> Overview:
        failed = [check.name for check in self.checks if not check.passed]
        return Overview(
            f"Verdict on {self.result}: {'FAILED' if failed else 'passed'}",
            (
                ("network", self.network),
                ("checks", f"{len(self.checks)}, of which {len(failed)} failed"),
                ("failed", enumerated(failed)),
                ("claims", first_line(self.claims)),
            ),
        )

    def summary(self) -> dict[str, Any]:
        """Return everything by name, as for JSON."""
        return {
            "result": self.result,
            "network": self.network,
            "passed": self.passed,
            "checks": [asdict(check) for check in self.checks],
            "claims": list(self.claims),
        }

    def lines(self, *, only_failures: bool = False) -> Iterator[str]:
        """Yield the lines of the report."""
        for check in self.checks:
            if only_failures and check.passed:
                continue
            yield f"{'ok    ' if check.passed else 'FAILED'}  {check.name}: {check.seen}"
            for fault in check.faults[:_LISTED]:
                yield f"          {fault}"
            if len(check.faults) > _LISTED:
                yield f"          and {len(check.faults) - _LISTED} more"
        if only_failures:
            return
        for claim in self.claims:
            yield f"claim   {claim}"
        failed = sum(not check.passed for check in self.checks)
        many = f"{len(self.checks)} checks"
        yield f"{many}, all passed" if not failed else f"{many}, {failed} FAILED"


def unreadable(folder: Path, network: str, fault: str, checks: Sequence[Check] = ()) -> Verdict:
    """Return the verdict on a result that can't be read, behind the checks made before that."""
    read = Check("the result can be read", False, "nothing else was checked", (fault,))
    return Verdict(str(folder), network, (*checks, read), ())


class Comparison:
    """Comparisons of one check.

    Parameters
    ----------
    name
        What must be true.
    relative
        Tolerance between two sides, as a share of the larger one.

    Attributes
    ----------
    about : str
        Prefix of the faults of the comparisons that follow.
    """

    def __init__(self, name: str, relative: float = COPIES) -> None:
        self.about = ""
        self._name = name
        self._relative = relative
        self._count = 0
        self._worst = 0.0
        self._faults: list[str] = []
        self._notes: list[str] = []

    def note(self, text: str) -> None:
        """Add a note beside the count, unless it is about one of many."""
        if not self.about:
            self._notes.append(text)

    def fault(self, text: str) -> None:
        """Record a fault that is not a comparison of numbers."""
        self._count += 1
        self._faults.append(self.about + text)

    def equal(self, label: str, stated: object, expected: object) -> bool:
        """Compare two things that must be identical."""
        same = stated == expected and isinstance(stated, bool) == isinstance(expected, bool)
        if same:
            self._count += 1
        else:
            self.fault(f"{label} is {_shown(stated)} instead of {_shown(expected)}")
        return same

    def close(self, label: str, stated: float | None, expected: float | None, *, floor: float = 0.0,
              side: float = 0.0) -> None:  # fmt: skip
        """Compare two numbers; `side` is a larger number that they are a difference of."""
        if stated is None or expected is None:
            self.equal(label, stated, expected)
            return
        side = max(abs(stated), abs(expected), side)
        self._compare(label, abs(stated - expected), side, floor, stated, expected)

    def at_most(self, label: str, low: float, high: float, *, floor: float = 0.0,
                side: float = 0.0) -> None:  # fmt: skip
        """Compare two numbers of which the first may not be larger."""
        side = max(abs(low), abs(high), side)
        self._compare(label, low - high, side, floor, low, high, at_most="at most ")

    def check(self) -> Check:
        """Return the finished check."""
        most = f", the largest difference {self._worst:.1e} of {self._relative:.0e} allowed"
        counted = f"{self._count} comparisons" + (most if self._worst > 0.0 else "")
        return Check(
            self._name, not self._faults, "; ".join([*self._notes, counted]), tuple(self._faults)
        )

    def _compare(self, label: str, excess: float, side: float, floor: float, stated: float,
                 expected: float, at_most: str = "") -> None:  # fmt: skip
        # NaN and infinity are close to nothing.
        if not math.isfinite(excess) or excess > max(floor, self._relative * side, 0.0):
            self.fault(f"{label} is {stated:.12g} instead of {at_most}{expected:.12g}")
            return
        self._count += 1
        if excess > floor:
            self._worst = max(self._worst, excess / side)


def _shown(value: object) -> str:
    return "nothing" if value is None or value == "" else repr(value)
