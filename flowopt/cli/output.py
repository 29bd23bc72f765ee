"""Output of commands: tables or JSON on stdout, files in a folder."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Protocol

import click

from flowopt.plain_text import visible

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class HasSummary(Protocol):
    """Interface of a result."""

    def summary(self) -> dict[str, Any]:
        """Return the content of `summary.json`."""


class Writer(Protocol):
    """Interface of a writer of result folders."""

    def __call__(self, folder: Path, /, *, force: bool) -> None:
        """Write it, in place of an earlier one if `force`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Options of `output_options`: the folder, and the form of what is printed."""

    out: Path | None
    force: bool
    as_json: bool
    quiet: bool

    @property
    def live(self) -> bool:
        """True where progress is displayed."""
        return not (self.quiet or self.as_json)

    def check(self) -> None:
        """Refuse a folder that can't be written, before any work is done."""
        if self.out is not None:
            from flowopt.report.result_writer import check_target

            check_target(self.out, force=self.force)

    def write(self, write: Writer) -> None:
        """Write the result if a folder was given."""
        if self.out is not None:
            write(self.out, force=self.force)

    def show(
        self, result: HasSummary, report: Callable[[], None], *, then: str | None = None
    ) -> None:
        """Print the summary as JSON, the report, or nothing.

        Parameters
        ----------
        result, report
            The result, and what prints it.
        then
            Command that takes the folder of the result next; None where none does.
        """
        if self.as_json:
            print_json(result.summary())
        elif not self.quiet:
            report()
            self._written(then)

    def show_all(
        self, results: Sequence[HasSummary], report: Callable[[], None], *, then: str | None = None
    ) -> None:
        """Print the summaries of several results as a JSON list, their report, or nothing."""
        if self.as_json:
            print_json([result.summary() for result in results])
        elif not self.quiet:
            report()
            self._written(then)

    def _written(self, then: str | None) -> None:
        """Print where the result lies, and what takes it next."""
        if self.out is not None:
            folder = shlex.quote(str(self.out))
            following = "" if then is None else f" Next: flowopt {then} {folder}"
            click.echo()
            click.echo(visible(f"Wrote {folder}.{following}"))


full_option = click.option(
    "--full", is_flag=True, help="Print every table, not the first screen alone."
)


def quiet_option(help: str = "Print nothing but errors.") -> Decorator:
    """Return the option `--quiet`."""
    return click.option("--quiet", is_flag=True, help=help)


def json_option(help: str) -> Decorator:
    """Return the option `--json`, named `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help=help)


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the parameter `output`, an `Output`."""

    @wraps(command)
    def with_output(
        out: Path | None, force: bool, as_json: bool, quiet: bool, **others: Any
    ) -> Any:
        output = Output(out=out, force=force, as_json=as_json, quiet=quiet)
        return command(output=output, **others)

    options: tuple[Decorator, ...] = (
        quiet_option(),
        json_option("Print the summary as JSON."),
        click.option("--force", is_flag=True, help="Replace an earlier result in --out."),
        click.option(
            "--out", type=click.Path(path_type=Path), help="Write the result to this new folder."
        ),
    )
    decorated: Callable[..., Any] = with_output
    for option in options:
        decorated = option(decorated)
    return decorated


def print_json(summary: dict[str, Any] | list[dict[str, Any]]) -> None:
    """Print a summary as `summary.json` holds it, or several."""
    from flowopt.report.result_writer import to_json

    click.echo(to_json(summary), nl=False)
