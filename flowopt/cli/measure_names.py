"""Measures named on the command line: ids, or parts of names that only one measure has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from flowopt.errors import RequestError
from flowopt.plain_text import visible

if TYPE_CHECKING:
    from flowopt.network.network import Network

_SHOWN = 6  # measures of a message


def measures_of(
    networks: Iterable[Network], words: Sequence[str], option: str, *, quiet: bool
) -> list[str]:
    """Return the ids of measures that somebody named; print which a part of a name stood for.

    A word that is neither stays as it is: the library says what is wrong with it. With periods, a
    word may end in one of them, as ``strip@2016``.

    Raises
    ------
    RequestError
        When a part of a name is in those of several measures.
    """
    networks = list(networks)
    names = {row.measure: row.name for network in networks for row in network.measures}
    over_time = any(network.periods for network in networks)
    ids = []
    for given in words:
        whole = given in names or not over_time or "@" not in given
        word, at, period = (given, "", "") if whole else given.rpartition("@")
        found = [word] if word in names else _named(names, word)
        if len(found) > 1:
            raise RequestError(_several(names, word, found, option))
        ids.append(f"{found[0]}{at}{period}" if found else given)
        if found and found[0] != word and not quiet:
            taken = f"{option} '{word}' is {found[0]}: {names[found[0]]}"
            click.echo(visible(taken), err=True)
    return ids


def _named(names: dict[str, str], word: str) -> list[str]:
    """Return the ids of the measures whose name is this, or else holds every part of it."""
    text = word.casefold()
    whole = [key for key, name in names.items() if name.casefold() == text]
    parts = text.split()
    return whole or [
        key for key, name in names.items() if all(part in name.casefold() for part in parts)
    ]


def _several(names: dict[str, str], word: str, found: Sequence[str], option: str) -> str:
    listed = "\n".join(f"  {key}  {names[key]}" for key in found[:_SHOWN])
    more = f"\n  and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return (
        f"{option} '{word}' is in the names of {len(found)} measures; give an id, or more of the "
        f"name:\n{listed}{more}"
    )
