"""Requests of a live page, checked before anything is done for them."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flowopt.defaults import OBJECTIVE
from flowopt.errors import RequestError
from flowopt.objectives import Objective

_MOST_MEASURES = 100_000
_LONGEST_ID = 1_000

Name = Annotated[str, Field(max_length=_LONGEST_ID)]
Plan = Annotated[tuple[Name, ...], Field(max_length=_MOST_MEASURES)]
Money = Annotated[float, Field(ge=0.0, le=1e15, allow_inf_nan=False)]
Asked = TypeVar("Asked", bound="LiveRequest")


class LiveRequest(BaseModel):
    """Request of a page: nothing in it that is not known, no text where a number belongs."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(LiveRequest):
    """The question that plans answer.

    Attributes
    ----------
    objective : str
        What the planner keeps low.
    scenario, period : str
        Those of the network; "" for the network as it stands.
    """

    objective: Objective = OBJECTIVE
    scenario: Name = ""
    period: Name = ""


class Turned(LiveRequest):
    """Request that a later one of the same page overtakes.

    Attributes
    ----------
    turn : int
        How many plans the page has shown by then.
    """

    turn: Annotated[int, Field(ge=0, le=2**53)] = 0


class PlanRequested(Turned):
    """A plan to value; with `pinned` another one beside it, in place of no measures at all."""

    question: Question
    measures: Plan
    pinned: Plan | None = None


class NextRequested(Turned):
    """A plan, and the money that is left for one measure more; None for any amount."""

    question: Question
    measures: Plan
    left: Money | None = None


class BestRequested(LiveRequest):
    """A budget for which the best plan is wanted, M USD a year."""

    question: Question
    budget: Money


class ResultRequested(LiveRequest):
    """A plan whose result is wanted: as a folder, or as a page."""

    question: Question
    measures: Plan
    budget: Money | None = None


class NoRequest(LiveRequest):
    """Request without anything to say."""


def read_request(kind: type[Asked], body: bytes) -> Asked:
    """Return a request from the body of a message.

    Raises
    ------
    RequestError
        Naming everything that is wrong with it.
    """
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'the message'}: {each['msg']}"
            for each in error.errors(include_url=False, include_input=False, include_context=False)
        )
        raise RequestError(f"the page asked for what the server does not know: {faults}") from error
