"""Import options of a network of another program."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowopt.cli.common_options import amount, ids_option
from flowopt.cli.inputs import read

if TYPE_CHECKING:
    from flowopt.network.network import Network


def _amount_or_name(_: click.Context, __: click.Parameter, value: str | None) -> float | str | None:
    if value is None:
        return None
    try:
        return float(value)
    except ValueError:
        return value


_OPTIONS: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
    "commodity": click.option("--commodity", metavar="ID", help="What moves; `flow` by default."),
    "sources": ids_option("--source", help="Nodes that supply without limit, as 1,2."),
    "sinks": ids_option("--sink", help="Nodes that take what comes, as 8,9."),
    "quantity": click.option(
        "--quantity",
        type=amount("t a year"),
        help="What each --sink takes, t a year; else all that can arrive.",
    ),
    "price": click.option(
        "--price",
        type=amount("USD per kg"),
        help="USD that a delivered kg brings where the file does not say; else more than any way "
        "costs, supply and losses included (needed where losses multiply too far to tell).",
    ),
    "capacity": click.option(
        "--capacity",
        metavar="ATTRIBUTE",
        help="Of arcs, t a year; `capacity` by default, `none` for arcs without limit. An arc that "
        "has none is unlimited.",
    ),
    "capacity_factor": click.option(
        "--capacity-factor",
        type=amount(),
        help="Tonnes a year in the file's unit of capacity, supply and demand; 1 by default.",
    ),
    "arc_cost": click.option(
        "--arc-cost",
        metavar="ATTRIBUTE",
        help="Of arcs, USD per kg; `cost` by default, for GMNS `none`, which is free arcs.",
    ),
    "measures": click.option(
        "--measures",
        metavar="none|every-arc|ATTRIBUTE",
        help="Which arcs a measure can close: none (default), all, or those where an attribute "
        "says yes.",
    ),
    "measure_cost": click.option(
        "--cost",
        "measure_cost",
        metavar="NUMBER|ATTRIBUTE",
        callback=_amount_or_name,
        help="What each measure costs, M USD a year; 1 by default.",
    ),
    "id": click.option(
        "--id", help="Id of the network; else the graph's own, or the name of the file."
    ),
    "title": click.option("--title", help="Its title; else the graph's own, or a made-up one."),
}
# What click calls those whose option has another name, and what the option is called.
_NAMES = {"sources": "source", "sinks": "sink"}
_OPTION_NAMES = _NAMES | {"measure_cost": "cost"}


def foreign_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the parameter `import_options`, the given ones by name."""

    @wraps(command)
    def with_import_options(**parameters: Any) -> Any:
        given_options = {name: parameters.pop(_NAMES.get(name, name)) for name in _OPTIONS}
        import_options = {
            name: value for name, value in given_options.items() if value not in (None, [])
        }
        return command(import_options=import_options, **parameters)

    decorated: Callable[..., Any] = with_import_options
    for option in reversed(_OPTIONS.values()):
        decorated = option(decorated)
    return decorated


def read_any(path: Path, import_options: dict[str, Any]) -> Network:
    """Return a network of ours, or one of another program with what was chosen for it."""
    from flowopt.network.formats import foreign_kinds, is_foreign
    from flowopt.network.read import read_foreign

    if is_foreign(path):
        return read_foreign(path, **import_options)
    loaded = read(path)
    if import_options:
        name = next(iter(import_options))
        word = _OPTION_NAMES.get(name, name).replace("_", "-")
        raise click.UsageError(
            f"{path} is no network of another program, so --{word} has nothing to say; it is for "
            f"{foreign_kinds()}"
        )
    return loaded
