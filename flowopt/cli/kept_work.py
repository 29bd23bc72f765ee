"""Finished parts of an answer that are kept until the whole is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowopt.errors import RequestError

if TYPE_CHECKING:
    from flowopt.atomic import Kind


def remove_kept(keep: Path, kind: Kind) -> None:
    """Delete what was kept of an answer that is written by now."""
    from flowopt.atomic import remove_folder

    try:
        remove_folder(keep, [kind])
    except RequestError as error:  # other files were put there meanwhile
        click.echo(f"the result is written; {error}", err=True)
