"""Pages that are open, and the messages that they may send."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flowopt.serve.lanes import Answer, Lane
from flowopt.serve.live_requests import BestRequested, LiveRequest, Turned


@dataclass(frozen=True, slots=True)
class Message:
    """Message of a page: what it says, what answers it, and its lane."""

    kind: type[LiveRequest]
    action: Callable[[Any, str], Answer]
    lane: Lane = Lane.BESIDE


@dataclass(slots=True)
class LivePage:
    """One open page: when it was heard last, its newest turn, and the best plan it looks for."""

    seen: float = 0.0
    turn: int = 0
    best: BestRequested | None = None

    def note(self, asked: LiveRequest) -> None:
        """Note a message of it."""
        self.seen = time.monotonic()
        if isinstance(asked, Turned):
            self.turn = max(self.turn, asked.turn)

    def is_past(self, asked: LiveRequest) -> bool:
        """Return whether the page has asked for something newer in its place."""
        return isinstance(asked, Turned) and asked.turn < self.turn
