"""Pages of results for tests in a browser, and what is asked of any of them."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from flowopt.network.network import Network
from flowopt.planning.solve import solve
from flowopt.report.result_page import page_of
from flowopt.report.result_reader import read_result
from flowopt.report.result_writer import write_solution
from tests.networks import shipped


def result_of_peru(folder: Path) -> Path:
    """A result of Peru that takes no search: four measures, and no others allowed."""
    network, plan = shipped("peru-2014"), ("m01", "m11", "m12", "m13")
    others = [row.measure for row in network.measures if row.measure not in plan]
    write_solution(solve(network, budget=20, include=plan, exclude=others), network, folder)
    return folder


def page_in(folder: Path, network: Network, result: Path) -> Path:
    text = page_of(read_result(result, network), place="networks/n", folder="out")
    (folder / "report.html").write_text(text, encoding="utf-8", newline="\n")
    return folder / "report.html"


def show(page: Any, name: str, value: str) -> None:
    page.check(f'input[name="{name}"][value="{value}"]')


def hover_a_leg(page: Any) -> str:
    """Put the mouse on a line of the map that nothing hides and return what appears."""
    x, y = page.locator("#map-0 .panel .touch").evaluate_all(
        """all => {
            for (const path of all) {
                const at = path.getPointAtLength(path.getTotalLength() * 0.5);
                const seen = () => new DOMPoint(at.x, at.y).matrixTransform(path.getScreenCTM());
                window.scrollBy(0, seen().y - window.innerHeight / 2);
                const {x, y} = seen();
                if (document.elementFromPoint(x, y) === path) return [x, y];
            }
        }"""
    )
    page.mouse.move(x - 1, y)
    page.mouse.move(x, y)
    page.wait_for_selector(".tip:not([hidden])", timeout=10_000)
    return str(page.text_content(".tip"))


def rgb(colour: str) -> list[int]:
    return [int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]


def accessibility(page: Any) -> list[str]:
    """What axe-core finds against WCAG 2.1 AA and its best practices."""
    source = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
    page.evaluate(source)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")  # of what passes one node each
    assert found["passes"]
    return [
        f"{v['id']}: {v['help']}: {node['html'][:200]}"
        for v in found["violations"]
        for node in v["nodes"]
    ]
