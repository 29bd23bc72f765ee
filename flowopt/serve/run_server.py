"""Start and end of the server of a live page."""

from __future__ import annotations

import ipaddress
import secrets
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from flowopt.errors import RequestError
from flowopt.serve.guard import Guard
from flowopt.serve.known_frontier import KnownFrontier
from flowopt.serve.live_network import LiveNetwork
from flowopt.serve.live_page import first_question
from flowopt.serve.live_server import LiveServer

LOOPBACK = "127.0.0.1"
_LAST_WORDS = 1  # seconds that answers under way have when the server ends


def run_server(
    path: Path,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    out: Path | None = None,
    frontier: Path | None = None,
    started: Callable[[str], None],
) -> None:
    """Serve the live page of a network until it is interrupted.

    Parameters
    ----------
    path
        The network.
    host, port
        The address to listen at; port 0 takes a free one.
    out
        The folder below which results are saved; None where none are.
    frontier
        The folder of a comparison whose frontier the page shows.
    started
        Called with the address of the page once it can be opened.

    Raises
    ------
    InputError, RequestError
        When the network can't be read, the frontier is not its own, or the address can't be
        listened at.
    SolverError
        When the solver fails on the network without measures.
    """
    live = LiveNetwork(path)
    known = None if frontier is None else KnownFrontier(frontier, live.network)
    live.view(first_question(live.network))
    with _listening(host, port) as listener:
        at = listener.getsockname()[1]
        token = secrets.token_urlsafe(24)
        guard = Guard(token, frozenset(_names(host, at)))
        app = LiveServer(live, guard, out, known).app()
        server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=_LAST_WORDS,
                timeout_keep_alive=30,
                h11_max_incomplete_event_size=2**16,
                limit_concurrency=256,
            ),
            lambda: started(f"http://{_shown(host)}:{at}/?token={token}"),
        )
        server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Server that says when it can be asked."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._say = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, and say so."""
        await super().startup(sockets)
        if self.started:
            self._say()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End by SIGHUP as by the signals that uvicorn knows: in order, and raised again then."""
        with super().capture_signals():
            number = getattr(signal, "SIGHUP", None)  # Windows has none
            if number is None or signal.getsignal(number) is signal.SIG_IGN:
                yield
                return
            before = signal.signal(number, self.handle_exit)
            try:
                yield
            finally:
                signal.signal(number, before)


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises
    ------
    RequestError
        When the address is none of this machine, or taken.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise RequestError(
            f"can't listen at {host}, port {port}: {error.strerror or error}; give another --port"
        ) from error


def _names(host: str, port: int) -> list[str]:
    """Return the names that a browser on this machine may use for the server."""
    names = [_shown(host)]
    if _is_loopback(host):
        names += [LOOPBACK, "localhost", "[::1]"]
    return [f"{name}:{port}".lower() for name in names]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
