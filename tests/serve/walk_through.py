"""A plan made better by hand on the live page: `python -m tests.serve.walk_through`.

It opens `networks/peru-2014` in a real browser with the plan that covers most of today's flow for
20 million dollars a year, and goes on as somebody does who has nothing but the page: what comes
next, and what going round takes back. The table of its steps goes into `docs/live.md`.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import Any

import flowopt
from tests.networks import ROOT, shipped
from tests.report.browser import launched
from tests.serve.live_client import serving
from tests.serve.test_live_page import Live, opened

BUDGET = 20
_READY = 200_000  # milliseconds that what comes next may take on a busy machine
PAGE = ROOT / "docs/live.md"
TABLE = re.compile(r"(<!-- walk-through -->\n\n)((?:\|.*\n)*)")
_HEAD = ("tick", "what is done", "costs, M USD", "left, t", "above the best, t", "taken back, %")


@dataclass
class Walk:
    """A plan on its way to a better one.

    Attributes
    ----------
    live
        The page.
    rows
        Its steps: what was done, and what the page says then.
    """

    live: Live
    rows: list[tuple[str, ...]] = field(default_factory=list)
    ticks: int = 0

    @property
    def page(self) -> Any:
        return self.live.page

    def begin(self) -> None:
        """Look at what is ticked."""
        self.live.settled(1)
        self.page.locator("#next-section").scroll_into_view_if_needed()
        self._note("the plan that covers most of today's flow")

    def do(self, what: str, selector: str) -> None:
        """Click something, and note what the page says then."""
        turn = int(self.page.get_attribute("html", "data-turn"))
        self.page.click(selector)
        self.live.settled(turn + 1)
        self.page.locator("#next-section").scroll_into_view_if_needed()
        self.page.wait_for_selector("#next-section[aria-busy=false]", timeout=_READY)
        self.ticks += 1
        self._note(what)

    def above(self) -> float:
        """Return the tonnes above the best plan, as the page has it."""
        said = self.live.text("#money-state")
        found = re.search(r"Yours leaves ([\d.,]+) more", said)
        assert found or "as much" in said, said
        return float(found.group(1).replace(",", "")) if found else 0.0

    def first(self) -> str:
        """Return the name of the first of what comes next, "" where nothing fits."""
        found = self.page.locator("#next button")
        return str(found.first.inner_text()) if found.count() else ""

    def _note(self, what: str) -> None:
        figures = self.page.locator("#figures strong").all_inner_texts()
        self.rows.append((
            str(self.ticks), what, figures[3], figures[1],
            f"{self.above():.2f}", self._taken_back(),
        ))  # fmt: skip

    def _taken_back(self) -> str:
        """Return the percentage of its promise that going round takes back of the plan."""
        said = self.live.text("#answer")
        found = re.search(r"takes back (\d+)%", said)
        if found:
            return found.group(1)
        return "100" if "takes all of it back" in said else "-"

    def mend(self, plan: tuple[str, ...]) -> None:
        """Leave out what brings nothing, and buy what comes next for the money."""
        for measure in plan:
            before = self.above()
            self.do(f"{measure} unticked", f"#box-{measure}")
            if self.above() > before:
                self.do(f"{measure} back again: it was worth something", "#undo")
        self.buy()

    def buy(self) -> None:
        """Buy the first of what comes next as long as something fits."""
        while name := self.first():
            self.do(f"{name} ticked, the first of what comes next", "#next button >> nth=0")

    def afresh(self) -> None:
        """Begin with nothing, and buy what comes next."""
        self.do("*None*, to begin afresh", "#clear")
        self.buy()


def walk(browser: Any) -> Walk:
    """Return the walk from the covering plan to a better one."""
    found = flowopt.evaluate(
        shipped("peru-2014"), [], budget=BUDGET, against=["coverage"], alone=True
    )
    plan = tuple(found.comparison[1].measures.split(";"))
    frontier = "results/peru-2014/frontier"
    with (
        serving("networks/peru-2014", "--frontier", frontier) as served,
        opened(browser, served, f"#m={','.join(plan)}&b={BUDGET}") as live,
    ):
        steps = Walk(live)
        steps.begin()
        steps.mend(plan)
        steps.afresh()
    assert live.is_quiet()
    return steps


def table(steps: Walk) -> str:
    """Return the steps as a table of a page."""
    rows = [_HEAD, ("---",) * len(_HEAD), *steps.rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def main() -> int:
    """Write the table into the page of the documentation."""
    with launched() as browser:
        text = table(walk(browser))
    print(text)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(TABLE.sub(lambda found: found[1] + text, page), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
