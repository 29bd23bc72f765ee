"""What is public is listed, loads, and says what it takes, holds, gives and raises."""

from __future__ import annotations

import builtins
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

import flowopt
from tests.networks import ROOT

NAMES = [name for name in flowopt.__all__ if name != "__version__"]
FUNCTIONS = [name for name in NAMES if inspect.isfunction(getattr(flowopt, name))]
CLASSES = [name for name in NAMES if inspect.isclass(getattr(flowopt, name))]


def sections(text: str) -> dict[str, str]:
    """Return the sections of a numpydoc docstring by title; the summary has none."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}\n", inspect.cleandoc(text), flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def described(section: str) -> set[str]:
    """Return the names that stand before a colon or alone on an unindented line."""
    found = set()
    for line in section.replace("\\\n", "").splitlines():
        if line and not line.startswith(" "):
            found |= {name.strip("* ") for name in line.partition(" : ")[0].split(",")}
    return found


@cache
def reached() -> tuple[type, ...]:
    """Return every dataclass of ours that a public one holds, through tables and mappings too."""
    found: dict[type, None] = {}

    def look(hint: Any) -> None:
        new = isinstance(hint, type) and is_dataclass(hint) and hint not in found
        # Rows of the format are described column by column in `networks/README.md`.
        if new and hint.__module__ not in ("flowopt.network.schema", "builtins"):
            found[hint] = None
            for inner in get_type_hints(hint).values():
                look(inner)
        for inner in get_args(hint):
            look(inner)

    for name in CLASSES:
        thing = getattr(flowopt, name)
        look(thing)
        for _, member in inspect.getmembers(thing, lambda m: isinstance(m, property)):
            look(get_type_hints(member.fget).get("return"))
    return tuple(found)


def members(thing: type) -> Iterator[tuple[str, Any]]:
    """Yield what a class of ours offers beyond its fields."""
    own = {f.name for f in fields(thing)} if is_dataclass(thing) else set()
    for name, member in inspect.getmembers(thing):
        home = next((c for c in thing.__mro__ if name in vars(c)), None)
        ours = home is not None and home.__module__.startswith("flowopt.")
        offers = inspect.isroutine(member) or isinstance(member, property)
        if ours and offers and not name.startswith("_") and name not in own:
            yield name, member


def test_the_list_is_complete_and_in_order() -> None:
    assert list(flowopt.__all__) == sorted(flowopt.__all__)
    assert dir(flowopt) == list(flowopt.__all__)
    assert set(flowopt._HOMES) == set(NAMES)
    for name in NAMES:
        assert getattr(flowopt, name).__module__ == flowopt._HOMES[name]
    with pytest.raises(AttributeError, match="no attribute 'nosuch'"):
        _ = flowopt.nosuch


def raised(section: str) -> set[str]:
    """Return the errors that a section `Raises` names, alone on an unindented line."""
    lines = [line for line in section.splitlines() if line and not line.startswith(" ")]
    return {name.strip() for line in lines for name in line.split(",")}


def test_what_public_functions_raise_is_public() -> None:
    known = {*NAMES, *vars(builtins)}
    for name in (*FUNCTIONS, *CLASSES):
        thing = getattr(flowopt, name)
        offers = [member for _, member in members(thing)] if name in CLASSES else []
        for what in (thing, *offers):
            errors = raised(sections(inspect.getdoc(what) or "").get("Raises", ""))
            assert errors <= known, f"{name} raises {sorted(errors - known)}, not in __all__"


def test_what_public_functions_return_is_public() -> None:
    public = {getattr(flowopt, name) for name in NAMES}
    for name in FUNCTIONS:
        wanted = get_type_hints(getattr(flowopt, name))["return"]
        either = get_args(wanted) if get_origin(wanted) is UnionType else (wanted,)
        for each in either:
            known = each in public or each in (type(None), tuple[Path, ...])
            assert known, f"{name} returns {each}, which flowopt.__all__ does not list"


def test_types_of_a_solve_are_there_without_loading_what_it_does_not_need() -> None:
    code = (
        "import sys, typing, flowopt\n"
        "solve, late = flowopt.solve, 'flowopt.results.scenario_solution'\n"
        "assert late not in sys.modules\n"
        "assert flowopt.ScenarioSolution in typing.get_type_hints(solve)['return'].__args__\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_star_import_brings_exactly_the_list() -> None:
    code = "from flowopt import *\nprint(*sorted(n for n in dir() if n[:2] != '__'), '__version__')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert sorted(done.stdout.split()) == sorted(flowopt.__all__)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_what_it_takes_gives_and_raises(name: str) -> None:
    function = getattr(flowopt, name)
    doc = sections(function.__doc__)
    assert doc[""].strip()
    assert set(inspect.signature(function).parameters) <= described(doc["Parameters"])
    assert "Raises" in doc
    assert "Examples" in doc or name.startswith(("read_", "write_"))  # the others' hold them
    first = doc[""].partition("\n")[0]
    assert (
        "Returns" in doc
        or first.startswith("Return ")
        or get_type_hints(function)["return"] is type(None)
    )


@pytest.mark.parametrize("thing", reached(), ids=lambda thing: thing.__name__)
def test_a_dataclass_says_what_each_field_is(thing: type) -> None:
    assert thing.__doc__
    doc = sections(thing.__doc__)
    assert doc[""].strip()
    public = {f.name for f in fields(thing) if not f.name.startswith("_")}
    docs = [sections(base.__doc__).get("Attributes", "") for base in thing.__mro__ if base.__doc__]
    assert public - set().union(*map(described, docs)) == set()


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_and_what_it_offers_have_docstrings(name: str) -> None:
    thing = getattr(flowopt, name)
    assert thing.__doc__
    assert sections(thing.__doc__)[""].strip()
    for member, what in members(thing):
        doc = inspect.getdoc(what)
        assert doc, f"{name}.{member} has no docstring"
        if inspect.isroutine(what):
            takes = set(inspect.signature(what).parameters) - {"self", "cls", "args", "kwargs"}
            assert takes <= described(sections(doc).get("Parameters", "")) or len(takes) <= 1, (
                f"{name}.{member} does not describe {sorted(takes)}"
            )
