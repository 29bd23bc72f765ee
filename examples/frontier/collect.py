"""Put the summaries of single solves into one table: collect.py TABLE FOLDER..."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

COLUMNS = [
    *("network", "objective", "budget", "spent", "value", "bound", "gap", "baseline", "cut"),
    *("cut_share", "marginal", "n_measures", "measures", "status", "seconds", "step"),
]


def collect(table: Path, folders: list[Path]) -> None:
    """Write `table` with the columns of `frontier.csv`, budgets rising."""
    texts = [(folder / "summary.json").read_text(encoding="utf-8") for folder in folders]
    found = [json.loads(text) for text in texts]
    found.sort(key=lambda row: row["budget"])
    rows = []
    for before, row in zip([None, *found], found, strict=False):
        known = before is not None and None not in (before["cut"], row["cut"])
        row["marginal"] = (
            (row["cut"] - before["cut"]) / (row["budget"] - before["budget"]) if known else None
        )
        row["n_measures"] = len(row["measures"])
        row["measures"] = ";".join(row["measures"])
        row["seconds"] = row["seconds"]["total"]
        rows.append(row)
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    collect(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
