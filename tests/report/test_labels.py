"""Labels of capacities: names before ids, on the page as in the terminal."""

from __future__ import annotations

import pytest

from flowopt.report.labels import capacity_label, shared_name
from tests.networks import shipped


@pytest.mark.parametrize(
    ("on", "target", "commodity", "label"),
    [
        ("pool", "M_PER_all", "", "Peru, home market (pool)"),
        ("pool", "no such pool", "", "pool no such pool"),
        ("demand", "M_AFR", "hcl", "demand of Africa, Hydrochloride"),
    ],
)
def test_a_capacity_is_named_by_its_place(on: str, target: str, commodity: str, label: str) -> None:
    assert capacity_label(shipped("peru-2014"), on, target, commodity) == label


def test_a_site_is_named_by_its_own_place_alone() -> None:
    """Not by all the sites and markets without a pool, which have as little of one as it has."""
    network = shipped("peru-2014")
    names = {node.node: node.name for node in network.nodes}
    for site in network.sites:
        assert shared_name(network, "site", site.site) == names[site.node]
