"""Page of a result: one self-contained HTML file that opens without a network.

Everything the page needs stands in it: the script of plotly, ours, the style, the data. A content
security policy allows these scripts, by their hashes, and nothing else; so nothing is fetched and
no name from the planner's files could run even if it got into the page unescaped.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module, resources
from typing import Any

from flowopt._version import __version__
from flowopt.errors import RequestError
from flowopt.plain_text import plain_number
from flowopt.report.figure_data import goods_of, map_data, printable, sankey_data, sankey_rows
from flowopt.report.headline import answer, certainty, data_sentences, figures
from flowopt.report.map import Picture, picture_of
from flowopt.report.quality import DEFINITION, GRADES, Quality, quality_of
from flowopt.report.rerun_command import options_of_plan, report_command, rerun_command
from flowopt.report.result_reader import Record, StoredResult, number
from flowopt.report.units import Units

_FORBIDDEN = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028",
              "\u2029": "\\u2029"}  # fmt: skip
_THIN = 0.01  # of all deliveries: thinner bands are left out on paper
_BY = {
    "mode": ("By mode", "tonnes on legs of each mode; a tonne counts on every leg"),
    "exit": ("By exit", "tonnes that leave a country with growing areas, by where they leave"),
    "country": ("By country of the market", "tonnes delivered"),
    "continent": ("By continent of the market", "tonnes delivered"),
    "market": ("By market", "tonnes delivered"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """Row of a table with bars: name, before and after, and both as shares of the longest."""

    name: str
    before: float
    after: float
    left: float
    right: float

    @property
    def change(self) -> float:
        """After minus before."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class BarTable:
    """Table with bars."""

    key: str
    title: str
    counted: str
    rows: tuple[Bar, ...]


def page_of(result: StoredResult, *, place: str, folder: str) -> str:
    """Return the page of a result as text.

    Parameters
    ----------
    result
        The result.
    place, folder
        Paths of the network and the result, for the commands shown.

    Raises
    ------
    RequestError
        When the extra `report` is not installed.
    """
    picture, quality = picture_of(result), quality_of(result)
    units = Units(result.network, result.certificate.objective)
    data = {
        "map": map_data(result, picture) if picture.nodes else None,
        "sankey": sankey_data(result),
    }
    return render(
        "result.html",
        data,
        network=result.network,
        summary=result.summary,
        units=units,
        answer=answer(result.summary, units),
        certainty=certainty(result.summary, units, result.beside),
        figures=figures(result.summary, units),
        quality=list(data_sentences(quality)),
        definition=DEFINITION,
        measures=list(_measures(result, quality)),
        bars=[*_bars(result)],
        following=[
            {**row, "cost": number(row["cost"]), "adds": number(row["adds"])}
            for row in result.following
        ],
        organisations=[_earned(row) for row in result.organisations],
        goods=[name for name, _ in goods_of(result, picture)],
        views=_views(picture),
        picture=picture,
        sankey=sankey_rows(result),
        thin=_THIN * sum(number(row["before"]) for row in result.markets),
        grades=GRADES,
        sources=_sources(result),
        whole="options" in result.summary,
        commands=[
            solve_command(result, place),
            report_command(folder, place),
        ],
        uses=_uses(result),
    )


def solve_command(result: StoredResult, place: str) -> str:
    """Return the command that repeats a request, as far as its files record it."""
    verb = "evaluate" if result.certificate.result == "evaluation" else "solve"
    options = result.summary.get("options") or options_of_plan(result.network, result.certificate)
    return rerun_command(verb, place, options)


def render(template: str, data: dict[str, Any], **values: Any) -> str:
    """Return a page from a template, the data of its figures, and its values.

    Raises
    ------
    RequestError
        When the extra `report` is not installed.
    """
    jinja2, plotly = needed("jinja2"), needed("plotly")
    scripts = [
        (resources.files(plotly) / "package_data" / "plotly.min.js").read_text(encoding="utf-8"),
        _ours("page.js"),
    ]
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_ours),
        autoescape=True,
        finalize=_printable,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["amount"] = amount
    environment.filters["signed"] = signed
    environment.filters["plain"] = plain_number
    # In a page, \r\n becomes \n before the browser hashes; and no script may end the element.
    scripts = [script.replace("\r\n", "\n").replace("</script", "<\\/script") for script in scripts]
    policy = " ".join(f"'sha256-{_hash(script)}'" for script in scripts)
    text: str = environment.get_template(template).render(
        **values,
        style=jinja2_safe(jinja2, _ours("page.css")),
        scripts=[jinja2_safe(jinja2, script) for script in scripts],
        policy=jinja2_safe(jinja2, policy),
        data=jinja2_safe(jinja2, in_script(data)),
        version=__version__,
    )
    return text


