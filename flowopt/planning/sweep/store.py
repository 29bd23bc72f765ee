"""Store of finished rows on disk, for a comparison that was stopped and goes on."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from flowopt.atomic import Kind, json_object, remove_folder, write_file
from flowopt.errors import RequestError
from flowopt.planning.kept_folder import REQUEST, open_kept
from flowopt.planning.sweep.environment import Environment
from flowopt.planning.sweep.row import RowResult

_ROW = re.compile(r"row-[0-9a-f]{16}\.json")
_LABELS = {"networks": "networks or what their files say", "time_limit": "time limit"}
_REQUEST_FIELDS = {"networks": dict, "objectives": list, "include": list, "exclude": list}


def _is_request(folder: Path) -> bool:
    content = json_object(folder / REQUEST)
    return content is not None and all(
        isinstance(content.get(k), kind) for k, kind in _REQUEST_FIELDS.items()
    )


ROWS = Kind(
    "the finished rows of a comparison",
    known=_is_request,
    owns=lambda name: name == REQUEST or _ROW.fullmatch(name) is not None,
)


class Store:
    """Store of finished rows: a folder with a file for each, and one for the request.

    Every file is written aside, flushed to disk and renamed: after a crash it is there as a
    whole or not at all. A row counts only if it is what was written, by the hash that it holds.

    Parameters
    ----------
    folder
        Made if it is not there.
    request
        The request as JSON; rows of another request are stale.
    environment
        Versions and code; rows made by others are stale.
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
        request: Mapping[str, Any],
        environment: Environment,
        *,
        resume: bool,
        restart: bool = False,
        on_message: Callable[[str], None] | None = None,
    ) -> None:
        self._folder = folder
        self._on_message = on_message
        open_kept(
            folder,
            ROWS,
            {**request, "environment": environment.to_dict()},
            parts="rows",
            resume=resume,
            restart=restart,
            check_unchanged=lambda: _check_unchanged(folder, request, environment),
        )

    @property
    def count(self) -> int:
        """The number of finished rows."""
        return sum(_ROW.fullmatch(path.name) is not None for path in self._folder.iterdir())

    def get(self, key: str) -> RowResult | None:
        """Return the finished row of that name, if there is one and it is whole."""
        path = self._path(key)
        if not os.path.lexists(path):
            return None
        raw = json_object(path) or {}
        try:
            if raw.get("key") != key or raw.get("sha256") != _hash(raw.get("answer")):
                raise RequestError("it is not what was written")
            return RowResult.from_dict(raw["answer"])
        except RequestError as error:
            if self._on_message is not None:
                first = str(error).splitlines()[0]
                self._on_message(f"{path} is damaged ({first}): its row is computed again")
            return None

    def put(self, key: str, result: RowResult) -> None:
        """Keep a finished row."""
        row = result.to_dict()
        content = {"key": key, "sha256": _hash(row), "answer": row}
        write_file(self._path(key), json.dumps(content, ensure_ascii=False), force=True)

    def remove(self) -> None:
        """Delete the rows, once they are of no more use.

        Raises
        ------
        RequestError
            When others have put files there, or it can't be deleted.
        """
        remove_folder(self._folder, [ROWS])

    def _path(self, key: str) -> Path:
        return self._folder / f"row-{sha256(key.encode()).hexdigest()[:16]}.json"


def _hash(result: Any) -> str:
    """Return a hash of a JSON value, whatever the order of its keys."""
    try:
        text = json.dumps(result, sort_keys=True)
    except (RecursionError, ValueError):
        return ""
    return sha256(text.encode()).hexdigest()


def _check_unchanged(folder: Path, request: Mapping[str, Any], environment: Environment) -> None:
    """Refuse to go on with rows that are stale: of another request or other code."""
    stored = json_object(folder / REQUEST) or {}
    current = json.loads(json.dumps(request))
    differences = [_LABELS.get(name, name) for name in current if stored.get(name) != current[name]]
    try:
        environment_then = Environment(**(stored.get("environment") or {}))
        differences += environment_then.differences(environment)
    except TypeError:
        differences.append("version of flowopt")
    if differences:
        raise RequestError(
            f"the rows in {folder} answer another question; what differs: "
            f"{', '.join(differences)}. Ask as before, or begin anew with --force"
        )
