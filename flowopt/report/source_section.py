"""Section on where a page comes from: network, sources, commands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flowopt.network.network import Network
from flowopt.report.page_parts import Section


def source_section(
    network: Network,
    facts: Sequence[tuple[str, str]],
    *,
    what: str,
    commands: Sequence[str],
    unknown: str = "",
) -> Section:
    """Return the section.

    Parameters
    ----------
    network
        The network.
    facts
        Names and texts beside those of the network.
    what
        What the commands make: ``the result``.
    commands
        The commands.
    unknown
        What is not on record.
    """
    info = network.info
    license_ = f", licence {info.license}" if info.license else ""
    return Section(
        "again",
        "Where this comes from, and how to make it again",
        "again.html",
        {
            "description": info.description,
            "facts": [
                ("Network", f"{info.label}{license_}"),
                ("Hash of its tables", f"sha256 {network.sha256}"),
                *facts,
            ],
            "what": what,
            "commands": list(commands),
            "unknown": f" {unknown}" if unknown else "",
            "sources": _sources(network),
        },
    )


def _sources(network: Network) -> list[dict[str, Any]]:
    """Return the sources; only web addresses become links, each its own."""
    return [
        {
            "id": row.source,
            "title": row.title,
            "addresses": [(each, _is_link(each)) for each in _addresses(row.address)],
            "how": row.how,
            "grade": row.grade or "",
            "note": row.note,
        }
        for row in network.sources
    ]


def _addresses(text: str) -> list[str]:
    """Return the addresses of a cell: a `;` inside one is followed by no blank."""
    return [each for each in re.split(r"\s*;\s+", text) if each]


def _is_link(address: str) -> bool:
    return re.fullmatch(r"https?://\S+", address, re.IGNORECASE) is not None
