"""Small faults for a module: where it may be wrong in one place, and what its source is then.

A fault is an operator, a comparison, a number, a condition or the like replaced by another.
Docstrings, annotations and the words of messages stay as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from itertools import islice

Put = Callable[[ast.expr], None]

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One place of a module and what stands there instead.

    Attributes
    ----------
    number
        Which of the faults of the module it is, from 0.
    line
        Its line, from 1.
    was, instead
        The code there, and what replaces it.
    """

    number: int
    line: int
    was: str
    instead: str


def faults_of(source: str) -> list[Fault]:
    """Return the faults of a module, in the order of its code."""
    return [
        Fault(number, old.lineno, _short(old), _short(new))
        for number, (_, old, new) in enumerate(_replacements(ast.parse(source)))
    ]


def with_fault(source: str, fault: Fault) -> str:
    """Return the source of a module with one of its faults, and without its comments."""
    tree = ast.parse(source)
    put, _, new = next(islice(_replacements(tree), fault.number, None))
    put(new)
    return ast.unparse(ast.fix_missing_locations(tree))


def _replacements(tree: ast.AST) -> Iterator[tuple[Put, ast.expr, ast.expr]]:
    """Yield what puts an expression into its place, what stands there, and what else might."""
    for node, field, index in _places(tree):
        held = getattr(node, field)
        old = held if index is None else held[index]
        for new in _instead(old):
            yield partial(_put, node, field, index), old, new


def _places(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Yield parent, field and index of everything that may be replaced."""
    for field, held in ast.iter_fields(node):
        if field in ("annotation", "returns", "type_params", "decorator_list"):
            continue
        if isinstance(node, ast.Raise) or (field == "msg" and isinstance(node, ast.Assert)):
            continue
        for index, child in enumerate(held) if isinstance(held, list) else [(None, held)]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr):
                continue
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue
            if isinstance(child, ast.expr):
                yield node, field, index
            yield from _places(child)


def _instead(node: ast.expr) -> list[ast.expr]:
    """Return what may stand in the place of an expression; mostly nothing."""
    new = deepcopy(node)
    match new:
        case ast.Compare(ops=[op]) if type(op) in _COMPARED:
            new.ops = [_COMPARED[type(op)]()]
        case ast.BinOp(op=op) if type(op) in _COMPUTED and not _is_text(new):
            new.op = _COMPUTED[type(op)]()
        case ast.BoolOp(values=[first, *rest]):
            shorter = [first, rest[0]] if len(rest) == 1 else []
            new.op = ast.Or() if isinstance(new.op, ast.And) else ast.And()
            return [new, *shorter]
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            return [operand]
        case ast.Call(func=ast.Name(id=name) as func) if name in _CALLED:
            func.id = _CALLED[name]
        case ast.IfExp(body=body, orelse=orelse):
            return [body, orelse]
        case ast.Constant(value=bool() as value):
            return [ast.Constant(not value)]
        case ast.Constant(value=int() | float() as value):
            return [ast.Constant(value + 1)] if value in (0, 1) else [ast.Constant(value * 2)]
        case _:
            return []
    return [new]


def _is_text(node: ast.BinOp) -> bool:
    """Return whether text is put together, or types are listed."""
    sides = (node.left, node.right)
    return any(
        isinstance(side, ast.JoinedStr)
        or (isinstance(side, ast.Constant) and not isinstance(side.value, int | float))
        for side in sides
    )


def _put(node: ast.AST, field: str, index: int | None, new: ast.expr) -> None:
    if index is None:
        setattr(node, field, new)
    else:
        getattr(node, field)[index] = new


def _short(node: ast.expr) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 70 else f"{text[:67]}..."
