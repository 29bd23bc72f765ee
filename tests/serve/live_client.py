"""A running `flowopt serve`, and messages to it as a page or an attacker sends them."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.networks import ROOT

QUESTION = {"objective": "flow", "scenario": "", "period": ""}


@dataclass(frozen=True)
class Served:
    """A server: its process, the address that it printed, and its parts."""

    process: subprocess.Popen[str]
    address: str

    @property
    def token(self) -> str:
        return self.address.rpartition("token=")[2]

    @property
    def port(self) -> int:
        return urlsplit(self.address).port or 0

    def ask(self, path: str, body: Any = None, *, client: str = "page", **headers: str) -> Any:
        """Send a message as a page does; return its answer, which must be a good one."""
        code, text = self.send(path, json.dumps({} if body is None else body), client, headers)
        assert code == 200, text
        return json.loads(text) if text.startswith("{") else text

    def refused(self, path: str, body: Any = None, *, client: str = "page") -> str:
        """Send a message that is refused, and return the sentence."""
        code, text = self.send(path, json.dumps({} if body is None else body), client, {})
        assert 400 <= code < 500, (code, text)
        return str(json.loads(text)["error"])

    def send(
        self, path: str, body: str, client: str, headers: Mapping[str, str]
    ) -> tuple[int, str]:
        """Send a message with some headers changed; "" leaves one out."""
        sent = {
            "Host": f"127.0.0.1:{self.port}",
            "Content-Type": "application/json",
            "X-Flowopt-Token": self.token,
            "X-Flowopt-Client": client,
            "Content-Length": str(len(body.encode())),
            **headers,
        }
        return self.raw("POST", f"/api/{path}", body, sent)

    def raw(self, method: str, path: str, body: str, headers: Mapping[str, str]) -> tuple[int, str]:
        """Send a request with these headers and no others, at once: a refusal may come early."""
        sent = [f"{name}: {value}" for name, value in headers.items() if value]
        head = "\r\n".join([f"{method} {path} HTTP/1.1", *sent, "", ""])
        with socket.create_connection(("127.0.0.1", self.port), timeout=120) as line:
            line.sendall(f"{head}{body}".encode())
            answer = http.client.HTTPResponse(line, method=method)
            answer.begin()
            return answer.status, answer.read().decode()


@contextmanager
def serving(network: Path | str, *options: str | Path) -> Iterator[Served]:
    """Serve a network; in the end the process is gone."""
    words = [sys.executable, "-m", "flowopt", "serve", str(network), "--no-browser"]
    with subprocess.Popen(
        [*words, *map(str, options)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address, process.stderr and process.stderr.read()
            yield Served(process, address)
        finally:
            process.kill()
