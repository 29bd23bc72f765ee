"""Command with many options: help in groups, and advice where a list lacks its commas."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

_GROUPS = {
    "The question": (
        "scenario",
        "period",
        "measures",
        "plan",
        "campaigns",
        "schedule",
        "carry",
        "budget",
        "budgets",
        "target",
        "of",
        "resources",
        "objective",
        "objectives",
        "ties",
        "include",
        "exclude",
        "rivals",
        "ranges",
        "common",
        "criterion",
        "tail",
    ),
    "The answer": (
        "alternatives",
        "within",
        "against",
        "best",
        "alone",
        "draws",
        "seed",
        "resolve",
    ),
    "The solver": (
        "solver",
        "time_limit",
        "gap",
        "threads",
        "workers",
        "cluster",
        "resume",
        "solver_log",
    ),
}
_OUTPUT = "The output"
_LISTS = ("measures", "include", "exclude")  # options that take ids


class QuestionCommand(click.Command):
    """Command that asks a question of a network."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options in groups."""
        group_of = {name: group for group, names in _GROUPS.items() for name in names}
        groups: dict[str, list[tuple[str, str]]] = {group: [] for group in (*_GROUPS, _OUTPUT)}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                groups[group_of.get(parameter.name or "", _OUTPUT)].append(record)
        for group, records in groups.items():
            if records:
                with formatter.section(group):
                    formatter.write_dl(records)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words of a command, once its lists are known to have commas."""
        self._refuse_blanks(ctx, args)
        return super().parse_args(ctx, args)

    def _refuse_blanks(self, ctx: click.Context, args: list[str]) -> None:
        """Refuse a list of ids with blanks, whose words click would take for networks.

        Raises
        ------
        click.UsageError
            With the list as it is to be written.
        """
        given: list[str] = []
        with suppress(click.UsageError):  # which click raises again
            found, rest, _ = self.make_parser(ctx).parse_args([*args])
            for parameter in self.params:
                if isinstance(parameter, click.Argument):
                    value = found.get(parameter.name or "")
                    if isinstance(value, str):
                        given.append(value)
                    elif isinstance(value, tuple):
                        given += value
            given += rest
        options = [p for p in self.params if p.name in _LISTS]
        for name in (opt for option in options for opt in option.opts if opt in args):
            first, *others = _words_after(args, name)
            stray = [word for word in others if word in given and not Path(word).exists()]
            if stray and len(given) > len(stray):
                listed = ",".join([first.rstrip(","), *(word.strip(",") for word in stray)])
                raise click.UsageError(
                    f"{name} takes one list, with commas and no blanks: write {name} {listed}", ctx
                )


def _words_after(args: list[str], option: str) -> list[str]:
    """Return the value of an option and the plain words behind it."""
    words = args[args.index(option) + 1 :]
    end = next((i for i, word in enumerate(words) if i and word.startswith("-")), len(words))
    return words[:end] or [""]
