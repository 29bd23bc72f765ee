"""Versions and code that a row depends on: the same ones give the same row."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from functools import cache
from hashlib import sha256
from importlib import metadata, resources
from importlib.resources.abc import Traversable

from flowopt._version import __version__
from flowopt.errors import RequestError
from flowopt.model.solver import solver_version

UNREADABLE = (
    "the sources of flowopt can't be read here, so rows made by other code of the same version "
    "would not be noticed"
)


@dataclass(frozen=True, slots=True)
class Environment:
    """Versions and code of one process.

    Attributes
    ----------
    flowopt, python, highs, pulp : str
        Versions; of Python without the last part.
    code : str or None
        Hash of the package's sources, None where they can't be read.
    solver : str
        Name and version of the requested solver.
    """

    flowopt: str
    code: str | None
    python: str
    highs: str
    pulp: str
    solver: str

    def differences(self, other: Environment) -> list[str]:
        """Return the differences from another environment, as phrases that name this one first."""
        return [
            _WORDS[field.name].format(getattr(self, field.name), getattr(other, field.name))
            for field in fields(self)
            if getattr(self, field.name) != getattr(other, field.name)
        ]

    def to_dict(self) -> dict[str, str | None]:
        """Return it for JSON."""
        return asdict(self)


_WORDS = {
    "flowopt": "flowopt {}, not {}",
    "code": "other code of flowopt (the hashes of its sources differ)",
    "python": "Python {}, not {}",
    "highs": "HiGHS {}, not {}",
    "pulp": "PuLP {}, not {}",
    "solver": "solver {}, not {}",
}


def environment(solver: str) -> Environment:
    """Return the versions and the code of this process.

    Raises
    ------
    RequestError, SolverError
        When the solver is not known or not installed.
    """
    return Environment(
        flowopt=__version__,
        code=code_sha256(),
        python=".".join(map(str, sys.version_info[:2])),
        highs=metadata.version("highspy"),
        pulp=metadata.version("pulp"),
        solver=f"{solver.lower()} {solver_version(solver)}",
    )


def check_environment(expected: Environment, solver: str, asked: str) -> None:
    """Refuse to work where versions or code are others than in the calling process.

    Parameters
    ----------
    expected
        Those of the calling process.
    solver
        Name of the solver.
    asked
        The question, in words.

    Raises
    ------
    RequestError
        Naming what differs.
    """
    if differences := environment(solver).differences(expected):
        raise RequestError(
            f"a worker has {', '.join(differences)} as {asked} was asked with: install the same on "
            "every machine"
        )


@cache
def code_sha256() -> str | None:
    """Return a hash of the package's sources, None where they can't be read.

    Line ends don't count, so that checkouts on different systems are the same.
    """
    digest = sha256()
    try:
        sources = sorted(_sources(resources.files("flowopt"), ""))
        for name, source in sources:
            text = source.read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{name} {len(text)}\n".encode() + text)
    except OSError:
        return None
    return digest.hexdigest() if sources else None


def _sources(folder: Traversable, inside: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        name = f"{inside}{entry.name}"
        if entry.is_dir():
            yield from _sources(entry, f"{name}/")
        elif name.endswith(".py"):
            yield name, entry