def _printable(value: Any) -> Any:
    """Return a value for the page, texts without invisible characters."""
    return printable(value) if type(value) is str else value  # HTML of ours is of another type


def jinja2_safe(jinja2: Any, text: str) -> Any:
    """Mark a text of ours as HTML."""
    return jinja2.utils.markupsafe.Markup(text)


def needed(name: str) -> Any:
    """Return a package of the extra `report`.

    Raises
    ------
    RequestError
        When it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise RequestError(
            f"a report needs {name}, which is not installed: pip install 'flowopt[report]'"
        ) from error


def in_script(data: Any) -> str:
    r"""Return data as JSON that may stand inside a script element.

    >>> print(in_script("</script>&"))
    "\u003c/script\u003e\u0026"
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for letter, code in _FORBIDDEN.items():
        text = text.replace(letter, code)
    return text


def amount(value: float) -> str:
    """Return a number for a table.

    >>> amount(1234.56), amount(0.04), amount(0.0)
    ('1,234.6', '0.04', '0.0')
    """
    return f"{value:,.2f}" if 0.0 < abs(value) < 0.1 else f"{value + 0.0:,.1f}"


def signed(value: float) -> str:
    """Return a change for a table, a dash for none.

    >>> signed(12.34), signed(-12.34) == chr(0x2212) + "12.3"
    ('+12.3', True)
    """
    if abs(value) < 0.005:
        return "\u2013"
    return ("+" if value > 0.0 else "\u2212") + amount(abs(value))


def _ours(name: str) -> str:
    return resources.files("flowopt.report").joinpath("page", name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


# -- the tables -----------------------------------------------------------------------------------


def _measures(result: StoredResult, quality: Quality) -> Iterator[dict[str, Any]]:
    for row in result.plan:
        basis = quality.basis[row["measure"]]
        yield {
            "rank": int(row["rank"]),
            "id": row["measure"],
            "name": row["name"],
            "kind": row["kind"],
            "cost": number(row["cost"]),
            "lost": number(row["lost_if_dropped"]) if row["lost_if_dropped"] else None,
            "grade": basis.grade,
            "sources": basis.sources,
        }


def _bars(result: StoredResult) -> Iterator[BarTable]:
    names = {node.node: node.name for node in result.network.nodes}
    for by, (title, counted) in _BY.items():
        if by == "market":
            counts = list(_markets(result.markets))
        else:
            counts = [
                (names.get(row["key"], row["key"]) if by == "exit" else row["key"],
                 number(row["before"]), number(row["after"]))
                for row in result.displacement
                if row["by"] == by
            ]  # fmt: skip
        counts = [row for row in counts if max(row[1:]) > 0.0]
        most = max((max(row[1:]) for row in counts), default=1.0)
        rows = [
            Bar(name, before, after, 100.0 * before / most, 100.0 * after / most)
            for name, before, after in sorted(counts, key=lambda row: -max(row[1:]))
        ]
        if rows:
            yield BarTable(by, title, counted, tuple(rows))


def _markets(rows: Iterable[Record]) -> Iterator[tuple[str, float, float]]:
    """Yield each market with all its commodities together."""
    sums: dict[str, tuple[str, float, float]] = {}
    for row in rows:
        _, before, after = sums.get(row["node"], ("", 0.0, 0.0))
        sums[row["node"]] = (
            row["name"],
            before + number(row["before"]),
            after + number(row["after"]),
        )
    yield from sums.values()


def _earned(row: Record) -> dict[str, Any]:
    share = row["change_share"]
    return {
        "name": row["organisation"],
        "before": number(row["before"]),
        "after": number(row["after"]),
        "change": number(row["change"]),
        "share": float(share) if share else None,
    }


def _uses(result: StoredResult) -> list[str]:
    """Return phrases for the plan's use of other resources."""
    about = {row.resource: row for row in result.network.resources}
    phrases = []
    for name, used in result.summary.get("used", {}).items():
        if used > 0.0:
            limit = result.certificate.resources.get(name)
            of = "" if limit is None else f" of {plain_number(limit)}"
            row = about.get(name)
            unit = f" {row.unit}" if row and row.unit else ""
            phrases.append(f"{row.name if row else name}: {plain_number(used)}{of}{unit}")
    return phrases


def _views(picture: Picture) -> list[tuple[str, str]]:
    """Return the views of the map: a key and its label."""
    views = [("world", "Everything")]
    if picture.source != picture.world and picture.source_name:
        views.append(("source", picture.source_name))
    return views


def _sources(result: StoredResult) -> list[dict[str, Any]]:
    """Return the sources; only a web address becomes a link."""
    return [
        {
            "id": row.source,
            "title": row.title,
            "address": row.address,
            "link": row.address.lower().startswith(("http://", "https://")),
            "how": row.how,
            "grade": row.grade or "",
            "note": row.note,
        }
        for row in result.network.sources
    ]
