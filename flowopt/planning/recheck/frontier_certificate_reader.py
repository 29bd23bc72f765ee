"""Reader of the certificate of a comparison, which trusts nothing in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from flowopt.plain_text import shown
from flowopt.planning.recheck.certificate_reader import (
    StatedProof,
    options_of,
    stated_proof,
)
from flowopt.planning.recheck.json_values import (
    MalformedError,
    check_keys,
    check_version,
    number_of,
    number_or_none,
    numbers_of,
    read_json,
    text_of,
    texts_of,
)

RESULT = "frontier"
LIMITS = (None, "time", "nodes", "interrupted")
_KEYS = (
    "certificate", "result", "ties", "budgets", "resources", "include", "exclude", "gap",
    "time_limit", "limit", "options", "solver", "frontiers", "of",
)  # fmt: skip
_SWEEP = ("network", "input_sha256", "objective", "rows", "beyond", "ladder", "crossed", "proofs")
_ROW = ("budget", "status", "bound", "below", "proof")
_SOLVER = ("name", "version", "threads")


@dataclass(frozen=True, slots=True)
class StatedRow:
    """Row of one budget, as stated.

    Attributes
    ----------
    budget : float
        M USD/yr.
    status : str
        ``optimal``, ``limit`` or ``infeasible``.
    bound, below : float or None
        Dual bounds over plans within the budget, and over plans that cost less than the row's:
        the solver's claims.
    proof : StatedProof or None
        Of the row's plan; None where there is none.
    """

    budget: float
    status: str
    bound: float | None
    below: float | None
    proof: StatedProof | None


@dataclass(frozen=True, slots=True)
class StatedSweep:
    """Sweep of one network and objective, as stated.

    Attributes
    ----------
    network, input_sha256, objective, ties
        The network and objective compared.
    rows : tuple of StatedRow
        Budgets rising.
    beyond : float or None
        Dual bound over all plans: the solver's claim.
    ladder : tuple of (float, StatedProof)
        Budgets, rising, and the proof of the rung at each; none where there was no time.
    crossed : bool
        Whether there was time for the cross table.
    proofs : tuple of StatedProof
        Of all plans, the first of no measures.
    """

    network: str
    input_sha256: str
    objective: str
    ties: str | None
    rows: tuple[StatedRow, ...]
    beyond: float | None
    ladder: tuple[tuple[float, StatedProof], ...]
    crossed: bool
    proofs: tuple[StatedProof, ...]

    @property
    def planned(self) -> tuple[tuple[StatedRow, StatedProof], ...]:
        """The rows that have a plan, each with its proof."""
        return tuple((row, row.proof) for row in self.rows if row.proof is not None)

    @property
    def rungs(self) -> dict[float, StatedProof]:
        """The proof of each rung by its budget."""
        return dict(self.ladder)

    @property
    def baseline(self) -> float:
        """The objective without measures, by the first proof."""
        return self.proofs[0].value


@dataclass(frozen=True, slots=True)
class FrontierCertificate:
    """`certificate.json` of a comparison.

    `options` are those of the request, `limit` is the limit that stopped it before every row was
    proved, `of` is the part of the markets that counts, None for all of them.
    """

    ties: str | None
    budgets: tuple[float, ...] | Literal["all"]
    resources: Mapping[str, float]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    gap: float
    time_limit: float | None
    limit: str | None
    options: Mapping[str, Any]
    solver: Mapping[str, str | float]
    frontiers: tuple[StatedSweep, ...]
    of: str | None = None


def read_frontier_certificate(path: Path) -> FrontierCertificate:
    """Return the certificate of a comparison.

    Raises
    ------
    MalformedError
        When the file is missing or malformed.
    """
    return frontier_certificate_of(read_json(path), path.name)


def frontier_certificate_of(raw: dict[str, Any], where: str) -> FrontierCertificate:
    """Return the certificate in a JSON object; `where` names its place.

    Raises
    ------
    MalformedError
        When it is malformed.
    """
    check_version(raw, _KEYS, where)
    if raw["result"] != RESULT:
        raise MalformedError(f"{where}: result is {shown(raw['result'])}, not {shown(RESULT)}")
    if raw["ties"] not in (None, "pessimistic", "optimistic"):
        raise MalformedError(f"{where}: ties {shown(raw['ties'])} can't be verified")
    check_keys(raw["solver"], _SOLVER, f"{where}: solver")
    options, limit = options_of(raw, where), raw.get("limit", "")
    if options is None:
        raise MalformedError(f"{where} lacks options")
    if limit not in LIMITS:
        raise MalformedError(f"{where}: limit {shown(limit)} can't be verified")
    sweeps = _list(raw["frontiers"], f"{where}: frontiers")
    if not sweeps:
        raise MalformedError(f"{where}: frontiers is empty")
    return FrontierCertificate(
        ties=raw["ties"],
        budgets=_budgets(raw["budgets"], f"{where}: budgets"),
        resources=numbers_of(raw["resources"], f"{where}: resources"),
        include=texts_of(raw["include"], f"{where}: include"),
        exclude=texts_of(raw["exclude"], f"{where}: exclude"),
        gap=number_of(raw["gap"], f"{where}: gap"),
        time_limit=number_or_none(raw["time_limit"], f"{where}: time_limit"),
        limit=limit,
        options=options,
        solver={
            "name": text_of(raw["solver"]["name"], f"{where}: solver: name"),
            "version": text_of(raw["solver"]["version"], f"{where}: solver: version"),
            "threads": number_of(raw["solver"]["threads"], f"{where}: solver: threads"),
        },
        frontiers=tuple(
            _sweep(each, raw["ties"], f"{where}: frontiers: {number}")
            for number, each in enumerate(sweeps, start=1)
        ),
        of=None if raw.get("of") is None else text_of(raw["of"], f"{where}: of"),
    )


def _sweep(raw: Any, ties: str | None, where: str) -> StatedSweep:
    check_keys(raw, _SWEEP, where)
    objective = raw["objective"]
    if objective not in ("flow", "profit", "bilevel"):
        raise MalformedError(f"{where}: objective {shown(objective)} can't be verified")
    tied = objective == "bilevel"
    if tied and ties is None:
        raise MalformedError(f"{where}: nothing says how ties are settled")
    proofs = tuple(
        stated_proof(each, f"{where}: proofs: {number}", tied=tied)
        for number, each in enumerate(_list(raw["proofs"], f"{where}: proofs"))
    )
    if not proofs:
        raise MalformedError(f"{where}: there is no proof of the baseline")
    return StatedSweep(
        network=text_of(raw["network"], f"{where}: network"),
        input_sha256=text_of(raw["input_sha256"], f"{where}: input_sha256"),
        objective=objective,
        ties=ties if tied else None,
        rows=tuple(
            _row(each, proofs, f"{where}: rows: {number}")
            for number, each in enumerate(_list(raw["rows"], f"{where}: rows"), start=1)
        ),
        beyond=number_or_none(raw["beyond"], f"{where}: beyond"),
        ladder=tuple(
            _rung(each, proofs, f"{where}: ladder: {number}")
            for number, each in enumerate(_list(raw["ladder"], f"{where}: ladder"), start=1)
        ),
        crossed=_flag(raw["crossed"], f"{where}: crossed"),
        proofs=proofs,
    )


def _row(raw: Any, proofs: tuple[StatedProof, ...], where: str) -> StatedRow:
    check_keys(raw, _ROW, where)
    return StatedRow(
        budget=number_of(raw["budget"], f"{where}: budget"),
        status=text_of(raw["status"], f"{where}: status"),
        bound=number_or_none(raw["bound"], f"{where}: bound"),
        below=number_or_none(raw["below"], f"{where}: below"),
        proof=None if raw["proof"] is None else _proof_at(proofs, raw["proof"], f"{where}: proof"),
    )


def _rung(raw: Any, proofs: tuple[StatedProof, ...], where: str) -> tuple[float, StatedProof]:
    pair = _list(raw, where)
    if len(pair) != 2:
        raise MalformedError(f"{where} is {shown(raw)}, not a budget and the place of a proof")
    return number_of(pair[0], where), _proof_at(proofs, pair[1], where)


def _flag(raw: Any, where: str) -> bool:
    if not isinstance(raw, bool):
        raise MalformedError(f"{where} is {shown(raw)}, not true or false")
    return raw


def _proof_at(proofs: tuple[StatedProof, ...], place: Any, where: str) -> StatedProof:
    if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < len(proofs):
        raise MalformedError(f"{where} is {shown(place)}, not the place of a proof")
    return proofs[place]


def _budgets(raw: Any, where: str) -> tuple[float, ...] | Literal["all"]:
    if raw == "all":
        return "all"
    return tuple(number_of(each, where) for each in _list(raw, where))


def _list(raw: Any, where: str) -> list[Any]:
    if not isinstance(raw, list):
        raise MalformedError(f"{where} is no list")
    return raw
