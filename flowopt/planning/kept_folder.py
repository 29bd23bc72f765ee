"""The folder of what is finished of a question, which was stopped and goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from flowopt.atomic import Kind, check_folder, remove_folder, write_file
from flowopt.errors import RequestError

REQUEST = "question.json"


def open_kept(
    folder: Path,
    kind: Kind,
    content: Mapping[str, Any],
    *,
    parts: str,
    resume: bool,
    restart: bool,
    check_unchanged: Callable[[], None],
) -> None:
    """Begin a folder with the file of its request, or go on with the one that is there.

    Parameters
    ----------
    folder
        Made if it is not there.
    kind
        What it holds.
    content
        The request as JSON, with the versions and code that answer it.
    parts
        What is kept there, as ``rows``.
    resume
        Whether to go on with what is there.
    restart
        Whether what is there may be deleted.
    check_unchanged
        Refuses to go on where another request, or other code, made what is there.

    Raises
    ------
    RequestError
        When it holds what may neither be used nor deleted, is about another request, or holds
        anything else.
    """
    if os.path.lexists(folder) and not folder.is_dir():
        raise RequestError(f"{folder} is a file; finished {parts} would go there")
    occupied = kind.known(folder)
    if occupied and not (resume or restart):
        raise RequestError(
            f"{folder} holds {kind.name} that was stopped: go on with --resume, or begin anew "
            "with --force"
        )
    check_folder(folder, [kind], force=True)
    if occupied and resume:
        check_unchanged()
        return
    if occupied:
        remove_folder(folder, [kind])
    try:
        write_file(folder / REQUEST, json.dumps(content, ensure_ascii=False), force=True)
    except BaseException:  # an interrupt may come once it stands, while the disk is flushed
        with suppress(RequestError):
            remove_folder(folder, [kind])
        raise
