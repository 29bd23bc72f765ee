"""Finished rows on disk: what a comparison that was stopped does not have to do again."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from flowopt.atomic import Kind, check_folder, json_object, remove_folder, write_file
from flowopt.errors import RequestError
from flowopt.planning.sweep.environment import Environment
from flowopt.planning.sweep.row import Answer

_QUESTION = "question.json"
_ROW = re.compile(r"row-[0-9a-f]{16}\.json")
_WORDS = {"networks": "networks or what their files say", "time_limit": "time limit"}
_ASKED = {"networks": dict, "objectives": list, "include": list, "exclude": list}


def _is_question(folder: Path) -> bool:
    found = json_object(folder / _QUESTION)
    return found is not None and all(isinstance(found.get(k), kind) for k, kind in _ASKED.items())


ROWS = Kind(
    "the finished rows of a comparison",
    known=_is_question,
    owns=lambda name: name == _QUESTION or _ROW.fullmatch(name) is not None,
)


class Store:
    """A folder with a file for each finished row, and one that says what was asked.

    Every file is written aside, flushed to disk and renamed: after a crash it is there as a
    whole or not at all. A row counts only if it is what was written, by the hash that it holds.

    Parameters
    ----------
    folder
        Made if it is not there.
    question
        What was asked, for JSON; rows of another question do not count.
    environment
        Versions and code; nor do rows made by others.
    resume
        Whether to go on with the rows that are there.
    restart
        Whether rows of an earlier question may be deleted.
    on_message
        Called with a line for every row that is damaged.

    Raises
    ------
    RequestError
        When the folder holds rows and they may neither be used nor deleted, are about another
        question, or when it holds anything else.
    """

    def __init__(
        self,
        folder: Path,
        question: Mapping[str, Any],
        environment: Environment,
        *,
        resume: bool,
        restart: bool = False,
        on_message: Callable[[str], None] | None = None,
    ) -> None:
        self._folder = folder
        self._on_message = on_message
        if os.path.lexists(folder) and not folder.is_dir():
            raise RequestError(f"{folder} is a file; finished rows would go there")
        held = ROWS.known(folder)
        if held and not (resume or restart):
            raise RequestError(
                f"{folder} holds the finished rows of a comparison that was stopped: go on with "
                "--resume, or begin anew with --force"
            )
        check_folder(folder, [ROWS], force=True)
        if held and resume:
            _check(folder, question, environment)
            return
        if held:
            remove_folder(folder, [ROWS])
        content = {**question, "environment": environment.to_dict()}
        try:
            write_file(folder / _QUESTION, json.dumps(content, ensure_ascii=False), force=True)
        except BaseException:  # an interrupt may come once it stands, while the disk is flushed
            with suppress(RequestError):
                remove_folder(folder, [ROWS])
            raise

    @property
    def count(self) -> int:
        """How many finished rows there are."""
        return sum(_ROW.fullmatch(path.name) is not None for path in self._folder.iterdir())

    def get(self, key: str) -> Answer | None:
        """Return the finished row of that name, if there is one and it is whole."""
        path = self._path(key)
        if not os.path.lexists(path):
            return None
        raw = json_object(path) or {}
        try:
            if raw.get("key") != key or raw.get("sha256") != _hash(raw.get("answer")):
                raise RequestError("it is not what was written")
            return Answer.from_dict(raw["answer"])
        except RequestError as error:
            if self._on_message is not None:
                self._on_message(f"{path} is damaged ({error}): its row is computed again")
            return None

    def put(self, key: str, answer: Answer) -> None:
        """Keep a finished row."""
        row = answer.to_dict()
        content = {"key": key, "sha256": _hash(row), "answer": row}
        write_file(self._path(key), json.dumps(content, ensure_ascii=False), force=True)

    def remove(self) -> None:
        """Delete the rows, once nobody needs them.

        Raises
        ------
        RequestError
            When others have put files there, or it can't be deleted.
        """
        remove_folder(self._folder, [ROWS])

    def _path(self, key: str) -> Path:
        return self._folder / f"row-{sha256(key.encode()).hexdigest()[:16]}.json"


def _hash(answer: Any) -> str:
    """Return the hash of what JSON holds, whatever the order and the spaces."""
    try:
        text = json.dumps(answer, sort_keys=True)
    except (RecursionError, ValueError):
        return ""
    return sha256(text.encode()).hexdigest()


def _check(folder: Path, now: Mapping[str, Any], environment: Environment) -> None:
    """Refuse to go on with the rows of another question, or of other code."""
    begun = json_object(folder / _QUESTION) or {}
    asked = json.loads(json.dumps(now))
    unlike = [_WORDS.get(name, name) for name in asked if begun.get(name) != asked[name]]
    try:
        made = Environment(**(begun.get("environment") or {}))
        unlike += made.unlike(environment)
    except TypeError:
        unlike.append("version of flowopt")
    if unlike:
        raise RequestError(
            f"the rows in {folder} answer another question; what differs: {', '.join(unlike)}. "
            "Ask as before, or begin anew with --force"
        )
