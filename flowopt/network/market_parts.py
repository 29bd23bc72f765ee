"""Parts of the markets: the demands of a continent, a country, a market or a commodity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from flowopt.errors import RequestError
from flowopt.network import schema
from flowopt.network.tables import Tables
from flowopt.similar_names import closest

PartKind = Literal["continent", "country", "market", "commodity"]
KINDS: tuple[PartKind, ...] = get_args(PartKind)
_ANY = "continent, country, market or commodity"
_SHOWN = 6  # names of a message


@dataclass(frozen=True, slots=True)
class MarketPart:
    """A part of the markets.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    key : str
        The continent or country as `nodes.csv` has it, the node of a market, or the commodity.
    name : str
        Its name for people: the node's or commodity's own, else the key.
    demands : frozenset of int
        Rows of the demands that belong to it.
    """

    kind: PartKind
    key: str
    name: str
    demands: frozenset[int]

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"

    @property
    def can_reach(self) -> str:
        """Verb and place of what the trafficker can bring there."""
        verb = "be delivered of" if self.kind == "commodity" else "reach"
        return f"can {verb} {self.name}"

    @property
    def reach(self) -> str:
        """Phrase for the most that the trafficker can bring there."""
        return f"what {self.can_reach}"

    @property
    def deliveries(self) -> str:
        """Phrase for what the trafficker brings there."""
        return f"deliveries {'of' if self.kind == 'commodity' else 'to'} {self.name}"


def part_of(network: Tables, words: str) -> MarketPart:
    """Return the part of the markets that somebody named.

    Parameters
    ----------
    network
        The network.
    words
        An id or a name, in any case, such as ``Europe``; its kind may stand before it, as in
        ``market:es``.

    Raises
    ------
    RequestError
        When nothing has that name, or several things that differ in their demands have it.

    Examples
    --------
    >>> import flowopt
    >>> str(part_of(flowopt.read_network("networks/peru-2014"), "europe"))
    'continent:Europe'
    """
    kinds, name = _split(words)
    parts = [part for part in _parts(network) if part.kind in kinds]
    found = [part for part in parts if name in (part.key, part.name)]
    if not found:
        folded = name.casefold()
        found = [p for p in parts if folded in (p.key.casefold(), p.name.casefold())]
    if not found:
        raise RequestError(_unknown(parts, kinds, name))
    if len({part.demands for part in found}) > 1:
        raise RequestError(_several(name, found))
    return found[-1]  # as narrow a word as there is for the same demands


def one_part(networks: Iterable[Tables], words: str) -> str:
    """Return the part that somebody named, which is the same in every network.

    Raises
    ------
    RequestError
        As for `part_of`, or when it is another kind of part in one network than in another.
    """
    found = list(dict.fromkeys(str(part_of(network, words)) for network in networks))
    if len(found) > 1:
        raise RequestError(
            f"'{words}' is {' in one network and '.join(found)} in another: write its kind and id"
        )
    return found[0]


def _split(words: str) -> tuple[tuple[PartKind, ...], str]:
    """Return the kinds that a word may be of, and the word."""
    before, colon, name = words.partition(":")
    named: tuple[PartKind, ...] = tuple(k for k in KINDS if k == before.strip().casefold())
    return (named, name.strip()) if colon and named else (KINDS, words.strip())


def _parts(network: Tables) -> Iterator[MarketPart]:
    """Yield every part of the markets, by kind."""
    nodes: dict[str, schema.Node] = {row.node: row for row in network.nodes}
    names = {row.commodity: row.name for row in network.commodities}
    for kind in KINDS:
        rows: dict[str, list[int]] = {}
        for i, demand in enumerate(network.demands):
            node = nodes[demand.node]
            keys = (node.continent, node.country, demand.node, demand.commodity)
            rows.setdefault(keys[KINDS.index(kind)], []).append(i)
        for key, demands in rows.items():
            if key:
                name = names[key] if kind == "commodity" else key
                name = nodes[key].name if kind == "market" else name
                yield MarketPart(kind, key, name or key, frozenset(demands))


def _unknown(parts: list[MarketPart], kinds: tuple[PartKind, ...], name: str) -> str:
    """Return that a word names nothing that is delivered to, with what comes near."""
    what = _ANY if kinds == KINDS else kinds[0]
    text = name.casefold()
    near = [p for p in parts if text and text in f"{p.key}\n{p.name}".casefold()]
    if not near:
        words = {word: part for part in parts for word in (part.key, part.name)}
        close = closest(name, words)
        near = [] if close is None else [words[close]]
    message = f"no {what} with a demand is called '{name}'"
    if near:
        return f"{message}; did you mean {_choices(near)}?"
    return f"{message}; there are {_choices([p for p in parts if p.kind == parts[0].kind])}"


def _several(name: str, found: list[MarketPart]) -> str:
    return f"'{name}' is the name of several parts of the markets: write {_choices(found)}"


def _choices(parts: list[MarketPart]) -> str:
    """Return parts as they can be written, the first few of them."""
    listed = [
        str(part) if part.name == part.key else f"{part} ({part.name})" for part in parts[:_SHOWN]
    ]
    more = len(parts) - len(listed)
    return " or ".join(listed) + (f", or one of {more} more" if more else "")
