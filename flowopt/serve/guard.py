"""Guard of the server: who may ask, how much, and what a browser may do with the answer.

A page on the open web can make a browser send requests to this machine, and by rebinding a name
even read the answers. So every request needs the token, which only the printed address holds; its
`Host` must be one of this server's names, its `Origin`, where a browser states one, this server;
and it comes as JSON with a header of its own, which no form of another site can send.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

MOST_BYTES = 4 * 2**20  # of a message: 100,000 ids of forty letters
_MOST_CLIENTS = 256
_A_SECOND, _AT_ONCE = 20.0, 60.0  # messages of one page, in the mean and in a burst
_LONGEST_CLIENT = 64
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Refusal of a request: its status, and a sentence."""

    status: HTTPStatus
    words: str


@dataclass(slots=True)
class _Allowance:
    """Messages that a page may still send: so many a second, more at once after a rest."""

    at: float
    left: float = _AT_ONCE

    def take(self, now: float) -> bool:
        """Return whether there was one left, and take it."""
        self.left = min(_AT_ONCE, self.left + (now - self.at) * _A_SECOND)
        self.at = now
        if self.left < 1.0:
            return False
        self.left -= 1.0
        return True


class Guard:
    """The judge of requests.

    Parameters
    ----------
    token
        The secret of the address.
    hosts
        Names of this server as a browser states them, port included.
    clock
        Seconds that pass, from any start.
    """

    def __init__(
        self, token: str, hosts: frozenset[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._token, self._hosts, self._clock = token.encode(), hosts, clock
        self._allowances: OrderedDict[str, _Allowance] = OrderedDict()

    def at_the_door(self, headers: Mapping[str, str], token: str) -> Refusal | None:
        """Return why a request is refused whatever it asks, None where it is not.

        Parameters
        ----------
        headers
            Of the request, names in small letters.
        token
            The token that it states.
        """
        if headers.get("host", "").lower() not in self._hosts:
            return Refusal(HTTPStatus.MISDIRECTED_REQUEST, "this server has another name")
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in {f"http://{each}" for each in self._hosts}:
            return Refusal(HTTPStatus.FORBIDDEN, "another site may not ask this server")
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return Refusal(HTTPStatus.FORBIDDEN, "another site may not ask this server")
        if not secrets.compare_digest(token.encode(), self._token):
            return Refusal(
                HTTPStatus.FORBIDDEN,
                "the address lacks its token: open the address that flowopt serve printed",
            )
        return None

    def of_a_message(self, headers: Mapping[str, str]) -> Refusal | None:
        """Return why a message of a page is refused, None where it is not."""
        if headers.get("content-type", "").split(";")[0].strip() != "application/json":
            return Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "messages are JSON")
        client = headers.get("x-flowopt-client", "")
        if not client or len(client) > _LONGEST_CLIENT:
            return Refusal(HTTPStatus.BAD_REQUEST, "the message does not say which page sent it")
        length = headers.get("content-length", "")
        if not length.isascii() or not length.isdigit():
            return Refusal(HTTPStatus.LENGTH_REQUIRED, "the message does not say how long it is")
        if len(length) > 12 or int(length) > MOST_BYTES:
            return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the message is too long")
        now = self._clock()
        allowance = self._allowances.setdefault(client, _Allowance(now))
        self._allowances.move_to_end(client)
        while len(self._allowances) > _MOST_CLIENTS:
            self._allowances.popitem(last=False)
        if not allowance.take(now):
            return Refusal(HTTPStatus.TOO_MANY_REQUESTS, "that is too fast; wait a moment")
        return None
