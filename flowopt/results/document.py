"""Results as JSON and back.

A document is a JSON object: `flowopt_result` names its kind (``solution``), `format` the rules it
follows, `flowopt` the version that wrote it, and then comes every field of the result by its name,
in order. Tuples are lists, the rows of a table are objects with a key per column, None is null,
and numbers keep all their digits: what is read back equals what was written.

`format` rises when names change; documents of an earlier one are read under the names of today
(`flowopt.result_names`). Within a format fields may be added, with a default that documents without
them take; a field that this version does not know is refused, because dropping it would make
another result.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, get_args, get_origin, get_type_hints

from flowopt._version import __version__
from flowopt.errors import RequestError
from flowopt.overview import Overviewed
from flowopt.plain_text import cut, shown, visible
from flowopt.result_names import FORMAT, record_now

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_HEAD = ("flowopt_result", "format", "flowopt")
_MOST = 20  # faults of a document that its message lists
# What a value should be, by the kind of fault that pydantic found in another one.
_WANTED = {
    "bool_type": "true or false",
    "dataclass_type": "an object",
    "dict_type": "an object",
    "finite_number": "a number",
    "float_type": "a number",
    "int_type": "a whole number",
    "string_type": "a text",
    "tuple_type": "a list",
}

# In this order a value read from JSON finds its type.
Option = bool | int | float | str | tuple[str, ...] | Mapping[str, float] | None


class Document(Overviewed):
    """A frozen dataclass that goes to JSON and comes back equal; it shows an overview of itself."""

    __slots__ = ()
    # Fields in the order of documents and pickles, where that isn't the order of the class; those
    # that are not listed follow.
    _written: ClassVar[tuple[str, ...]] = ()
    # A text is no number and 1 is not true; the rows inside have the same rules.
    __pydantic_config__: ClassVar[Mapping[str, object]] = {
        "strict": True,
        "extra": "forbid",
        "allow_inf_nan": False,
    }

    def to_dict(self) -> dict[str, Any]:
        """Return the whole result in the types of JSON: dicts, lists, texts, numbers and None.

        Returns
        -------
        dict
            ``flowopt_result``, ``format`` and ``flowopt`` first, then the fields by name.
        """
        head = dict(zip(_HEAD, (_kind(type(self)), FORMAT, __version__), strict=True))
        content = _adapter(type(self)).dump_python(self, mode="json")
        return {**head, **{f.name: content[f.name] for f in written(type(self))}}

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
            What `to_dict` returned, in this or an earlier version.

        Raises
        ------
        RequestError
            When it is no such document: another kind, another format, fields that are missing,
            unknown or of the wrong type. The message has a line for each, with its place.
        """
        from pydantic import ValidationError

        kind = _kind(cls)
        content = _opened(cls, document)
        try:
            found: Self = _adapter(cls).validate_json(
                json.dumps(content, ensure_ascii=False).encode()
            )
        except ValidationError as error:
            faults = error.errors(include_url=False)
            raise RequestError("\n".join(_messages(kind, content, faults))) from error
        except (TypeError, ValueError, RecursionError) as error:
            raise RequestError(f"this is no {kind} of flowopt: {error}") from error
        return found

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the result that `to_json` wrote, equal to the one it was.

        Parameters
        ----------
        text
            What `to_json` returned, in this or an earlier version.

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


def head() -> dict[str, Any]:
    """Return the first keys of every `summary.json`: the version, and the format of the result."""
    return {"flowopt": __version__, "format": FORMAT}


def listed(value: Any) -> Any:
    """Return a value with lists for tuples, as JSON has them."""
    if isinstance(value, Mapping):
        return {key: listed(inner) for key, inner in value.items()}
    return [listed(inner) for inner in value] if isinstance(value, tuple) else value


def written(kind: Any) -> list[Field[Any]]:
    """Return the fields of a kind of result in the order of its documents and pickles."""
    known = {f.name: f for f in fields(kind)}
    return [known[name] for name in dict.fromkeys((*getattr(kind, "_written", ()), *known))]


def state(result: Any) -> list[Any]:
    """Return the content of a pickle: the values of the fields, in order."""
    return [getattr(result, f.name) for f in written(type(result))]


def restored(result: Any, values: Sequence[Any]) -> None:
    """Set the fields of an unpickled result; those of a later version take their defaults."""
    known = written(type(result))
    for f, value in zip(known, values, strict=False):
        object.__setattr__(result, f.name, value)
    for f in known[len(values) :]:
        object.__setattr__(
            result, f.name, f.default if f.default_factory is MISSING else f.default_factory()
        )
    if hasattr(result, "__post_init__"):
        result.__post_init__()


