"""Journal of finished draws on disk, for a stress that was stopped and goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from flowopt.atomic import Kind, json_object, remove_folder
from flowopt.disk import reason_of
from flowopt.errors import RequestError
from flowopt.planning.kept_folder import REQUEST, open_kept
from flowopt.planning.sweep.environment import Environment

_DRAWS = "draws.jsonl"


def _is_request(folder: Path) -> bool:
    content = json_object(folder / REQUEST)
    return content is not None and isinstance(content.get("stress"), dict)


DRAWS = Kind(
    "the finished draws of a stress", known=_is_request, owns=lambda n: n in (REQUEST, _DRAWS)
)


class Journal:
    """Journal of finished draws: a line for each, and a file with the request.

    A line counts only if it is what was written, by the hash that it holds: the last one may have
    been cut off.

    Parameters
    ----------
    folder
        Made if it is not there.
    request
        What is asked; draws of another request are stale.
    environment
        Versions and code; draws by others are stale.
    resume
        Whether to go on with the draws that are there.
    restart
        Whether draws of an earlier request may be deleted.

    Raises
    ------
    RequestError
        When the folder holds draws that may neither be used nor deleted, or anything else.
    """

    def __init__(
        self,
        folder: Path,
        request: Mapping[str, Any],
        environment: Environment,
        *,
        resume: bool,
        restart: bool,
    ) -> None:
        self._folder = folder
        content = {"stress": dict(request), "environment": environment.to_dict()}
        open_kept(
            folder,
            DRAWS,
            content,
            parts="draws",
            resume=resume,
            restart=restart,
            check_unchanged=lambda: _check_unchanged(folder, content),
        )

    def read(self) -> dict[int, list[float]]:
        """Return the values of each finished draw."""
        found: dict[int, list[float]] = {}
        path = self._folder / _DRAWS
        if not path.exists():
            return found
        for line in path.read_bytes().splitlines():
            text, _, digest = line.rpartition(b" ")
            if digest.decode("ascii", "replace") == _digest(text):
                draw, values = json.loads(text)
                found[draw] = values
        return found

    def put(self, draw: int, values: Sequence[float]) -> None:
        """Keep a finished draw."""
        text = json.dumps([draw, list(values)]).encode()
        try:
            with (self._folder / _DRAWS).open("ab") as file:
                file.write(b"\n" + text + b" " + _digest(text).encode())
        except OSError as error:
            raise RequestError(f"{self._folder} can't be written: {reason_of(error)}") from error

    def remove(self) -> None:
        """Delete the draws, once they are of no more use."""
        remove_folder(self._folder, [DRAWS])


def _digest(text: bytes) -> str:
    return sha256(text).hexdigest()[:16]


def _check_unchanged(folder: Path, content: Mapping[str, Any]) -> None:
    """Refuse to go on with draws that are stale: of another request or other code."""
    if json_object(folder / REQUEST) != json.loads(json.dumps(content)):
        raise RequestError(
            f"the draws in {folder} are of another question, or of another version of flowopt. "
            "Ask as before, or begin anew with --force"
        )
