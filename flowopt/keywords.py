"""Keyword-only parameters, with a message that names the keyword for a value given by position."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from typing import ParamSpec, TypeVar

from flowopt.plain_text import shown

P = ParamSpec("P")
Returned = TypeVar("Returned")
_LONGEST = 40  # letters of a value in the message


def naming_keywords(function: Callable[P, Returned]) -> Callable[P, Returned]:
    """Return a function whose message for too many positions shows the call with keywords.

    >>> @naming_keywords
    ... def solve(network, *, budget=None, target=None): ...
    >>> solve("tiny", 4)
    Traceback (most recent call last):
    TypeError: solve() takes only network by position; write solve(network, budget=4)
    """
    parameters = signature(function).parameters.values()
    positional = [each.name for each in parameters if each.kind is Parameter.POSITIONAL_OR_KEYWORD]
    keywords = [each.name for each in parameters if each.kind is Parameter.KEYWORD_ONLY]

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> Returned:
        if len(args) > len(positional):
            free = [name for name in keywords if name not in kwargs]
            extra = zip(free, args[len(positional) :], strict=False)
            raise TypeError(_message(function.__qualname__, positional, list(extra)))
        return function(*args, **kwargs)

    return called


def _message(function: str, positional: list[str], extra: list[tuple[str, object]]) -> str:
    name = function.removesuffix(".__init__").rpartition(".")[2]
    own = [each for each in positional if each != "self"]
    call = ", ".join([*own, *(f"{key}={shown(value, _LONGEST)}" for key, value in extra)])
    return f"{name}() takes only {' and '.join(own)} by position; write {name}({call})"