def _kind(cls: type) -> str:
    return cls.__name__.lower()


def _new_adapter(cls: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(cls)


_adapter: Callable[[Any], TypeAdapter[Any]] = cache(_new_adapter)


def _opened(cls: type, document: Any) -> dict[str, Any]:
    """Return the fields of a document of this class, without its head, under today's names."""
    kind = _kind(cls)
    seen = document.get("flowopt_result") if isinstance(document, Mapping) else document
    if seen != kind or not isinstance(document, Mapping):
        raise RequestError(
            f"this is no {kind} of flowopt: `flowopt_result` is {_shown(seen)}, not '{kind}'"
        )
    if document.get("format") not in range(1, FORMAT + 1):
        raise RequestError(
            f"a {kind} in format {_shown(document.get('format'))}, written by flowopt "
            f"{document.get('flowopt')}: read it with that version; flowopt {__version__} reads "
            f"format {FORMAT} and earlier ones"
        )
    content = {name: value for name, value in document.items() if name not in _HEAD}
    return content if document["format"] == FORMAT else _renamed(cls, content)


def _renamed(kind: Any, value: Any) -> Any:
    """Return the value of a type in format 1 under the names of today, and all within it."""
    inner = get_args(kind)
    if isinstance(value, list):
        return [_renamed(inner[0] if inner else None, each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if get_origin(kind) is Mapping:
        return {name: _renamed(inner[1], each) for name, each in value.items()}
    for each in filter(is_dataclass, (kind, *inner)):  # a type, or one of a union
        hints, now = get_type_hints(each), record_now(getattr(each, "__name__", ""), value)
        return {name: _renamed(hints.get(name), content) for name, content in now.items()}
    return value


# -- faults in words ----------------------------------------------------------------------------


def _messages(kind: str, content: Any, faults: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each place with a fault: what it should be, and the value seen."""
    at: dict[tuple[str | int, ...], list[Mapping[str, Any]]] = {}
    for fault in faults:
        at.setdefault(_place(content, fault), []).append(fault)
    # Of the types that a value may have, the one whose inner values were looked at is meant.
    outer = {place[:n] for place in at for n in range(len(place))}
    listed_faults = [
        (p, found) for p, found in at.items() if p not in outer or not _is_union(p, found)
    ]
    for place, found in listed_faults[:_MOST]:
        yield f"{kind}{''.join(map(_step, place))} {_message(found)}"
    if len(listed_faults) > _MOST:
        yield f"and {len(listed_faults) - _MOST} more"


def _place(content: Any, fault: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Return where a fault is, without what pydantic adds: the types that a value may have.

    A field that is missing or unknown, and a list of another length, are faults of what holds it.
    """
    place: list[str | int] = []
    for part in fault["loc"]:
        known = range(len(content)) if isinstance(content, list | tuple) else content
        if isinstance(known, range | Mapping) and part in known:
            content = content[part]
            place.append(part)
    return tuple(place[:-1] if fault["type"] == "unexpected_keyword_argument" else place)


def _step(part: str | int) -> str:
    return f"[{part}]" if isinstance(part, int) else f".{cut(visible(part))}"


def _is_union(place: tuple[str | int, ...], faults: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether all faults at a place are about types of which the value needs but one."""
    return all(
        len(fault["loc"]) > len(place)
        and (fault["type"] in _WANTED or fault["type"] == "literal_error")
        for fault in faults
    )


def _message(faults: Sequence[Mapping[str, Any]]) -> str:
    """Return the fault at one place, in words: what should be there, and what is."""
    lacks: list[str] = []
    unknown = False
    wanted: dict[str, None] = {}
    for fault in faults:
        name: Any = fault["loc"][-1] if fault["loc"] else ""
        context = fault.get("ctx", {})
        match fault["type"]:
            case "json_invalid":
                return f"can't be read: {context['error']}"
            case "missing" if isinstance(name, str):
                lacks.append(f"no {name}")
            case "unexpected_keyword_argument":
                unknown = True
                lacks.append(f"an unknown {cut(visible(name))}")
            case "missing":
                wanted = {f"a list of {name + 1} values": None}
            case "too_long":
                wanted = {f"a list of {context['max_length']} values": None}
            case "literal_error":
                words = context["expected"]
                wanted[f"one of {words}" if " or " in words else words] = None
            case other:
                wanted[_WANTED.get(other, fault["msg"])] = None
    if lacks:
        mend = "; read it with the version that wrote it" if unknown else ""
        return f"has {' and '.join(lacks)}{mend}"
    return f"should be {' or '.join(wanted)}, not {_shown(faults[0]['input'])}"


def _shown(value: object) -> str:
    return shown(value, 60)
