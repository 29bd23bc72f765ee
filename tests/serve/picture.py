"""The picture of the live page in the documents: `python -m tests.serve.picture` makes it again."""

from __future__ import annotations

import io
import sys

from PIL import Image

from tests.networks import ROOT
from tests.report.browser import launched
from tests.serve.live_client import serving
from tests.serve.test_live_page import opened

FILE = ROOT / "docs/pictures/live.png"
WIDTH = 1280
_HEIGHT = 1000
_COLOURS = 128  # enough for lines and letters, and less than half the size
_PLACE = "#m=m01,m11,m12,m13&b=20"


def main() -> int:
    """Open the page on Peru, with the best plan for 20 million dollars, and keep what it shows."""
    size = {"width": WIDTH, "height": _HEIGHT}
    frontier = "results/peru-2014/frontier"
    with (
        launched() as browser,
        serving("networks/peru-2014", "--frontier", frontier) as served,
        opened(browser, served, _PLACE, viewport=size, color_scheme="light") as live,
    ):
        live.settled(1)
        taken = Image.open(io.BytesIO(live.page.screenshot()))
    taken.convert("RGB").quantize(_COLOURS).save(FILE, optimize=True)
    print(f"{FILE}: {FILE.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
