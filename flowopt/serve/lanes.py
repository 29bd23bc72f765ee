"""Order in which the messages of pages are answered: ticks first, and nothing that is overtaken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from typing import Any

from starlette.concurrency import run_in_threadpool

_PATIENCE = 1.0  # seconds that other messages wait for a moment without ticks
OVERTAKEN = {"overtaken": True}
Answer = dict[str, Any] | str


class Lane(Enum):
    """Lane of a message; those of one lane are answered one at a time, but for those beside."""

    TICK = auto()
    LATER = auto()
    SEARCH = auto()
    BESIDE = auto()


class Lanes:
    """Messages that wait for their answers.

    A tick is a click somebody waits for. What takes longer begins while no tick waits, so that a
    page that shows everything does not hold up the clicks on others.
    """

    def __init__(self) -> None:
        self._free = {lane: asyncio.Lock() for lane in Lane}
        self._ticks = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    async def answer(
        self, lane: Lane, action: Callable[[], Answer], wanted: Callable[[], bool]
    ) -> Answer:
        """Return the answer of an action in its turn; `OVERTAKEN` where it is not wanted by then.

        Parameters
        ----------
        lane, action
            The lane, and what gives the answer.
        wanted
            Whether somebody still waits for it.
        """
        if lane is Lane.BESIDE:
            return await run_in_threadpool(action)
        if lane is Lane.TICK:
            return await self._tick(action, wanted)
        async with self._free[lane]:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._quiet.wait(), _PATIENCE)
            return await _answered(action, wanted)

    async def _tick(self, action: Callable[[], Answer], wanted: Callable[[], bool]) -> Answer:
        self._ticks += 1
        self._quiet.clear()
        try:
            async with self._free[Lane.TICK]:
                return await _answered(action, wanted)
        finally:
            self._ticks -= 1
            if not self._ticks:
                self._quiet.set()


async def _answered(action: Callable[[], Answer], wanted: Callable[[], bool]) -> Answer:
    return await run_in_threadpool(action) if wanted() else OVERTAKEN
