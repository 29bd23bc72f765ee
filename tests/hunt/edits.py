"""`python -m tests.hunt.edits`: results edited at random, which `verify` must refuse.

It draws small networks of many shapes, and of each a result: of one plan, for several scenarios, of
measures that may fail, over time, a comparison or a stress. Its folder is edited again and again: a
number, a word, a row, a key or a file of it, or a number or a word in all its files at once. What
`verify` lets pass has to be harmless: what no arithmetic can tell, or, where all files agree,
another question, of whose claims `--enumerate` has the say.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import flowopt
from flowopt.criteria import CRITERION_NAMES
from flowopt.errors import FlowoptError
from flowopt.objectives import Objective
from flowopt.planning.enumerate import prove_by_enumeration
from flowopt.planning.verify import verify
from tests.drawn.dice import Dice
from tests.drawn.luck import with_chances
from tests.drawn.scenarios import with_scenarios
from tests.drawn.shapes import HUNTED
from tests.drawn.wild import valid_network
from tests.hunt import periods
from tests.hunt.counted import hunted
from tests.hunt.networks import Quarry, quarries
from tests.hunt.questions import drawn_budget
from tests.planning.tampering import (
    Place,
    leaves,
    other_cells,
    others,
    overwrite,
    rewrite,
    rows_of,
    with_leaf,
)  # fmt: skip

OBJECTIVES: tuple[Objective, ...] = ("flow", "profit", "bilevel")
EDITS = 12  # of each result
MOST = 3  # measures of a network
_HELD = "network.json"  # a copy of the network, which its hash answers for
# What no arithmetic can tell, by the first key in JSON, or by the column of a table.
UNSEEN = {"flowopt", "seconds", "warnings"}
# Of a stress, what `verify` lists as claims: what was drawn, the plans whose values are told, and
# the cuts and flips beside them.
CLAIMED = {"plans", "ranges", "seed", "common", "r2", "baseline", "factor", "value",
           "cut_low", "cut_high", "flip_low", "flip_high", "rival"}  # fmt: skip

Edit = tuple[str, bool, bool]  # what was edited, whether in all files, whether it can't be seen


def plain(dice: Dice, quarry: Quarry, folder: Path) -> None:
    """Write a best plan, a plan that was given, or what is done without measures."""
    network = valid_network(dice, HUNTED[quarry.shape], MOST)
    objective = dice.pick(OBJECTIVES)
    match dice.upto(3):
        case 0:
            flowopt.respond(network, objective=objective).write(folder)
        case 1:
            plan = dice.subset([row.measure for row in network.measures])
            flowopt.evaluate(network, plan, objective=objective).write(folder)
        case _:
            budget = drawn_budget(dice, network)
            asked: dict[str, Any] = {"objective": objective, "alternatives": 1 + dice.upto(1)}
            flowopt.solve(network, budget=budget, threads=1, **asked).write(folder)


def criterion(dice: Dice, quarry: Quarry, folder: Path) -> None:
    """Write a plan for several scenarios."""
    network = with_scenarios(dice, valid_network(dice, HUNTED[quarry.shape], MOST), 2)
    name, budget = dice.pick(CRITERION_NAMES), drawn_budget(dice, network)
    flowopt.solve(network, budget=budget, criterion=name, threads=1).write(folder)


def luck(dice: Dice, quarry: Quarry, folder: Path) -> None:
    """Write a plan whose measures may fail."""
    network = with_chances(dice, valid_network(dice, HUNTED[quarry.shape], MOST))
    plan = dice.subset([row.measure for row in network.measures])
    flowopt.evaluate(network, plan, objective=dice.pick(OBJECTIVES[:2])).write(folder)


def years(dice: Dice, quarry: Quarry, folder: Path) -> None:
    """Write a schedule over periods."""
    network, _ = periods.drawn(quarry.seed, quarry.number)
    budget = dice.pick(periods.BUDGETS)
    flowopt.solve(network, budget=budget, threads=1).write(folder)


def frontier(dice: Dice, quarry: Quarry, folder: Path) -> None:
    """Write a comparison of budgets."""
    network = valid_network(dice, HUNTED[quarry.shape], MOST)
    budgets = sorted({0.0, drawn_budget(dice, network), drawn_budget(dice, network)})
    objective = dice.pick(OBJECTIVES[:2])
    flowopt.compare(network, budgets=budgets, objectives=[objective], workers=1).write(folder)


def stress(dice: Dice, quarry: Quarry, folder: Path) -> None:
    """Write how a plan fares when all numbers move."""
    network = valid_network(dice, HUNTED[quarry.shape], MOST)
    plan = dice.subset([row.measure for row in network.measures])
    flowopt.stress(network, plan, draws=5, seed=1 + dice.upto(9)).write(folder)


KINDS: dict[str, Callable[[Dice, Quarry, Path], None]] = {
    "plain": plain, "criterion": criterion, "luck": luck,
    "years": years, "frontier": frontier, "stress": stress,
}  # fmt: skip


def edited(folder: Path, dice: Dice) -> Edit | None:
    """Edit one thing in a folder; None where that changes nothing."""
    return dice.pick((_leaf, _cell, _leaf, _cell, _row, _entry, _file, _number, _word))(
        folder, dice
    )


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.rglob(pattern) if path.is_file())


def _json(folder: Path, dice: Dice) -> tuple[Path, Any]:
    path = dice.pick(_files(folder, "*.json"))
    return path, json.loads(path.read_text(encoding="utf-8"))


def _leaf(folder: Path, dice: Dice) -> Edit | None:
    """Change one place of a JSON file."""
    path, raw = _json(folder, dice)
    place, value = dice.pick(list(leaves(raw)))
    if not place:
        return None
    other = dice.pick(others(value))
    if other == value and isinstance(other, bool) == isinstance(value, bool):
        return None
    overwrite(path, json.dumps(with_leaf(raw, place, other)).encode())
    return f"{path.name} {place}: {value!r} to {other!r}", False, _is_unseen(folder, place)


def _is_unseen(folder: Path, place: Place) -> bool:
    trace = place[-1] not in ("time_limit", "threads")  # which leave none in a result
    return not trace or any(key in _unseen(folder) for key in place[:3])


def _unseen(folder: Path) -> set[str]:
    """Return keys and columns of what no arithmetic can tell of a result."""
    return UNSEEN | CLAIMED if (folder / "drivers.csv").exists() else UNSEEN


def _cell(folder: Path, dice: Dice) -> Edit | None:
    """Change one cell of a table."""
    path = dice.pick(_files(folder, "*.csv") or [folder / "none"])
    rows = rows_of(path) if path.exists() else []
    if len(rows) < 2:
        return None
    r, c = 1 + dice.upto(len(rows) - 2), dice.upto(len(rows[0]) - 1)
    was, other = rows[r][c], dice.pick(other_cells(rows[r][c]))
    if was == other:
        return None
    rows[r][c] = other
    rewrite(path, rows)
    told = f"{path.name} row {r + 1} {rows[0][c]}: {was!r} to {other!r}"
    return told, False, rows[0][c] in _unseen(folder)


def _row(folder: Path, dice: Dice) -> Edit | None:
    """Take out a row of a table, double it, or let two change places."""
    path = dice.pick(_files(folder, "*.csv") or [folder / "none"])
    rows = rows_of(path) if path.exists() else []
    if len(rows) < 2:
        return None
    before, at = [*rows], 1 + dice.upto(len(rows) - 2)
    what = dice.pick(("out", "twice", "first"))
    row = rows.pop(at)
    if what != "out":
        rows[at:at] = [row, row] if what == "twice" else []
        rows[1:1] = [row] if what == "first" else []
    if rows == before:
        return None
    rewrite(path, rows)
    equal = what == "first" and path.name == "drivers.csv"  # of equally wide groups any may be
    return f"{path.name} row {at + 1} {what}", False, equal


def _entry(folder: Path, dice: Dice) -> Edit | None:
    """Take a key or an element out of JSON."""
    path, raw = _json(folder, dice)
    held, place = raw, []
    while isinstance(held, dict | list) and held:
        key = dice.pick(list(held) if isinstance(held, dict) else list(range(len(held))))
        place.append(key)
        if dice.chance(40) or not (isinstance(held[key], dict | list) and held[key]):
            break
        held = held[key]
    if not place:
        return None
    value = held.pop(place[-1])
    overwrite(path, json.dumps(raw).encode())
    # Folders of the first version have neither, and no reason means the same.
    old = place == ["format"] or (place == ["claim", "limit"] and value is None)
    return f"{path.name} without {place}", False, old or _is_unseen(folder, tuple(place))


def _file(folder: Path, dice: Dice) -> Edit | None:
    """Take out a file, or cut it short."""
    path = dice.pick(_files(folder, "*.json") + _files(folder, "*.csv"))
    content, what = path.read_bytes(), dice.pick(("out", "empty", "half"))
    path.unlink()
    if what != "out":
        path.write_bytes(b"" if what == "empty" else content[: len(content) // 2])
    return f"{path.relative_to(folder)} {what}", False, False


def _number(folder: Path, dice: Dice) -> Edit | None:
    """Change a number in all files at once."""
    found: dict[str, None] = {}
    for path in _files(folder, "summary.json"):
        for place, value in leaves(json.loads(path.read_text(encoding="utf-8"))):
            if type(value) is float and value and not _is_unseen(folder, place):
                found[repr(value)] = None
    if not found:
        return None
    old = float(dice.pick(list(found)))
    new = old * dice.pick((1.01, 0.99, 2.0))
    _everywhere(folder, lambda value: new if _is_number(value, old) else value)
    return f"{old!r} to {new!r} everywhere", True, False


def _word(folder: Path, dice: Dice) -> Edit | None:
    """Put one word in the place of another in all files at once."""
    path = dice.pick(_files(folder, "summary.json"))
    raw = json.loads(path.read_text(encoding="utf-8"))
    words = sorted(
        {v for p, v in leaves(raw) if isinstance(v, str) and not _is_unseen(folder, p) and v}
    )
    old, new = dice.pick(words), dice.pick(words)
    if old == new:
        return None
    _everywhere(folder, lambda value: new if value == old else value)
    return f"{old!r} to {new!r} everywhere", True, False


def _is_number(value: Any, number: float) -> bool:
    """Return whether a place of JSON, or a cell, holds a number."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return False
    return isinstance(value, int | float) and f"{value:.9g}" == f"{number:.9g}"


