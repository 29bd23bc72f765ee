"""The column dictionary is made from the row models, and the committed file is the latest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from flowopt.network.dictionary import dictionary
from flowopt.network.schema import TABLES, Info, columns

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "networks" / "README.md"


def test_the_committed_dictionary_is_fresh() -> None:
    """If not: python -m flowopt.network.dictionary > networks/README.md."""
    assert README.read_text(encoding="utf-8") == dictionary(ROOT / "networks")


def test_the_module_prints_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flowopt.network.dictionary"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().replace("\r\n", "\n") == dictionary(ROOT / "networks")


def test_every_table_and_column_has_its_line(tmp_path: Path) -> None:
    text = dictionary(tmp_path)
    places = [text.index(f"\n## {table}.csv\n") for table in TABLES]
    assert places == sorted(places)
    shared = text[text.index("## In every table") :]
    for table, row in TABLES.items():
        section = text[text.index(f"\n## {table}.csv\n") :].split("\n## ")[1]
        for name, about in columns(row).items():
            own = name in row.key or name not in ("source", "grade", "note")
            line = next(
                line
                for line in (section if own else shared).splitlines()
                if line.startswith(f"| `{name}` |")
            )
            assert line.endswith(f"| {about.meaning} |")
            assert f"| {about.blank or '-'} |" in line
            assert not about.refers or f"| `{about.refers}` |" in line
            assert about.unit in line
    assert all(f"| `{key}` |" in text for key in columns(Info))
    assert "None yet." in text


def test_networks_are_listed_by_folder(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        facts = f'id = "net-{name}"\ntitle = "Network {name}"\n'
        (tmp_path / name / "network.toml").write_text(facts, encoding="utf-8")
    (tmp_path / "no-network").mkdir()
    assert dictionary(tmp_path).endswith(
        "## The networks here\n\n- [`net-a`](a/): Network a\n- [`net-b`](b/): Network b\n"
    )
