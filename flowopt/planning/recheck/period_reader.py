"""Reader of the certificate of a result over periods, which trusts nothing in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from flowopt.plain_text import shown
from flowopt.planning.recheck.arithmetic import Names
from flowopt.planning.recheck.certificate_reader import (
    StatedProof,
    claim_of,
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
from flowopt.planning.recheck.luck_reader import acting_fields, outcome_fields
from flowopt.planning.recheck.stated_over_time import (
    StatedAlternative,
    StatedCampaign,
    StatedDropped,
    StatedOutcomeOverTime,
    StatedOverTime,
    StatedRents,
    StatedResponse,
    TimeCertificate,
)

_UNDER_LUCK = "luck_campaigns"
_LUCK_SCHEDULE = "luck_schedule"
KINDS = ("schedule", _LUCK_SCHEDULE, "campaigns", _UNDER_LUCK, "response_over_time")
_HEAD = ("certificate", "result", "network", "input_sha256", "objective", "ties", "options")
_REQUEST = ("budget", "carry", "resources")
_SCHEDULE = (*_HEAD, *_REQUEST, "target", "include", "exclude", "bought", "claim", "before",
             "after", "dropped", "alternatives")  # fmt: skip
_KEYS: Mapping[str, tuple[str, ...]] = {
    "schedule": _SCHEDULE,
    _LUCK_SCHEDULE: (*_SCHEDULE, "outcomes"),
    "campaigns": (*_HEAD, *_REQUEST, "before", "campaigns"),
    _UNDER_LUCK: (*_HEAD, *_REQUEST, "before", "campaigns"),
    "response_over_time": (*_HEAD, "response"),
}  # fmt: skip


def read_time_certificate(path: Path) -> TimeCertificate:
    """Return the certificate of a result over periods.

    Raises
    ------
    MalformedError
        When the file is missing or malformed.
    """
    raw, where = read_json(path), path.name
    if raw.get("result") not in KINDS:
        raise MalformedError(
            f"{where}: result is {shown(raw.get('result'))}, none of {', '.join(KINDS)}"
        )
    kind: str = raw["result"]
    check_version(raw, _KEYS[kind], where)
    if raw["objective"] not in ("flow", "profit", "bilevel"):
        raise MalformedError(f"{where}: objective {shown(raw['objective'])} can't be verified")
    settled = ("pessimistic", "optimistic") if raw["objective"] == "bilevel" else (None,)
    if raw["ties"] not in settled:
        raise MalformedError(f"{where}: ties {shown(raw['ties'])} can't be verified")
    if not isinstance(raw.get("options"), dict):
        raise MalformedError(f"{where}: options is no object with names")
    response = partial(_response, tied=raw["objective"] == "bilevel")
    head = {
        "result": kind.removeprefix("luck_"),
        "network": text_of(raw["network"], f"{where}: network"),
        "input_sha256": text_of(raw["input_sha256"], f"{where}: input_sha256"),
        "objective": raw["objective"],
        "ties": raw["ties"],
        "options": raw["options"],
    }
    if kind == "response_over_time":
        return TimeCertificate(**head, before=response(raw["response"], f"{where}: response"))
    if not isinstance(raw["carry"], bool):
        raise MalformedError(f"{where}: carry is neither true nor false")
    head |= {
        "budget": _budget(raw["budget"], f"{where}: budget"),
        "carry": raw["carry"],
        "resources": numbers_of(raw["resources"], f"{where}: resources"),
        "before": response(raw["before"], f"{where}: before"),
    }
    if head["result"] == "campaigns":
        luck, tied = kind == _UNDER_LUCK, raw["objective"] == "bilevel"
        if not isinstance(raw["campaigns"], list):
            raise MalformedError(f"{where}: campaigns is no list")
        return TimeCertificate(
            **head,
            under_luck=luck,
            campaigns=tuple(
                _campaign(each, f"{where}: campaign {number}", luck=luck, tied=tied)
                for number, each in enumerate(raw["campaigns"], start=1)
            ),
        )
    if not isinstance(raw["dropped"], dict):
        raise MalformedError(f"{where}: dropped is no object with names")
    after = None if raw["after"] is None else response(raw["after"], f"{where}: after")
    known = {} if after is None else after.open.periods
    tied = raw["objective"] == "bilevel"
    under_luck = kind == _LUCK_SCHEDULE
    if under_luck and after is None:
        raise MalformedError(f"{where}: after is missing")
    if under_luck and after is not None:
        more: dict[str, Any] = {
            "outcomes": tuple(_outcomes(raw["outcomes"], where, after, tied=tied)),
            "dropped_outcomes": {
                name: tuple(_dropped(each, f"{where}: dropped: {name}", tied=tied, known=known))
                for name, each in raw["dropped"].items()
            },
        }
    else:
        more = {
            "dropped": {
                name: _over_time(each, f"{where}: dropped: {name}", tied=tied, known=known)
                for name, each in raw["dropped"].items()
            }
        }
    return TimeCertificate(
        **head,
        **more,
        under_luck=under_luck,
        target=number_or_none(raw["target"], f"{where}: target"),
        include=texts_of(raw["include"], f"{where}: include"),
        exclude=texts_of(raw["exclude"], f"{where}: exclude"),
        bought=texts_of(raw["bought"], f"{where}: bought"),
        claim=claim_of(raw["claim"], f"{where}: claim"),
        after=after,
        alternatives=tuple(
            _alternatives_under_luck(raw["alternatives"], where, after, tied=tied)
            if under_luck and after is not None
            else _alternatives(raw["alternatives"], where, tied=tied, known=known)
        ),
    )


def _alternatives_under_luck(
    raw: Any, where: str, known: StatedResponse, *, tied: bool
) -> Iterator[StatedAlternative]:
    if not isinstance(raw, list):
        raise MalformedError(f"{where}: alternatives is no list")
    for rank, each in enumerate(raw, start=1):
        about = f"{where}: alternative {rank}"
        check_keys(each, ("bought", "open", "closed", "outcomes"), about)
        pair = {"open": each["open"], "closed": each["closed"]}
        response = _response(pair, about, tied=tied, known=known)
        yield StatedAlternative(
            texts_of(each["bought"], f"{about}: bought"),
            response.open,
            response.closed,
            tuple(_outcomes(each["outcomes"], about, response, tied=tied)),
        )


def _dropped(
    raw: Any, where: str, *, tied: bool, known: Mapping[str, StatedProof]
) -> Iterator[StatedDropped]:
    if not isinstance(raw, list):
        raise MalformedError(f"{where} is no list")
    for number, each in enumerate(raw, start=1):
        about = f"{where}: outcome {number}"
        fields = acting_fields(
            each, about, "probability", proof=partial(_over_time, tied=tied, known=known)
        )
        chance = number_of(each["probability"], f"{about}: probability")
        yield StatedDropped(probability=chance, **fields)


def _alternatives(
    raw: Any, where: str, *, tied: bool, known: Mapping[str, StatedProof]
) -> Iterator[StatedAlternative]:
    if not isinstance(raw, list):
        raise MalformedError(f"{where}: alternatives is no list")
    for rank, each in enumerate(raw, start=1):
        about = f"{where}: alternative {rank}"
        check_keys(each, ("bought", "proof"), about)
        yield StatedAlternative(
            texts_of(each["bought"], f"{about}: bought"),
            _over_time(each["proof"], about, tied=tied, known=known),
        )


def _budget(raw: Any, where: str) -> float | dict[str, float] | None:
    return numbers_of(raw, where) if isinstance(raw, dict) else number_or_none(raw, where)


def _campaign(raw: Any, where: str, *, luck: bool, tied: bool) -> StatedCampaign:
    keys = ("campaign", "breaks", "status", "bound", "bought", "open", "closed")
    check_keys(raw, (*keys, *(("outcomes",) if luck else ())), where)
    response = _response({"open": raw["open"], "closed": raw["closed"]}, where, tied=tied)
    return StatedCampaign(
        campaign=text_of(raw["campaign"], f"{where}: campaign"),
        breaks=text_of(raw["breaks"], f"{where}: breaks"),
        status=text_of(raw["status"], f"{where}: status"),
        bound=number_or_none(raw["bound"], f"{where}: bound"),
        bought=texts_of(raw["bought"], f"{where}: bought"),
        response=response,
        outcomes=tuple(_outcomes(raw["outcomes"], where, response, tied=tied)) if luck else (),
    )


def _outcomes(
    raw: Any, where: str, known: StatedResponse, *, tied: bool
) -> Iterator[StatedOutcomeOverTime]:
    """Yield what may work; periods that its proofs leave out are as when all works."""
    if not isinstance(raw, list):
        raise MalformedError(f"{where}: outcomes is no list")
    for number, each in enumerate(raw, start=1):
        about, key = f"{where}: outcome {number}", "value_without_openings"
        fields = outcome_fields(each, about, key, proof=partial(_response, tied=tied, known=known))
        yield StatedOutcomeOverTime(
            response=fields.pop("proof"),
            closed_value=number_or_none(each[key], f"{about}: {key}"),
            **fields,
        )


def _response(
    raw: Any, where: str, *, tied: bool, known: StatedResponse | None = None
) -> StatedResponse:
    check_keys(raw, ("open", "closed"), where)
    opened = {} if known is None else known.open.periods
    shut = {} if known is None else known.closed.periods
    return StatedResponse(
        _over_time(raw["open"], f"{where}: open", tied=tied, known=opened),
        _over_time(raw["closed"], f"{where}: closed", tied=tied, known=shut),
    )


def _over_time(
    raw: Any, where: str, *, tied: bool, known: Mapping[str, StatedProof]
) -> StatedOverTime:
    """Return a proof over periods; those that it leaves out are as they are known."""
    second = ("rate", "tie") if tied else ()
    check_keys(raw, ("measures", "value", "periods", "opened", "rents", *second), where)
    if not isinstance(raw["periods"], dict):
        raise MalformedError(f"{where}: periods is no object with names")
    stated = {
        name: stated_proof(each, f"{where}: {name}", tied=tied)
        for name, each in raw["periods"].items()
    }
    return StatedOverTime(
        measures=texts_of(raw["measures"], f"{where}: measures"),
        value=number_of(raw["value"], f"{where}: value"),
        periods={**known, **stated},
        opened=_rows(raw["opened"], f"{where}: opened"),
        rents=_rents(raw["rents"], f"{where}: rents"),
        rate=number_of(raw["rate"], f"{where}: rate") if tied else 0.0,
        tie=_rents(raw["tie"], f"{where}: tie") if tied else None,
    )


def _rents(raw: Any, where: str) -> StatedRents:
    check_keys(raw, ("most", "limit"), where)
    limit = _rows(raw["limit"], f"{where}: limit", dated=False)
    return StatedRents(
        _rows(raw["most"], f"{where}: most"), {place: rent for (place, _), rent in limit.items()}
    )


def _rows(raw: Any, where: str, *, dated: bool = True) -> dict[tuple[Names, str], float]:
    """Return the numbers of capacities, (on, id, commodity) and perhaps a period."""
    size = 4 if dated else 3
    if not isinstance(raw, list):
        raise MalformedError(f"{where} is no list")
    found: dict[tuple[Names, str], float] = {}
    for row in raw:
        if not isinstance(row, list) or len(row) != size + 1:
            raise MalformedError(f"{where}: {shown(row)} is not {size} names and a number")
        on, name, commodity, *period = texts_of(row[:-1], where)
        place = (on, name, *([commodity] if commodity else []))
        key = (place, "".join(period))
        if key in found:
            raise MalformedError(f"{where}: {' '.join(row[:-1])} stands twice")
        found[key] = number_of(row[-1], where)
    return found
