"""How the documentation is built: everything is in it, and nothing is fetched, then or later."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))
sys.path.insert(0, str(Path(__file__).parents[1]))

from flowopt._version import __version__

project = "flowopt"
copyright = "The flowopt developers"
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "fitted",
    "mathml",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
highlight_language = "text"
nitpicky = True

myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
myst_dmath_double_inline = True

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_default_options = {"members": True}
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_custom_sections = ["Attributes"]  # a list, see `in_literals`
default_role = "code"
# Names as the code has them, which no page has.
nitpick_ignore = [
    ("py:class", "Objective"),
    ("py:class", "Ties"),
    ("py:class", "Path"),
    ("py:class", "Changes"),
    ("py:class", "NetworkOrPath"),
    ("py:class", "CriterionName"),
    ("py:class", "OnProgress"),
    ("py:class", "SolveKeywords"),
    ("py:class", "EvaluateKeywords"),
    ("py:class", "CompareKeywords"),
]

# What is documented elsewhere, where no build may look: Python, the libraries, and our row classes,
# whose columns stand on other pages.
nitpick_ignore_regex = [
    ("py:.*", r"(builtins|collections|networkx|numpy|os|pandas|pathlib|typing)\..*"),
    ("py:.*", r"(flowopt\.network\.)?schema\..*"),
    ("py:class", r"late_types\.\w+"),
    ("py:.*", r"flowopt\.results\.\w+\.\w+"),
]

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["math.css"]
html_title = f"flowopt {version}"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": False}
