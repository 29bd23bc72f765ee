"""Finished rows on disk: what a comparison that was stopped does not have to do again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from flowopt.atomic import write_file
from flowopt.errors import RequestError
from flowopt.planning.sweep.row import Answer
from flowopt.reading import input_json

_QUESTION = "question.json"
_WORDS = {
    "flowopt": "version of flowopt",
    "networks": "networks or what their files say",
    "time_limit": "time limit",
    "solver": "solver or its version",
}


class Store:
    """A folder with a file for each finished row, and one that says what was asked.

    Every file is written aside, flushed to disk and renamed: after a crash it is there as a
    whole or not at all.

    Parameters
    ----------
    folder
        Made if it is not there.
    question
        What was asked, for JSON; rows of another question do not count.
    resume
        Whether to go on with the rows that are there.
    restart
        Whether rows of an earlier question may be deleted.

    Raises
    ------
    RequestError
        When the folder holds rows and they may neither be used nor deleted, or are about another
        question.
    """

    def __init__(
        self, folder: Path, question: Mapping[str, Any], *, resume: bool, restart: bool = False
    ) -> None:
        self._folder = folder
        held = folder / _QUESTION
        if folder.exists() and not folder.is_dir():
            raise RequestError(f"{folder} is a file; finished rows would go there")
        if held.is_file() and resume:
            _check(folder, _read(held), json.loads(json.dumps(question)))
        elif held.is_file() and not restart:
            raise RequestError(
                f"{folder} holds the finished rows of a comparison that was stopped: go on with "
                "--resume, or begin anew with --force"
            )
        elif held.is_file():
            shutil.rmtree(folder)
        elif folder.is_dir() and any(folder.iterdir()):
            raise RequestError(f"{folder} holds other files; finished rows would go there")
        if not held.is_file():
            _write(held, question)

    def get(self, key: str) -> Answer | None:
        """Return the finished row of that name, if there is one and it is whole."""
        said = _read(self._path(key))
        if said is None or said.get("key") != key:
            return None
        return Answer.from_dict(said["answer"])

    def put(self, key: str, answer: Answer) -> None:
        """Keep a finished row."""
        _write(self._path(key), {"key": key, "answer": answer.to_dict()})

    def _path(self, key: str) -> Path:
        return self._folder / f"row-{sha256(key.encode()).hexdigest()[:16]}.json"


def _write(path: Path, content: Mapping[str, Any]) -> None:
    write_file(path, json.dumps(content, ensure_ascii=False), force=True)


def _read(path: Path) -> dict[str, Any] | None:
    """Return what a file of the store says, None if it is not there or not whole."""
    try:
        said = input_json(path)
    except (OSError, ValueError):
        return None
    return said if isinstance(said, dict) else None


def _check(folder: Path, begun: Mapping[str, Any] | None, now: Mapping[str, Any]) -> None:
    """Refuse to go on with the rows of another question."""
    if begun is None:
        raise RequestError(f"{folder / _QUESTION} can't be read; begin anew with --force")
    unlike = [name for name in now if begun.get(name) != now[name]]
    if not unlike:
        return
    what = ", ".join(_WORDS.get(name, name) for name in unlike)
    raise RequestError(
        f"the rows in {folder} answer another question; what differs: {what}. "
        "Ask as before, or begin anew with --force"
    )
