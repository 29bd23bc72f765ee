"""The trafficker's programmes of a network, built once for all that a comparison makes of it."""

from __future__ import annotations

from functools import lru_cache

from flowopt.model.activities import ActivityModel
from flowopt.model.build import activity_model
from flowopt.model.build_over_time import OverTime, build_over_time
from flowopt.network.network import Network

_MOST_NETWORKS = 4  # more in one comparison are built again and again


class _Same:
    """Key of a network by its identity: comparing two large ones takes long."""

    __slots__ = ("network",)

    def __init__(self, network: Network) -> None:
        self.network = network

    def __hash__(self) -> int:
        return id(self.network)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.network is self.network


def shared_model(network: Network) -> ActivityModel:
    """Return the trafficker's programme, built the first time only in this process."""
    return _built(_Same(network))


def shared_over_time(network: Network) -> OverTime:
    """Return the programme over all periods, built the first time only in this process."""
    return _built_over_time(_Same(network))


def forget_models() -> None:
    """Let go of the programmes, and of the networks."""
    _built.cache_clear()
    _built_over_time.cache_clear()


@lru_cache(maxsize=_MOST_NETWORKS)
def _built(key: _Same) -> ActivityModel:
    return activity_model(key.network)


@lru_cache(maxsize=1)  # one network is compared over time, and its programme is large
def _built_over_time(key: _Same) -> OverTime:
    return build_over_time(key.network)
