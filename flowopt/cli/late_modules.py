"""Modules that others load by the way and few commands use, loaded only once they are used.

`scipy.sparse` takes every name of numpy, and with them its compiler of Fortran and its helpers for
tests, which take longer to load than `scipy.sparse` itself.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

LATE = frozenset({"numpy.ctypeslib", "numpy.f2py", "numpy.polynomial", "numpy.testing", "pydoc"})


class _LateFinder:  # no subclass of the abstract one, which loads the reading of packages' files
    """Finder of modules that are loaded when one of their names is asked for."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in LATE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


def load_late() -> None:
    """Have these modules loaded late in this process, which is to be the command's own."""
    if not any(isinstance(finder, _LateFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _LateFinder())
