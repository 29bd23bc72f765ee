"""Results that go out as a folder, and as a page: the room above is loaded when it is asked for.

Rooms above `results` know how to write; they are named here and never imported, as the names of
the package are in `flowopt/__init__.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.network.read import NetworkOrPath, network_of, networks_of
from flowopt.results.document import Document

_WRITER = "flowopt.report.result_writer"
_PAGES = "flowopt.report.page_files"
ResultT = TypeVar("ResultT", bound="FolderResult")


class FolderResult(Document):
    """A result that can be written as a folder; it keeps the networks that it is about."""

    __slots__ = ("_networks",)

    def write(
        self,
        folder: str | os.PathLike[str],
        *,
        network: NetworkOrPath | Iterable[NetworkOrPath] | None = None,
        force: bool = False,
    ) -> None:
        """Write the folder that the command's ``--out`` writes, whole or not at all.

        Parameters
        ----------
        folder
            A folder that is not there yet.
        network
            The network that the result is about, or its path; of a comparison of several, all.
            Needed only for a result that was copied, unpickled or read from JSON.
        force
            Replace an earlier result.

        Raises
        ------
        RequestError
            When the folder holds anything else, can't be written, or the network is another one.
        """
        write = import_module(_WRITER).write_result
        write(self, self._known(network), Path(folder), force=force)

    def summary(self) -> dict[str, Any]:
        """Return `summary.json`, in its order."""
        raise NotImplementedError

    def _hashes(self) -> tuple[str, ...]:
        """Return the hashes of the networks that it is about."""
        raise NotImplementedError

    def _known(self, given: NetworkOrPath | Iterable[NetworkOrPath] | None) -> tuple[Network, ...]:
        """Return the networks that it is about.

        Raises
        ------
        RequestError
            When it has none of its own and none is given, or others are.
        """
        kept: tuple[Network, ...] = getattr(self, "_networks", ())
        networks = kept if given is None else networks_of(given)
        if not networks:
            raise RequestError(
                "this result has no network beside it, as it was copied, unpickled or read; give "
                "it as network=..."
            )
        if not set(self._hashes()) <= {each.sha256 for each in networks}:
            names = ", ".join(repr(each.info.id) for each in networks)
            raise RequestError(f"the result is not about {names} as given; give its own network")
        return networks


class PageResult(FolderResult):
    """A result that can be shown as a page, too."""

    __slots__ = ()

    def report(
        self,
        path: str | os.PathLike[str],
        *,
        pictures: Iterable[str] = (),
        network: NetworkOrPath | None = None,
        force: bool = False,
    ) -> tuple[Path, ...]:
        """Write the page that ``flowopt report`` makes: one file that opens in any browser.

        Parameters
        ----------
        path
            The file, ``.html``, in a folder that is there.
        pictures
            ``png``, ``svg``: pictures beside the page.
        network
            The network that the page is about, or its path; needed only for a comparison of
            several, and where `write` needs it.
        force
            Replace files that are there.

        Returns
        -------
        tuple of Path
            The page and the pictures.

        Raises
        ------
        RequestError
            When the extra `report` is not installed, there is no plan to show, or a file can't be
            written.
        """
        shown = None if network is None else network_of(network)
        kept: tuple[Network, ...] = getattr(self, "_networks", ())
        networks = self._known(kept or shown)
        if shown is None and len(networks) > 1:
            names = ", ".join(repr(each.info.id) for each in networks)
            raise RequestError(f"the result is about {names}; give the one to show as network=...")
        write_page = import_module(_PAGES).write_page
        files: tuple[Path, ...] = write_page(
            self, networks, shown or networks[0], Path(path), formats=pictures, force=force
        )
        return files


def of_networks(result: ResultT, *networks: Network) -> ResultT:
    """Return the result with the networks that it is about beside it."""
    object.__setattr__(result, "_networks", networks)
    return result
