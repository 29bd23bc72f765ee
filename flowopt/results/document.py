"""Results as JSON and back.

A document is a JSON object: `flowopt_result` names its kind (``solution``), `format` the rules it
follows, `flowopt` the version that wrote it, and then comes every field of the result by its name,
in order. Tuples are lists, the rows of a table are objects with a key per column, None is null,
and numbers keep all their digits: what is read back equals what was written.

`format` rises when documents of the former one can no longer be read. Within a format fields may
be added, with a default that documents without them take; a field that this version does not know
is refused, because dropping it would make another result.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Self, Union, get_args, get_origin, get_type_hints

from flowopt._version import __version__
from flowopt.errors import RequestError
from flowopt.plain_text import shown

FORMAT = 1
_HEAD = ("flowopt_result", "format", "flowopt")
_SCALARS = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}

# In this order a value read from JSON finds its type.
Option = bool | int | float | str | tuple[str, ...] | Mapping[str, float] | None


class Document:
    """A frozen dataclass that goes to JSON and comes back equal."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the whole result as what JSON has: dicts, lists, texts, numbers and None.

        Returns
        -------
        dict
            ``flowopt_result``, ``format`` and ``flowopt`` first, then the fields by name.
        """
        head = dict(zip(_HEAD, (_kind(type(self)), FORMAT, __version__), strict=True))
        return {**head, **_plain(self)}

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the whole result as a JSON text, which `from_json` reads back.

        Parameters
        ----------
        indent
            Spaces by which to indent; None for one line.
        """
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=indent)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Return the result that `to_dict` made a dict of, equal to the one it was.

        Parameters
        ----------
        document
            What `to_dict` returned, in this or an earlier version of the same `format`.

        Raises
        ------
        RequestError
            When it is no such document: another kind, another format, a field that is missing,
            unknown or of the wrong type. The message says where.
        """
        kind = _kind(cls)
        found: Self = _read(cls, _opened(kind, document), kind)
        return found

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the result that `to_json` wrote, equal to the one it was.

        Parameters
        ----------
        text
            What `to_json` returned, in this or an earlier version of the same `format`.

        Raises
        ------
        RequestError
            When it is no JSON or no such document, as for `from_dict`.
        """
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise RequestError(f"this is no {_kind(cls)} of flowopt: {error}") from error
        return cls.from_dict(document)


def listed(value: Any) -> Any:
    """Return a value with lists for tuples, as JSON has them."""
    if isinstance(value, Mapping):
        return {key: listed(inner) for key, inner in value.items()}
    return [listed(inner) for inner in value] if isinstance(value, tuple) else value


def restored(result: Any, state: Sequence[Any]) -> None:
    """Set the fields of an unpickled result; those of a later version take their defaults."""
    known = fields(result)
    for f, value in zip(known, state, strict=False):
        object.__setattr__(result, f.name, value)
    for f in known[len(state) :]:
        object.__setattr__(
            result, f.name, f.default if f.default_factory is MISSING else f.default_factory()
        )
    if hasattr(result, "__post_init__"):
        result.__post_init__()


def _kind(cls: type) -> str:
    return cls.__name__.lower()


def _plain(value: Any) -> Any:
    """Return a value of a result as JSON has it."""
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return value


def _opened(kind: str, document: Any) -> dict[str, Any]:
    """Return the fields of a document of this kind, without its head."""
    seen = document.get("flowopt_result") if isinstance(document, Mapping) else document
    if seen != kind or not isinstance(document, Mapping):
        raise RequestError(
            f"this is no {kind} of flowopt: `flowopt_result` is {_shown(seen)}, not '{kind}'"
        )
    if document.get("format") != FORMAT:
        raise RequestError(
            f"a {kind} in format {_shown(document.get('format'))}, written by flowopt "
            f"{document.get('flowopt')}; flowopt {__version__} reads format {FORMAT}"
        )
    return {name: value for name, value in document.items() if name not in _HEAD}


# -- reading: by the types of the fields --------------------------------------------------------


@cache
def _types(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _read(wanted: Any, value: Any, at: str) -> Any:
    """Return a JSON value as the type that a field wants; `at` says where it stands."""
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin in (Union, UnionType):
        return _read_union(inner, value, at)
    if origin is Literal:
        if isinstance(value, str) and value in inner:
            return value
        raise _wrong(at, f"one of {', '.join(map(repr, inner))}", value)
    if wanted in _SCALARS:
        return _read_scalar(wanted, value, at)
    if is_dataclass(wanted) or origin is Mapping:
        if not isinstance(value, Mapping):
            raise _wrong(at, "an object", value)
        if origin is Mapping:
            return {key: _read(inner[1], each, f"{at}.{key}") for key, each in value.items()}
        return _read_fields(wanted, value, at)
    if not isinstance(value, list | tuple):
        raise _wrong(at, "a list", value)
    if origin is tuple and inner[-1] is not Ellipsis:
        if len(value) != len(inner):
            raise _wrong(at, f"{len(inner)} values", value)
        kinds = inner
    else:
        kinds = (inner[0],) * len(value)
    read = [_read(k, v, f"{at}[{i}]") for i, (k, v) in enumerate(zip(kinds, value, strict=True))]
    # What else is a tuple is a table, which knows the class of its rows.
    return tuple(read) if origin is tuple else origin(inner[0], read)


def _read_union(choices: tuple[Any, ...], value: Any, at: str) -> Any:
    if value is None and NoneType in choices:
        return None
    wrong = None
    for wanted in choices:
        if wanted is not NoneType:
            try:
                return _read(wanted, value, at)
            except RequestError as error:
                wrong = error
    assert wrong is not None
    raise wrong


def _read_scalar(wanted: type, value: Any, at: str) -> Any:
    kind = type(value)
    if wanted is float and issubclass(kind, float | int) and kind is not bool:
        try:
            number = float(value)
        except OverflowError:  # a whole number beyond all floats
            number = math.inf
        if math.isfinite(number):
            return number
    elif issubclass(kind, wanted) and (wanted is bool or kind is not bool):
        return value
    raise _wrong(at, _SCALARS[wanted], value)


def _read_fields(cls: Any, value: Mapping[str, Any], at: str) -> Any:
    known = {f.name: f for f in fields(cls)}
    unknown = [name for name in value if name not in known]
    missing = [
        name
        for name, f in known.items()
        if name not in value and f.default is MISSING and f.default_factory is MISSING
    ]
    if unknown or missing:
        what = [f"no {name}" for name in missing] + [f"an unknown {name}" for name in unknown]
        raise RequestError(f"{at} has {' and '.join(what)}")
    types = _types(cls)
    return cls(**{name: _read(types[name], v, f"{at}.{name}") for name, v in value.items()})


def _wrong(at: str, wanted: str, value: Any) -> RequestError:
    return RequestError(f"{at} should be {wanted}, not {_shown(value)}")


def _shown(value: Any) -> str:
    return shown(value, 60)
