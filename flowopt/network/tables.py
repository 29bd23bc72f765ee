"""The tables of a network: a tuple of frozen rows each, in file order, and their hash."""

from __future__ import annotations

import dataclasses
import fnmatch
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from operator import attrgetter
from typing import Any, TypeVar

from flowopt.network import schema
from flowopt.overview import Overview, Overviewed, first_line, sizes
from flowopt.plain_text import row_by_row

# Tables that came into the format later: without rows they leave the hash as it was before.
_LATER = frozenset(
    {
        *("earnings", "scenarios", "changes", "ranges"),
        *("periods", "openings", "trends", "campaigns"),
    }
)
# Columns that came later, by table: where a cell is at its default, it is left out likewise.
_LATER_COLUMNS: dict[str, dict[str, object]] = {
    "network": {"scenario": "", "discount": 0.0},
    "measures": {
        **{"setup": 0.0, "lead": 0.0, "lasts": None, "from": "", "until": ""},
        "success": 1.0,
    },
    "effects": {"success": 1.0},
}
_CHAIN = ("commodities", "nodes", "arcs", "supplies", "recipes", "sites", "demands")
_PLANNER = ("measures", "effects", "resources", "uses", "rules", "reforms")
_TIME = ("periods", "openings", "trends", "campaigns")
_ABOUT = ("earnings", "scenarios", "changes", "ranges", "sources")
_encode = json.JSONEncoder(ensure_ascii=False).encode  # made once: a network has many rows
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True, repr=False)
class Tables(Overviewed):
    """All rows of a network, with nothing that needs a check or a file.

    Checks, readers and writers see this much of a `flowopt.network.network.Network`, which has
    the same attributes and describes them.
    """

    info: schema.Info
    commodities: tuple[schema.Commodity, ...] = ()
    nodes: tuple[schema.Node, ...] = ()
    arcs: tuple[schema.Arc, ...] = ()
    supplies: tuple[schema.Supply, ...] = ()
    recipes: tuple[schema.RecipeLine, ...] = ()
    sites: tuple[schema.Site, ...] = ()
    demands: tuple[schema.Demand, ...] = ()
    measures: tuple[schema.Measure, ...] = ()
    effects: tuple[schema.Effect, ...] = ()
    resources: tuple[schema.Resource, ...] = ()
    uses: tuple[schema.Use, ...] = ()
    rules: tuple[schema.Rule, ...] = ()
    reforms: tuple[schema.Reform, ...] = ()
    earnings: tuple[schema.Earning, ...] = ()
    sources: tuple[schema.Source, ...] = ()
    warnings: tuple[str, ...] = field(default=(), compare=False)

    _hashes: list[str] = field(default_factory=list, init=False, repr=False, compare=False)
    # Later fields stand here: a pickle is the values in the order of the fields.
    scenarios: tuple[schema.Scenario, ...] = ()
    changes: tuple[schema.Change, ...] = ()
    ranges: tuple[schema.Range, ...] = ()
    periods: tuple[schema.Period, ...] = ()
    openings: tuple[schema.Opening, ...] = ()
    trends: tuple[schema.Trend, ...] = ()
    campaigns: tuple[schema.Campaign, ...] = ()

    def __setstate__(self, values: Sequence[Any]) -> None:
        """Set the fields of an unpickled network; tables of a later version have no rows."""
        for each, value in zip_longest(dataclasses.fields(self), values, fillvalue=()):
            object.__setattr__(self, each.name, value)  # type: ignore[union-attr]  # never lacking

    def tables(self) -> dict[str, tuple[Any, ...]]:
        """Return every table by name, in the order of the format."""
        return {name: getattr(self, name) for name in schema.TABLES}

    def _overview(self) -> Overview:
        info, tables = self.info, self.tables()
        units = f"{info.mass_unit}, {info.currency}"
        return Overview(
            f"{type(self).__name__} {info.id}: {info.title}",
            (
                ("chain", sizes((name, tables[name]) for name in _CHAIN)),
                ("planner", sizes((name, tables[name]) for name in _PLANNER)),
                ("time", sizes((name, tables[name]) for name in _TIME)),
                ("about", sizes((name, tables[name]) for name in _ABOUT)),
                ("units", units + (f"; {info.period}" if info.period else "")),
                ("warnings", first_line(self.warnings)),
            ),
        )

    @property
    def sha256(self) -> str:
        """Hash of the content of all tables, whatever file format it came from."""
        if not self._hashes:
            self._hashes.append(self._hash_of_tables())  # once: it takes a while
        return self._hashes[0]

    def _hash_of_tables(self) -> str:
        digest = hashlib.sha256()
        content = {"network": [self.info], **self.tables()}
        for name, rows in content.items():
            if not rows and name in _LATER:
                continue
            digest.update(f"{name}\n".encode())
            later = _LATER_COLUMNS.get(name, {})
            names = [*schema.defaults(type(rows[0]))] if rows else []
            names = [each for each in names if each not in later]
            cells = attrgetter(*names, "__class__")  # never a single one: always a tuple
            # Asked for by the name of its field, since the way round takes longer than the hash.
            added = [(n, schema.field_of(n), blank) for n, blank in later.items()]
            values = []
            for row in rows:
                more = [(n, v) for n, place, blank in added if (v := getattr(row, place)) != blank]
                values.append((*cells(row)[:-1], *more))
            if values:
                digest.update((row_by_row(_encode, values, "[]", "\n") + "\n").encode())
        return digest.hexdigest()

    @property
    def market_commodities(self) -> frozenset[str]:
        """The commodities that some market buys, which count when tonnes of the trade are added."""
        return frozenset(demand.commodity for demand in self.demands)

    @property
    def pools(self) -> dict[str, tuple[schema.Site | schema.Demand, ...]]:
        """The rows of each pool, in file order; pool ids are one namespace."""
        found: dict[str, list[schema.Site | schema.Demand]] = {}
        rows: tuple[schema.Site | schema.Demand, ...] = (*self.sites, *self.demands)
        for row in rows:
            if row.pool:
                found.setdefault(row.pool, []).append(row)
        return {pool: tuple(rows) for pool, rows in found.items()}


TablesT = TypeVar("TablesT", bound=Tables)  # the class that a reader or a check returns


def matches(target: str, ids: Mapping[str, Any] | Iterable[str]) -> list[str]:
    """Return the ids that `target` names: itself, or all that it matches as a glob.

    An id that is written out wins over its reading as a glob.

    >>> matches("A_*", ["A_1", "B_1", "A_2"])
    ['A_1', 'A_2']
    """
    known = ids if isinstance(ids, Mapping) else dict.fromkeys(ids)
    if target in known:
        return [target]
    if not _GLOB.search(target):
        return []
    pattern = re.compile(fnmatch.translate(target))
    return [name for name in known if pattern.match(name)]
