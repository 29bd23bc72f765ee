"""Options that several commands share, under the names of the library."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from flowopt import defaults
from flowopt.amounts import amount_of
from flowopt.criteria import CRITERIA, TAIL
from flowopt.objectives import OBJECTIVES, TIES

if TYPE_CHECKING:
    from flowopt.objectives import Objective, Ties

Command = TypeVar("Command", bound=Callable[..., Any])


class ObjectiveOptions(TypedDict):
    """Options of the objective, from `objective_options`."""

    objective: Objective
    ties: Ties


class SolverFlags(TypedDict):
    """Options of the solver, from `solver_options`."""

    solver: str
    time_limit: float
    gap: float


def _ids(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> list[str]:
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


def _amounts(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, float]:
    amounts = {}
    for value in values:
        name, equals, amount = value.rpartition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"'{value}' is not NAME=AMOUNT, such as helicopter_hours=400")
        try:
            amounts[name.strip()] = amount_of(amount)
        except ValueError as error:
            raise click.BadParameter(f"{name.strip()}: {error}") from None
    return amounts


def amount(unit: str = "") -> Callable[[str], float]:
    """Return the type of an option that takes a number, `unit` as in `amount_of`."""

    def number(text: str) -> float:
        try:
            return amount_of(text, unit=unit)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return number


MONEY = amount("M USD a year")


def ids_option(name: str, *, help: str) -> Callable[[Command], Command]:
    """Return an option that takes ids, several after commas or repeated."""
    return click.option(name, multiple=True, callback=_ids, help=help)


resource_option = click.option(
    "--resource",
    "resources",
    multiple=True,
    callback=_amounts,
    metavar="NAME=AMOUNT",
    help="Limit of another resource; repeat for several.",
)
carry_option = click.option(
    "--carry", is_flag=True, help="With periods: money that is left stays for later ones."
)
period_workers_option = click.option(
    "--workers",
    type=int,
    help="With periods: processes that solve them side by side, all processors by default; the "
    "answer is the same for any number.",
)
OBJECTIVE = click.Choice(list(OBJECTIVES))
ties_option = click.option(
    "--ties",
    type=click.Choice(TIES),
    default=defaults.TIE_RULE,
    show_default=True,
    help="With bilevel: which of equally profitable flows counts, the worst for the planner or "
    "the best.",
)


def objective_options(command: Command) -> Command:
    """Give a command the options of `ObjectiveOptions`."""
    objective = click.option(
        "--objective",
        type=OBJECTIVE,
        default=defaults.OBJECTIVE,
        show_default=True,
        help=" ".join(f"{name}: {traits.help}." for name, traits in OBJECTIVES.items()),
    )
    return objective(ties_option(command))


of_option = click.option(
    "--of",
    metavar="PART",
    help="Count the deliveries of a part of the markets only: a continent, country, market or "
    "commodity, by name or id, such as Europe or market:es. With flow: the most that can reach it.",
)
ALL = "all"  # of the criteria, one after the other


def criterion_options(*, all_of_them: bool) -> Callable[[Command], Command]:
    """Return the options `--criterion` and `--tail`; `all_of_them` at once may be asked for."""

    def decorated(command: Command) -> Command:
        criterion = click.option(
            "--criterion",
            type=click.Choice([*CRITERIA, *([ALL] if all_of_them else [])]),
            help="One plan for all scenarios of the network. "
            + " ".join(f"{name}: {traits.help}." for name, traits in CRITERIA.items())
            + (" all: a table of the five." if all_of_them else ""),
        )
        tail = click.option(
            "--tail",
            type=amount("share"),
            help=f"With cvar: the worst share of the weight that counts.  [default: {TAIL:g}]",
        )
        return criterion(tail(command))

    return decorated


def check_criterion(criterion: str | None, tail: float | None, *, scenario: str | None) -> None:
    """Refuse combinations of the options of criteria that make no sense.

    Raises
    ------
    click.UsageError
        When a tail is given without `cvar`, or one scenario with a criterion over all.
    """
    if criterion is not None and scenario is not None:
        raise click.UsageError("--criterion is over all scenarios, --scenario is one: give either")
    if tail is not None and criterion != "cvar":
        raise click.UsageError("--tail is for --criterion cvar alone")


threads_option = click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=defaults.THREADS,
    show_default=True,
    help="Threads of HiGHS, and of SCIP for bilevel: the same plan each time for the same number.",
)


def time_limit_option(ending: str) -> Callable[[Command], Command]:
    """Return the option `--time-limit`; `ending` describes the end at the limit."""
    return click.option(
        "--time-limit",
        type=amount("seconds"),
        default=defaults.COMMAND_TIME_LIMIT,
        show_default=True,
        help=f"Seconds for all of it, from the start of the command on; {ending}.",
    )


def solver_options(command: Command) -> Command:
    """Give a command the options of `SolverFlags`."""
    for option in (
        click.option(
            "--gap",
            type=amount("share"),
            default=defaults.GAP,
            show_default=True,
            help="Relative gap at which the plan counts as proved.",
        ),
        time_limit_option(
            "at the limit the best plan so far is given with its bound, and what there was no time "
            "for is named"
        ),
        click.option(
            "--solver",
            default=defaults.SOLVER,
            show_default=True,
            help="auto: small networks plan by plan, others by highs, or by scip where it is "
            "installed and measures act in part. highs, scip, cbc, ...: one solver for all. race: "
            "highs and scip side by side on two cores; which of the plans within the gap is "
            "reported may then depend on which was faster.",
        ),
    ):
        command = option(command)
    return command
