"""A budget loop in pandas: what each budget buys, and which markets feel it.

    python examples/budgets_in_pandas.py [networks/tiny] [--budgets 0 1 2 3 4 5]

Each budget is solved on its own and becomes one row; the markets become one row per budget and
market, which pandas turns into a table of budgets by markets.

What one learns: what each further million cuts (it need not fall steadily: measures work together),
which measures come and go, and whose deliveries fall. `flowopt.compare` answers the same question
in one call and in less time, because what one budget teaches helps the next; loop yourself where
more changes from row to row than the budget.
"""

from __future__ import annotations

import argparse

import pandas

import flowopt


def main() -> None:
    """Solve every budget and print the two tables."""
    options = argparse.ArgumentParser(description="What each budget buys.")
    options.add_argument("network", nargs="?", default="networks/tiny")
    options.add_argument("--budgets", type=float, nargs="+", default=[0, 1, 2, 3, 4, 5])
    asked = options.parse_args()
    network = flowopt.read_network(asked.network)

    rows, markets = [], []
    for budget in sorted(asked.budgets):
        found = flowopt.solve(network, budget=budget)
        rows.append(
            {
                "budget": budget,
                "spent": found.spent,
                "left": found.value,
                "cut": found.cut,
                "proved": found.status == "optimal",
                "plan": " ".join(found.measures) or "-",
            }
        )
        markets.append(found.markets.to_frame().assign(budget=budget))

    table = pandas.DataFrame(rows)
    table.insert(4, "per M USD", table["cut"].diff() / table["budget"].diff())
    after = pandas.concat(markets).pivot_table(
        index="budget", columns="name", values="after", aggfunc="sum"
    )
    print(f"{network.info.title}: what each budget (M USD a year) leaves and cuts, t a year")
    print(table.to_string(index=False, na_rep="-"))
    print("\nDeliveries by market, t a year")
    print(after.to_string())


if __name__ == "__main__":
    main()
