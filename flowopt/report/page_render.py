"""Page as text: one self-contained HTML file that opens without a network.

Everything the page needs stands in it: the script, the style, the data. A content security policy
allows that one script, by its hash, and nothing else; so nothing is fetched and no name from the
planner's files could run even if it got into the page unescaped.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module, resources
from typing import Any

from flowopt._version import __version__
from flowopt.errors import RequestError
from flowopt.plain_text import plain_number
from flowopt.report.digits import amount
from flowopt.report.page_parts import Page, Section, figures_of
from flowopt.report.printable import printable
from flowopt.report.quality_text import DEFINITION

_FORBIDDEN = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028",
              "\u2029": "\\u2029"}  # fmt: skip
# In this order they make one script.
_SCRIPTS = (
    "base",
    "tables",
    "map",
    "maps",
    "sankey",
    "frontier",
    "strip",
    "periods",
    "choice",
    "save",
    "start",
)
_LIVE_SCRIPTS = ("base", "tables", "map", "sankey", "choice", "save", "live", "start")


def render(page: Page) -> str:
    """Return a page as text.

    Raises
    ------
    RequestError
        When the extra `report` is not installed.
    """
    environment, markup = _environment()
    script = _script(_SCRIPTS)
    data = {"name": printable(page.name), "finding": printable(page.headline.answer),
            "figures": figures_of(page.sections)}  # fmt: skip
    text: str = environment.get_template("page.html").render(
        page=page,
        definition=DEFINITION,
        style=markup(_ours("page.css")),
        script=markup(script),
        policy=markup(f"'sha256-{_hash(script)}'"),
        data=markup(in_script(data)),
        version=__version__,
    )
    return text


def render_live(page: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[str, str]:
    """Return a page that a server feeds, as text, and its content security policy.

    Parameters
    ----------
    page
        Values of the template `live.html`; sections as in a `Page`.
    data
        What its script starts from.

    Raises
    ------
    RequestError
        When the extra `report` is not installed.
    """
    environment, markup = _environment()
    script = _script(_LIVE_SCRIPTS)
    policy = (
        f"default-src 'none'; script-src 'sha256-{_hash(script)}'; style-src 'unsafe-inline'; "
        "img-src data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    text: str = environment.get_template("live.html").render(
        **page,
        style=markup(_ours("page.css") + _ours("live.css")),
        script=markup(script),
        data=markup(in_script(data)),
        version=__version__,
    )
    return text, policy


def render_section(section: Section) -> str:
    """Return a section without its heading, as the text that a live page puts in its place."""
    environment, _ = _environment()
    template = environment.get_template(f"sections/{section.template}")
    text: str = template.render(v=section.values, key=section.key)
    return text


def _environment() -> tuple[Any, Any]:
    """Return what makes text of our templates, and the type of texts that are HTML already."""
    return _environment_by(needed("jinja2"))


@cache
def _environment_by(jinja2: Any) -> tuple[Any, Any]:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_ours),
        autoescape=True,
        finalize=_printable,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["amount"] = amount
    environment.filters["plain"] = plain_number
    return environment, jinja2.utils.markupsafe.Markup


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


def _script(names: Iterable[str]) -> str:
    """Return the one script of a page, as the browser hashes it."""
    parts = [_ours(f"scripts/{name}.js") for name in names]
    script = '"use strict";\n(function () {\n' + "\n".join(parts) + "\n})();\n"
    # In a page, \r\n becomes \n before the browser hashes; and no script may end the element.
    return script.replace("\r\n", "\n").replace("</script", "<\\/script")


def _printable(value: Any) -> Any:
    """Return a value for the page, texts without invisible characters."""
    return printable(value) if type(value) is str else value  # HTML of ours is of another type


def _ours(name: str) -> str:
    place = resources.files("flowopt.report").joinpath("page", *name.split("/"))
    return place.read_text(encoding="utf-8")


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