def _everywhere(folder: Path, other: Callable[[Any], Any]) -> None:
    """Change what stands in all files but the network, place by place and cell by cell."""
    for path in _files(folder, "*.json"):
        if path.name == _HELD:
            continue
        raw = json.loads(path.read_text(encoding="utf-8"))
        for place, value in leaves(raw):
            if place and not _is_unseen(folder, place):
                raw = with_leaf(raw, place, other(value))
        overwrite(path, json.dumps(raw).encode())
    for path in _files(folder, "*.csv"):
        cells = [[other(cell) for cell in row] for row in rows_of(path)]
        rewrite(path, [[c if isinstance(c, str) else repr(c) for c in row] for row in cells])


def faults_of(kind: str, quarry: Quarry) -> list[str]:
    """Return the edits of one result that `verify` lets pass, or breaks down on."""
    dice = Dice.seeded(f"edits-{kind}-{quarry}")
    found: list[str] = []
    with TemporaryDirectory() as home:
        sound, copy = Path(home) / "sound", Path(home) / "copy"
        try:
            KINDS[kind](dice, quarry, sound)
        except FlowoptError:  # no plan, or none of this kind: other hunts look into that
            return []
        for _ in range(EDITS):
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(sound, copy)
            edit = edited(copy, dice)
            if edit is not None and (wrong := _passes(copy, edit)):
                found.append(f"{edit[0]}: {wrong}")
    return found


def _passes(folder: Path, edit: Edit) -> str:
    """Return in which way an edit that does harm goes unnoticed, nothing where it does not."""
    _, everywhere, hidden = edit
    try:
        if not verify(folder).passed or hidden:
            return ""
        if everywhere and prove_by_enumeration(folder):  # what it says of the claims is not ours
            return ""
    except FlowoptError as error:
        return "" if not everywhere or "--enumerate" not in str(error) else f"passes; {error}"
    except Exception as error:  # whatever else the program raises is a finding
        return f"{type(error).__name__}: {error}"
    return "passes"


def looked_at(seed: int, numbers: range) -> Iterator[tuple[str, list[str]]]:
    drawn = islice(quarries(list(HUNTED), seed), numbers.start, numbers.stop)
    kinds = list(KINDS)
    for number, quarry in zip(numbers, drawn, strict=True):
        kind = kinds[(number + number // len(HUNTED)) % len(kinds)]
        yield f"{number} {kind} {quarry}", faults_of(kind, quarry)


def main(words: list[str] | None = None) -> int:
    return hunted("tests.hunt.edits", __doc__, looked_at, words, answers=EDITS)


if __name__ == "__main__":
    sys.exit(main())
