"""The server of a live page: what a page may ask, and who is there."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from pathlib import Path

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from flowopt.errors import FlowoptError, RequestError
from flowopt.report.page_render import render_section
from flowopt.report.printable import printable
from flowopt.report.units import Units
from flowopt.serve.best_plan_jobs import BestPlanJobs
from flowopt.serve.guard import HEADERS, MOST_BYTES, Guard, Refusal
from flowopt.serve.known_frontier import KnownFrontier
from flowopt.serve.lanes import Answer, Lane, Lanes
from flowopt.serve.live_answer import SideBySide, answer_to
from flowopt.serve.live_network import LiveNetwork
from flowopt.serve.live_page import first_question, live_page
from flowopt.serve.live_requests import (
    BestRequested,
    NextRequested,
    NoRequest,
    PlanRequested,
    Question,
    ResultRequested,
    read_request,
)
from flowopt.serve.open_pages import LivePage, Message
from flowopt.serve.saved_results import evaluated, page_of_result, save
from flowopt.serve.search_words import search_words

_SILENT = 150.0  # seconds after which a page is gone; browsers let a hidden one speak once a minute
_LOOK = 5.0  # seconds between two looks for those


class LiveServer:
    """Everything that pages ask of one network.

    Parameters
    ----------
    live
        The network.
    guard
        What decides who may ask.
    out
        The folder below which results are saved; None where none are.
    frontier
        The frontier of a comparison, where one is known.
    """

    def __init__(
        self,
        live: LiveNetwork,
        guard: Guard,
        out: Path | None,
        frontier: KnownFrontier | None = None,
    ) -> None:
        self._live, self._guard, self._out, self._frontier = live, guard, out, frontier
        self._jobs = BestPlanJobs()
        self._lanes = Lanes()
        self._pages: dict[str, LivePage] = {}
        self._messages: Mapping[str, Message] = {
            "tick": Message(PlanRequested, self._tick, Lane.TICK),
            "map": Message(PlanRequested, self._map, Lane.LATER),
            "parts": Message(PlanRequested, self._parts, Lane.LATER),
            "diagram": Message(PlanRequested, self._diagram, Lane.LATER),
            "next": Message(NextRequested, self._next, Lane.SEARCH),
            "best/start": Message(BestRequested, self._start),
            "best/state": Message(NoRequest, self._state),
            "best/stop": Message(NoRequest, self._stop),
            "save": Message(ResultRequested, self._save, Lane.SEARCH),
            "report": Message(ResultRequested, self._report, Lane.SEARCH),
            "here": Message(NoRequest, self._here),
            "bye": Message(NoRequest, self._bye),
            "reread": Message(NoRequest, self._reread),
        }

    def app(self) -> Starlette:
        """Return the application."""
        return Starlette(
            routes=[
                Route("/", self._page, methods=["GET"]),
                Route("/api/{name:path}", self._message, methods=["POST"]),
            ],
            lifespan=self._lifespan,
        )

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        looking = asyncio.create_task(self._look_for_the_gone())
        try:
            yield
        finally:
            self._jobs.end()
            looking.cancel()

    async def _look_for_the_gone(self) -> None:
        """Free what pages held that are silent."""
        while True:
            await asyncio.sleep(_LOOK)
            for client, page in list(self._pages.items()):
                if time.monotonic() - page.seen > _SILENT:
                    self._forget(client)

    def _forget(self, client: str) -> None:
        self._pages.pop(client, None)
        self._jobs.forget(client)

    # -- the page and its messages -----------------------------------------------------------------

    async def _page(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        refusal = self._guard.at_the_door(headers, request.query_params.get("token", ""))
        if refusal is not None:
            return _refused(refusal, page=True)
        asked = {key: request.query_params[key] for key in Question.model_fields
                 if key in request.query_params}  # fmt: skip
        try:
            first = first_question(self._live.network).model_dump()
            question = Question(**{**first, **asked})
            text, policy = await run_in_threadpool(
                lambda: live_page(
                    self._live, question, saves=self._out is not None, frontier=self._frontier
                )
            )
        except ValidationError:
            return _refused(Refusal(HTTPStatus.BAD_REQUEST, "there is no such question"), page=True)
        except FlowoptError as error:
            return _refused(Refusal(HTTPStatus.BAD_REQUEST, str(error)), page=True)
        return HTMLResponse(text, headers={**HEADERS, "Content-Security-Policy": policy})

    async def _message(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        refusal = self._guard.at_the_door(headers, headers.get("x-flowopt-token", ""))
        refusal = refusal or self._guard.of_a_message(headers)
        found = self._messages.get(request.path_params["name"])
        if refusal is None and found is None:
            refusal = Refusal(HTTPStatus.NOT_FOUND, "there is no such message")
        if refusal is not None or found is None:
            return _refused(refusal or Refusal(HTTPStatus.NOT_FOUND, ""))
        client = headers["x-flowopt-client"]
        try:
            body = await _body(request)
            asked = read_request(found.kind, body)
            page = self._pages.setdefault(client, LivePage())
            page.note(asked)
            answer = await self._lanes.answer(
                found.lane,
                lambda: found.action(asked, client),
                lambda: self._pages.get(client) is page and not page.is_past(asked),
            )
        except ClientDisconnect:
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        except FlowoptError as error:
            return _refused(Refusal(HTTPStatus.BAD_REQUEST, str(error)))
        except Exception as error:  # one message must not end the server
            said = f"{type(error).__name__}: {error}"
            print(f"a message could not be answered ({said})", file=sys.stderr)
            return _refused(
                Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, f"flowopt failed unexpectedly ({said})")
            )
        if isinstance(answer, str):
            return HTMLResponse(answer, headers=HEADERS)
        return JSONResponse(answer, headers=HEADERS)

    # -- plans -------------------------------------------------------------------------------------

    def _tick(self, asked: PlanRequested, _: str) -> Answer:
        view = self._live.view(asked.question)
        tried = view.tried(view.plan(asked.measures))
        beside = None if asked.pinned is None else view.tried(view.plan(asked.pinned))
        return answer_to(view, tried, beside)

    def _side_by_side(self, asked: PlanRequested) -> SideBySide:
        view = self._live.view(asked.question)
        beside = None if asked.pinned is None else view.plan(asked.pinned)
        return SideBySide.of(view, view.plan(asked.measures), beside)

    def _map(self, asked: PlanRequested, _: str) -> Answer:
        return self._side_by_side(asked).map()

    def _parts(self, asked: PlanRequested, _: str) -> Answer:
        return self._side_by_side(asked).parts()

    def _diagram(self, asked: PlanRequested, _: str) -> Answer:
        section = self._side_by_side(asked).diagram_section()
        return {"text": render_section(section), "figure": section.figures["sankey"]}

    def _next(self, asked: NextRequested, _: str) -> Answer:
        view = self._live.view(asked.question)
        found = view.following(view.plan(asked.measures))
        rows = [
            {
                "id": row.measure,
                "name": printable(row.name),
                "cost": row.added_cost,
                "adds": row.adds,
            }
            for row in found.rows
            if asked.left is None or row.added_cost <= asked.left * (1.0 + 1e-9) + 1e-9
        ]
        note = printable("; ".join(found.warnings))
        return {"rows": rows, "note": note, "looking": found.looking}

    # -- the best plan -----------------------------------------------------------------------------

    def _start(self, asked: BestRequested, client: str) -> Answer:
        network = self._live.network_of(asked.question)
        job = self._jobs.start(
            client,
            {"network": network, "budget": asked.budget, "objective": asked.question.objective},
        )
        page = self._pages.get(client)
        if page is None:  # it was closed meanwhile: nobody would end its search
            self._jobs.forget(client)
            raise RequestError("this page was closed before its search began")
        page.best = asked
        return {"state": job.said["state"]}

    def _state(self, _: NoRequest, client: str) -> Answer:
        job, page = self._jobs.of(client), self._pages.get(client)
        asked = None if page is None else page.best
        if asked is None:
            raise RequestError("this page has no search for a best plan")
        units = Units(self._live.network_of(asked.question), asked.question.objective)
        return {**job.said, "words": printable(search_words(job, asked.budget, units))}

    def _stop(self, _: NoRequest, client: str) -> Answer:
        self._jobs.of(client).stop()
        return {}

    # -- what is taken along -----------------------------------------------------------------------

    def _save(self, asked: ResultRequested, _: str) -> Answer:
        if self._out is None:
            raise RequestError("flowopt serve was started without --out, so it saves nothing")
        network = self._live.network_of(asked.question)
        result = evaluated(network, asked.measures, asked.question.objective, asked.budget)
        folder = save(result, network, self._out)
        return {
            "folder": str(folder),
            "words": f"Saved: {folder}. `flowopt verify {folder}` checks it.",
        }

    def _report(self, asked: ResultRequested, _: str) -> Answer:
        network = self._live.network_of(asked.question)
        result = evaluated(network, asked.measures, asked.question.objective, asked.budget)
        return page_of_result(result, network)

    # -- who is there ------------------------------------------------------------------------------

    def _here(self, _: NoRequest, __: str) -> Answer:
        return {"changed": self._live.changed}

    def _bye(self, _: NoRequest, client: str) -> Answer:
        self._forget(client)
        return {}

    def _reread(self, _: NoRequest, __: str) -> Answer:
        self._live.reread()
        return {}


async def _body(request: Request) -> bytes:
    """Return the body of a message, as long as it may be.

    Raises
    ------
    RequestError
        When it is longer.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise RequestError("the message is too long")
    return bytes(body)


def _refused(refusal: Refusal, *, page: bool = False) -> Response:
    words = printable(refusal.words)
    if page:
        return PlainTextResponse(f"{words}\n", status_code=refusal.status, headers=HEADERS)
    return JSONResponse({"error": words}, status_code=refusal.status, headers=HEADERS)
