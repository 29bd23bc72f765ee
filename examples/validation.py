"""Peru as the model has it beside what was seen: `docs/validation.md`, made again by one command.

    python examples/validation.py [--check]

Each event that the networks of Peru can express is put to a trafficker who ships for profit, and
set beside what sources report (`history_of_peru.csv`). `--check` says whether the page is up to
date.

What one learns: which answers of such a model to lean on. Directions along its own legs come true;
sizes, times and places that nobody drew do not.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import flowopt

ROOT = Path(__file__).resolve().parents[1]
PAGE, PICTURE = ROOT / "docs" / "validation.md", ROOT / "docs" / "pictures" / "validation.svg"
CLOSED = ("m22", "m23", "m28")  # strips of the VRAEM, and its sky
MET = (*CLOSED, "m29", "m31")  # and radars and interception
YIELD = {"F_AH": 2.166}  # t/ha; 1.28 elsewhere
VALLEY = ("F_ENE", "F_PICH", "F_SFRA", "F_VIZC")


def exits(network: flowopt.Network, plan: tuple[str, ...]) -> tuple[float, dict[str, float]]:
    """Return the tonnes delivered, and the share of each mode in what leaves Peru."""
    country = {row.node: row.country for row in network.nodes}
    legs = {row.arc: row for row in network.arcs}
    found = flowopt.respond(network, list(plan), objective="bilevel")
    out = Counter[str]()
    for row in found.flows:
        leg = legs[row.arc]
        goods = row.commodity in ("base", "hcl")
        if goods and country[leg.tail] == "Peru" and country[leg.head] != "Peru":
            out[leg.mode] += row.flow
    return found.delivered, {mode: flow / out.total() for mode, flow in out.items()}


def opened_fields(network: flowopt.Network) -> tuple[Counter[str], str]:
    """Return the hectares opened in each area from 2015 on, and the year of the first of them."""
    hectares, years = Counter[str](), list[str]()
    for row in flowopt.respond_over_time(network, objective="profit").openings:
        if row.on == "supply" and row.opened > 1e-6:
            hectares[row.id] += row.opened / YIELD.get(row.id, 1.28)
            years.append(row.period)
    return hectares, min(years, default="never")


def modelled() -> Iterator[tuple[str, str, float]]:
    """Yield event, what it moved, and by how much in the model."""
    peru = flowopt.read_network(ROOT / "networks" / "peru-2014")
    before, share = exits(peru, ())
    after, _ = exits(peru, CLOSED)
    yield "no-fly zone and strips (2015)", "change of what arrives", 100.0 * (after / before - 1.0)
    _, then = exits(peru, MET)
    for mode in ("air", "sea"):
        change = 100.0 * (then[mode] - share[mode])
        yield "interception (2016 and 2017)", f"change of the share by {mode}", change
    clearing = next(row for row in peru.effects if row.measure == "m01")
    net = clearing.uptime * (1.0 - clearing.corruption)
    yield "clearing (2012 to 2016)", "net hectares for each cleared", net
    yield "clearing (2012 to 2014)", "fields elsewhere for each hectare lost", 0.0
    cheap = [
        dataclasses.replace(row, cost=0.52 * row.cost) if row.commodity.startswith("leaf") else row
        for row in peru.supplies
    ]
    there, _ = exits(peru.replace(supplies=cheap), ())
    yield "leaf cheaper by 48% (2016)", "change of what arrives", 100.0 * (there / before - 1.0)
    later = flowopt.read_network(ROOT / "networks" / "peru-2015-2019")
    hectares, _ = opened_fields(later)
    for row in later.supplies:
        if row.node.startswith("F_") and row.node in {each.target for each in later.openings}:
            yield "fields (2014 to 2019)", f"growth in {row.node}", hectares[row.node]
    yield "fields (2014 to 2019)", "growth in VRAEM", sum(hectares[node] for node in VALLEY)


def verdict(said: float, low: float, high: float, still: float) -> tuple[str, str]:
    """Return whether direction and size came true; a size may be off by a quarter."""

    def sign(value: float) -> int:
        return 0 if abs(value) < still else 1 if value > 0 else -1

    slack = max(still, 0.25 * abs(low + high) / 2.0)
    direction = sign(said) in (sign(low), sign(high))
    size = direction and low - slack <= said <= high + slack
    return "yes" if direction else "no", "yes" if size else "no"


def table() -> list[dict[str, str]]:
    """Return a row of text for each thing seen."""
    said = {(event, what): value for event, what, value in modelled()}
    rows = []
    with (Path(__file__).parent / "history_of_peru.csv").open(encoding="utf-8", newline="") as file:
        for seen in csv.DictReader(file):
            value = said[seen["event"], seen["what"]]
            low, high = float(seen["seen_low"]), float(seen["seen_high"])
            direction, size = verdict(value, low, high, float(seen["still"]))
            fit = seen["test"] == "no"
            rows.append({
                **seen,
                "model": f"{value:+,.{2 if abs(value) < 1 else 1 if abs(value) < 100 else 0}f}",
                "seen": f"{low:+g}" if low == high else f"{low:+g} to {high:+g}",
                "direction": "fit" if fit else direction,
                "size": "fit" if fit else size,
            })  # fmt: skip
    return rows


def named(what: str) -> str:
    """Return what was counted, a growing area by its name."""
    nodes = flowopt.read_network(ROOT / "networks" / "peru-2015-2019").nodes
    names = {row.node: row.name for row in nodes}
    begin, _, node = what.rpartition(" ")
    return f"{begin} {names[node]}" if node in names else what


def picture(rows: list[dict[str, str]]) -> str:
    """Return the fields as bars side by side, as SVG."""
    fields = [row for row in rows if row["event"].startswith("fields")]
    most = max(max(abs(float(r["model"].replace(",", ""))), abs(float(r["seen"]))) for r in fields)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {50 + 34 * len(fields)}" '
        'font-family="sans-serif" font-size="12">',
        "<title>Growth of coca fields from 2014 to 2019, in the model and as seen</title>",
        '<text x="250" y="20" fill="#1f6f8b">model, ha</text>',
        '<text x="350" y="20" fill="#b5541c">seen, ha</text>',
    ]
    for k, row in enumerate(fields):
        name, y = named(row["what"]).removeprefix("growth in "), 36 + 34 * k
        fit = " (fit)" if row["size"] == "fit" else ""
        parts.append(f'<text x="4" y="{y + 16}">{name}{fit}</text>')
        for shift, key, colour in ((0, "model", "#1f6f8b"), (13, "seen", "#b5541c")):
            value = float(row[key].replace(",", ""))
            width = 380.0 * max(value, 0.0) / most
            parts.append(
                f'<rect x="250" y="{y + shift}" width="{width:.1f}" height="11" fill="{colour}"/>'
                f'<text x="{256 + width:.1f}" y="{y + shift + 10}">{value:,.0f}</text>'
            )
    return "\n".join([*parts, "</svg>", ""])


def page(rows: list[dict[str, str]]) -> str:
    """Return the page."""
    tests = [row for row in rows if row["direction"] != "fit"]
    right = [sum(row[key] == "yes" for row in tests) for key in ("direction", "size")]
    lines = [
        f"| {r['event']} | {named(r['what'])}, {r['unit']} | {r['model']} | {r['seen']} "
        f"| {r['direction']} | {r['size']} | {r['source']} ({r['grade']}) |"
        for r in rows
    ]
    text = (Path(__file__).parent / "validation.txt").read_text(encoding="utf-8")
    score = f"Of {len(tests)} tests the direction came true in {right[0]}, the size in {right[1]}."
    _, first = opened_fields(flowopt.read_network(ROOT / "networks" / "peru-2015-2019"))
    text = text.replace("@TABLE@", "\n".join(lines)).replace("@SCORE@", score)
    return text.replace("@FIRST@", first)


def main() -> None:
    """Write the page and its picture, or compare them with what is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    asked = parser.parse_args()
    rows = table()
    made = {PAGE: page(rows), PICTURE: picture(rows)}
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    if not asked.check:
        for path, text in made.items():
            path.write_text(text, encoding="utf-8")
    for row in rows:
        line = f"{row['event']:<32}{row['what']:<40}{row['model']:>9}{row['seen']:>16}"
        print(f"{line}  {row['direction']:<4}{row['size']}")
    print("up to date" if not stale else "changed: " + ", ".join(path.name for path in stale))


if __name__ == "__main__":
    main()
