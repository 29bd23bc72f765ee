"""The network that a live page is about: its questions, and whether its files have changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.serve.live_requests import Question
from flowopt.serve.live_view import LiveView

_KEPT = 6  # questions; others are prepared anew when they are asked again
Signature = tuple[tuple[str, int, int], ...]


class LiveNetwork:
    """A network on disk, and the trafficker of each question about it.

    Parameters
    ----------
    path
        The network.

    Attributes
    ----------
    path : Path
        As given.
    network : Network
        As it was read last.

    Raises
    ------
    InputError, RequestError
        As `read_network`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._signature = _signature(path)
        self.network: Network = read_network(path)
        self._views: OrderedDict[Question, LiveView] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def changed(self) -> bool:
        """True where the files are others than those that were read."""
        return _signature(self.path) != self._signature

    def reread(self) -> None:
        """Read the files again; where they are no network any more, what was read stays.

        Raises
        ------
        InputError, RequestError
            As `read_network`.
        """
        signature = _signature(self.path)
        network = read_network(self.path)
        with self._lock:
            self._signature, self.network = signature, network
            self._views.clear()

    def network_of(self, question: Question) -> Network:
        """Return the network of a question.

        Raises
        ------
        RequestError
            Where it has no such scenario or period, or where a period has to be chosen.
        """
        network = self.network
        if question.scenario:
            network = network.scenario(question.scenario)
        if question.period:
            network = network.period(question.period)
        elif network.periods:
            raise RequestError("the network has periods: choose one of them")
        return network

    def view(self, question: Question) -> LiveView:
        """Return the trafficker of a question, prepared when it is first asked.

        Raises
        ------
        RequestError
            As `network_of`.
        SolverError
            When the solver fails on the network without measures.
        """
        with self._lock:
            found = self._views.get(question)
            if found is None:
                found = LiveView(self.network_of(question), question.objective)
                self._views[question] = found
            self._views.move_to_end(question)
            while len(self._views) > _KEPT:
                self._views.popitem(last=False)
            return found


def _signature(path: Path) -> Signature:
    """Return names, times and sizes of the files of a network; nothing where they are gone."""
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        found = [(each, each.stat()) for each in files]
    except OSError:
        return ()
    return tuple((each.name, stat.st_mtime_ns, stat.st_size) for each, stat in found)
