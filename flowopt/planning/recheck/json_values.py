"""Values of JSON files, each as what it must be, or refused with its place."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flowopt.plain_text import shown
from flowopt.reading import input_json

VERSION = 1  # of the certificate, as this verification reads it
# Keys that certificates of earlier versions lack, or those about all markets.
_OPTIONAL = frozenset({"options", "limit", "of", "own", "served"})


class MalformedError(Exception):
    """Malformed file of a result."""


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file.

    Raises
    ------
    MalformedError
        When the file is missing, is no JSON, or holds NaN or infinity.
    """
    try:
        raw = input_json(path, constant=_refuse)
    except OSError as error:
        raise MalformedError(f"{path.name} can't be read: {error.strerror}") from error
    except ValueError as error:
        raise MalformedError(f"{path.name} is not sound JSON: {error}") from error
    if not isinstance(raw, dict):
        raise MalformedError(f"{path.name} is no object with names")
    return raw


def label(names: Iterable[str]) -> str:
    """Return names as one label."""
    return " ".join(names)


def check_keys(raw: Any, keys: tuple[str, ...], where: str) -> None:
    """Refuse any value but an object with just these keys."""
    if not isinstance(raw, dict):
        raise MalformedError(f"{where} is no object with names")
    wrong = [f"lacks {key}" for key in keys if key not in raw and key not in _OPTIONAL]
    wrong += [f"has an unknown {key}" for key in raw if key not in keys]
    if wrong:
        raise MalformedError(f"{where} {', '.join(wrong)}")


def check_version(raw: dict[str, Any], keys: tuple[str, ...], where: str) -> None:
    """Refuse a certificate of another version, or with other keys."""
    if raw.get("certificate") != VERSION:
        raise MalformedError(
            f"{where} is of version {shown(raw.get('certificate'))}; this flowopt reads {VERSION}"
        )
    check_keys(raw, keys, where)


def number_of(raw: Any, where: str) -> float:
    """Return a finite number."""
    sound = isinstance(raw, int | float) and not isinstance(raw, bool)
    try:
        number = float(raw) if sound else math.nan
    except OverflowError:  # a whole number beyond all floats
        number = math.inf
    if not math.isfinite(number):
        raise MalformedError(f"{where} is {shown(raw)}, not a number")
    return number


def number_or_none(raw: Any, where: str) -> float | None:
    """Return a number, or None for null."""
    return None if raw is None else number_of(raw, where)


def numbers_of(raw: Any, where: str) -> dict[str, float]:
    """Return the numbers of an object, by name."""
    if not isinstance(raw, dict):
        raise MalformedError(f"{where} is no object with names")
    return {name: number_of(value, f"{where}: {name}") for name, value in raw.items()}


def text_of(raw: Any, where: str) -> str:
    """Return a text."""
    if not isinstance(raw, str):
        raise MalformedError(f"{where} is {shown(raw)}, not a text")
    return raw


def texts_of(raw: Any, where: str) -> tuple[str, ...]:
    """Return a list of ids."""
    if not isinstance(raw, list) or not all(isinstance(entry, str) for entry in raw):
        raise MalformedError(f"{where} is {shown(raw)}, not a list of ids")
    return tuple(raw)


def _refuse(text: str) -> float:
    raise ValueError(f"{text} is no number")
