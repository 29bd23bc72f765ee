"""Reading: every mistake is told once, with its place, all mistakes at once, and nothing else."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest

from flowopt.errors import InputError
from flowopt.network.checks.warning_groups import unpriced
from flowopt.network.read import read_network
from flowopt.network.schema import Supply
from tests.network.overlays import BASE, OF_TIME, OVER_TIME, cases, lay

SHIPPED = BASE.parents[2] / "networks"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BASE, tmp_path / "base"))


def problems(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_network(path)
    assert str(caught.value).splitlines() == [str(p) for p in caught.value.problems]
    return [str(problem) for problem in caught.value.problems]


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("case", cases("bad"))
def test_every_mistake_is_told_with_its_place(case: str, tmp_path: Path) -> None:
    folder, expected = lay("bad", case, tmp_path / "network")
    assert problems(folder) == expected


@pytest.mark.parametrize("case", cases("odd"))
def test_what_is_odd_is_told_and_stops_nothing(case: str, tmp_path: Path) -> None:
    folder, expected = lay("odd", case, tmp_path / "network")
    assert list(read_network(folder).warnings) == expected


@pytest.mark.parametrize("quantity", ["1e15", "1e9"])
def test_a_quantity_for_no_limit_is_no_vast_market(quantity: str, tmp_path: Path) -> None:
    folder, _ = lay("odd", "market_beside_a_vast_one", tmp_path / "network")
    change(folder / "demands.csv", "1e15", quantity)
    for row in ("Town,powder,10", "Town,paste,10"):
        change(folder / "demands.csv", row, row.replace("10", "0.1"))
    assert len(read_network(folder).warnings) == 1
    change(folder / "supplies.csv", "Port,powder,,1\n", "")  # the labs make some 80 t in all
    assert read_network(folder).warnings == ()


def test_the_base_of_the_cases_is_sound_and_has_every_table() -> None:
    network = read_network(BASE)
    assert network.warnings == ()
    assert {name for name, rows in network.tables().items() if not rows} == {*OF_TIME}
    over_time = read_network(OVER_TIME)
    assert over_time.warnings == ()
    assert all(over_time.tables().values())


def test_rows_come_as_written() -> None:
    network = read_network(str(BASE))
    assert [arc.arc for arc in network.arcs] == ["a1", "a2", "a3", "a4", "a5"]
    arc = network.arcs[1]
    assert (arc.tail, arc.head, arc.commodities, arc.mode) == ("Mine", "Lab", ("acid",), "road")
    assert (arc.capacity, arc.cost, arc.loss, arc.note) == (None, 0.3, 0.0, "")
    assert network.arcs[4].commodities == ("paste", "powder")
    assert network.demands[1].source == ("S1", "S2")
    assert (network.measures[0].grade, network.measures[4].grade) == ("A", None)
    assert network.effects[0].uptime == 0.8
    assert network.effects[1].uptime == 1.0
    assert network.recipes[0].quantity == -10


def test_mistakes_in_all_files_are_told_at_once_in_order(base: Path) -> None:
    change(base / "nodes.csv", "Port,The port,port", "Port,The port,harbour")
    change(base / "uses.csv", "m4,hours,450", "m4,hours,-450")
    change(base / "arcs.csv", "a4,Port", "a4,Prt")
    change(base / "arcs.csv", "a1,Farm", "a1,Frm")
    change(base / "recipes.csv", "refine,powder,0.9", "refine,powder,-0.9")
    change(base / "effects.csv", "arc,a3", "arc,a9")
    change(base / "network.toml", "title", "titel")
    (base / "rules.csv").write_bytes(b"measure,relation,other\nm2,requires,\xf1\n")
    places = [line.split(": ")[0] for line in problems(base)]
    assert places == [
        "arcs.csv:2",
        "arcs.csv:5",
        "effects.csv:2",
        "network.toml",
        "network.toml:2",
        "nodes.csv:5",
        "recipes.csv:8",
        "rules.csv:2",
        "uses.csv:3",
    ]


def test_one_mistake_does_not_drag_others_along(base: Path) -> None:
    """Rows with a faulty cell still name their ids, so nothing that refers to them is at fault."""
    change(base / "nodes.csv", "Lab,The laboratories,site", "Lab,The laboratories,lab")
    change(base / "arcs.csv", "a3,Lab,Port,paste;powder,road,80", "a3,Lab,Port,paste;powder,road,x")
    change(base / "sites.csv", "s1,Lab,cook,60", "s1,Lab,cook,?")
    change(base / "measures.csv", "road,3", "road,")
    change(base / "recipes.csv", "refine,powder,0.9", "refine,powder,much")
    files = [line.split(":")[0] for line in problems(base)]
    assert files == ["arcs.csv", "measures.csv", "nodes.csv", "recipes.csv", "sites.csv"]


def test_an_unreadable_table_does_not_drag_others_along(base: Path) -> None:
    for path in base.glob("*.csv"):
        if path.stem not in ("arcs", "effects", "supplies"):
            path.write_bytes(b"\xff" + path.read_bytes())
    assert {line.split(": ", 1)[1][:9] for line in problems(base)} == {"byte 0xFF"}


def test_what_may_stand_in_a_folder(base: Path) -> None:
    """A byte-order mark, blank lines, own columns, other line ends and other files are fine."""
    plain = read_network(base)
    text = (base / "arcs.csv").read_text(encoding="utf-8")
    lines = text.splitlines()
    own = ["_id,_remark," + lines[0], *(f"{i},x y," + line for i, line in enumerate(lines[1:]))]
    own[3:3] = ["", ",,,,,,,,,", "  "]
    (base / "arcs.csv").write_text("\r\n".join(own), encoding="utf-8-sig", newline="")
    toml = (base / "network.toml").read_text(encoding="utf-8")
    (base / "network.toml").write_text(toml, encoding="utf-8-sig")
    for name in ("README.md", ".hidden.csv", "~$arcs.csv", "map.png", "arcs.csv.bak"):
        (base / name).write_text("anything", encoding="utf-8")
    (base / "results").mkdir()
    (base / "sources.csv").write_text(
        (base / "sources.csv").read_text(encoding="utf-8").replace("\n", "\r"), encoding="utf-8"
    )
    network = read_network(base)
    assert network == plain
    assert network.warnings == ()
    assert network.sha256 == plain.sha256


def test_own_and_nameless_columns_stand_together(base: Path) -> None:
    text = (base / "uses.csv").read_text(encoding="utf-8")
    wide = "".join(f"x,{line},,y,\n" for line in text.split())
    wide = wide.replace("x,measure,resource,amount,,y,", "_x,measure,resource,amount,,_x,", 1)
    plain = read_network(base)
    (base / "uses.csv").write_text(wide, encoding="utf-8")
    assert read_network(base) == plain


def test_two_misnamed_tables_are_both_told(base: Path) -> None:
    (base / "rules.csv").rename(base / "rule.csv")
    (base / "rulez.csv").write_text("", encoding="utf-8")
    assert problems(base) == [
        f"{name}: is no table of the format; did you mean 'rules.csv'?"
        for name in ("rule.csv", "rulez.csv")
    ]


def test_columns_stand_in_any_order(base: Path) -> None:
    plain = read_network(base)
    rows = (base / "uses.csv").read_text(encoding="utf-8").split()
    text = "\n".join(",".join(reversed(row.split(","))) for row in rows)
    (base / "uses.csv").write_text(text, encoding="utf-8")
    assert read_network(base) == plain


def test_optional_tables_may_be_absent_or_only_a_header(base: Path) -> None:
    for name in ("effects", "uses", "rules", "reforms", "measures"):
        (base / f"{name}.csv").unlink()
    (base / "resources.csv").write_text("resource,name\n", encoding="utf-8")
    network = read_network(base)
    assert network.measures == network.effects == network.resources == ()


def test_ids_are_text_whatever_they_look_like(base: Path) -> None:
    for path in base.glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("a1,", "007,").replace("Mine,", "1e3,"), encoding="utf-8")
    network = read_network(base)
    assert network.arcs[0].arc == "007"
    assert network.arcs[1].tail == network.supplies[1].node == "1e3"


@pytest.mark.parametrize(
    ("text", "value"),
    [("1500", 1500.0), ("1500.", 1500.0), (".5", 0.5), ("1e3", 1000.0), ("+2E-1", 0.2), ("-0", 0)],
)
def test_plain_numbers(base: Path, text: str, value: float) -> None:
    change(base / "supplies.csv", "leaf,1000", f"leaf,{text}")
    change(base / "effects.csv", "supply,F*,leaf,0.3", "supply,F*,leaf,1")
    assert read_network(base).supplies[0].capacity == value


def test_minus_zero_is_zero(base: Path) -> None:
    change(base / "demands.csv", "powder,30,900", "powder,-0.0,900")
    below = read_network(base)
    change(base / "demands.csv", "powder,-0.0,900", "powder,0,900")
    assert below.sha256 == read_network(base).sha256


def test_rows_made_by_a_program_are_as_strict() -> None:
    given: dict[str, Any] = {"node": "a", "commodity": "b", "capacity": "3", "cost": 1}
    assert Supply(**given).capacity == 3
    for wrong in (True, "1_000", "1,5", float("nan"), float("inf"), -1, "many"):
        with pytest.raises(InputError, match=r"^supplies: capacity: .* is "):
            Supply(**given | {"capacity": wrong})
    with pytest.raises(InputError) as caught:
        Supply(**given | {"node": " ", "commodity": 5, "cost": -1})
    assert list(map(str, caught.value.problems)) == [
        "supplies: commodity: 5 is not text",
        "supplies: cost: -1 is below 0",
        "supplies: node: is blank",
    ]
    assert Supply(**given | {"node": " a "}).node == "a"


@pytest.mark.parametrize(
    "text",
    [
        "1_0",
        "1 0",
        "0x1",
        "1,5",
        "nan",
        "inf",
        "-inf",
        "1e999",
        "5%",
        "\u0661",
        "1f",
        "True",
        "--1",
    ],
)
def test_what_is_no_plain_number(base: Path, text: str) -> None:
    change(base / "supplies.csv", "leaf,1000", f'leaf,"{text}"')
    (line,) = problems(base)
    assert line.startswith("supplies.csv:2: capacity: ")
    assert text in line


@pytest.mark.parametrize(
    ("column", "text", "advice"),
    [
        ("capacity", "50%", "give a number (t/yr), or leave it blank for unlimited"),
        ("capacity", "1.000,5", "write a decimal point, and nothing between thousands"),
        ("capacity", "1'000", "write 1000, with nothing between the digits"),
        ("loss", "2.5 %", "give the share: 2.5 % is 0.025"),
        ("loss", "1.2.3%", "give a share from 0 to 1, or leave it blank for 0"),
        ("loss", "-0.1", "give a share from 0 to 1, or leave it blank for 0"),
        ("loss", "none", "leave it blank for 0"),
    ],
)
def test_advice_on_numbers(base: Path, column: str, text: str, advice: str) -> None:
    row = {"capacity": "80", "loss": "0.1"} | {column: f'"{text}"'}
    change(base / "arcs.csv", "80,5,0.1", f"{row['capacity']},5,{row['loss']}")
    (line,) = problems(base)
    assert line.startswith(f"arcs.csv:4: {column}: ")
    assert line.endswith(f"; {advice}")


def test_blank_facts_are_left_out(base: Path) -> None:
    text = (base / "network.toml").read_text(encoding="utf-8")
    text += 'mass_unit = " "\nperiod = ""\n'
    (base / "network.toml").write_text(text, encoding="utf-8")
    assert read_network(base).info.mass_unit == "t"


def test_text_that_a_spreadsheet_would_run_is_just_text(base: Path) -> None:
    change(base / "nodes.csv", "The farms", "=1+1")
    change(base / "nodes.csv", "The mine", "@home")
    network = read_network(base)
    assert [node.name for node in network.nodes[:2]] == ["=1+1", "@home"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "there is no such folder or file"),
        ("base/arcs.csv", "is one file of a network; give the folder it stands in"),
        ("base/network.toml", "is one file of a network; give the folder it stands in"),
        (
            "notes.txt",
            "is no network; give a folder of CSV tables with a network.toml, or a file that ends "
            "in .xlsx, .xlsm, .json, .nodelink.json, .graphml, .max or .min",
        ),
        ("n" * 5000, "cannot be read: File name too long"),
    ],
)
def test_a_path_that_is_no_network(base: Path, name: str, said: str) -> None:
    (base.parent / "notes.txt").touch()
    (line,) = problems(base.parent / name)
    assert line.endswith(f"{name}: {said}")


def test_an_empty_folder_lacks_everything(tmp_path: Path) -> None:
    files = [line.split(": ")[0] for line in problems(tmp_path)]
    expected = ["arcs", "commodities", "demands", "network", "nodes", "supplies"]
    assert [file.partition(".")[0] for file in files] == expected


def test_a_table_that_is_a_folder(base: Path) -> None:
    (base / "rules.csv").unlink()
    (base / "rules.csv").mkdir()
    (line,) = problems(base)
    assert line.startswith("rules.csv: cannot be read: ")


def test_a_csv_file_with_another_ending(base: Path) -> None:
    (base / "arcs.csv").rename(base / "arcs.CSV")
    (line,) = problems(base)
    assert line.startswith("arcs.CSV: is left out of the network by its name")


@pytest.mark.parametrize(
    "folder", sorted(SHIPPED.glob("*/network.toml")), ids=lambda p: p.parent.name
)
def test_shipped_networks_are_sound(folder: Path) -> None:
    network = read_network(folder.parent)
    assert network.arcs
    assert [*network.warnings, *unpriced(network)] == []


def test_many_mistakes_cost_little(base: Path) -> None:
    """Ten thousand unknown nodes among ten thousand nodes: suggestions stop before time does."""
    nodes = "".join(f"n{i},N,transit\n" for i in range(10_000))
    arcs = "".join(f"a{i},x{i},y{i},leaf\n" for i in range(10_000))
    for name in ("sites", "effects", "demands", "supplies", "earnings", "ranges", "changes"):
        (base / f"{name}.csv").unlink()
    (base / "nodes.csv").write_text("node,name,kind\n" + nodes, encoding="utf-8")
    (base / "arcs.csv").write_text("arc,tail,head,commodities\n" + arcs, encoding="utf-8")
    lines = problems(base)
    assert len(lines) == 20_002
    assert 0 < sum("did you mean" in line for line in lines) < 100


def test_networks_and_errors_can_be_sent_to_another_process(base: Path) -> None:
    network = read_network(base)
    assert pickle.loads(pickle.dumps(network)) == network
    (base / "arcs.csv").unlink()
    with pytest.raises(InputError) as caught:
        read_network(base)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
