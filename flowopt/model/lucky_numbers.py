"""Other numbers of a network whose measures may fail: its activity model, and its coins.

The model is that of the network with parts (`luck`). Its effects and reforms are those of the
tables in another number of rows: what never works is left out, and a reform of several measures is
one for each of them and their parts.
"""

from __future__ import annotations

from flowopt.model.activities import ActivityModel
from flowopt.model.build import activity_model
from flowopt.model.luck import Chances, Luck
from flowopt.model.model_numbers import Columns, ModelNumbers
from flowopt.network.chances import may_fail
from flowopt.network.network import Network

_SUCCESS = "success"


class LuckyNumbers(ModelNumbers):
    """The activity model of a network with parts, for whatever numbers its tables have.

    Parameters
    ----------
    network
        A checked network, of which some measures may fail.

    Attributes
    ----------
    luck : Luck
        Its coins.
    """

    def __init__(self, network: Network) -> None:
        self.luck = Luck(network, Chances.of(network))
        self._whole = network
        super().__init__(self.luck.network)

    def model(self, columns: Columns) -> ActivityModel | None:
        """Return the model with other numbers, None where its structure would be another.

        Parameters
        ----------
        columns
            As in `ModelNumbers.model`, in the rows of the network as it is written; those of
            `success` are no numbers of the model.
        """
        rows = {"effects": self.luck.effect_rows, "reforms": self.luck.reform_rows}
        return super().model(
            {
                (table, name): numbers[list(rows[table])] if table in rows else numbers
                for (table, name), numbers in columns.items()
                if name != _SUCCESS
            }
        )

    def luck_under(self, columns: Columns) -> Luck:
        """Return the coins with other chances; what always or never works stays as it is."""
        own = Chances.of(self._whole)
        return self.luck.under(
            Chances(
                tuple(columns.get(("measures", _SUCCESS), own.measures)),
                tuple(columns.get(("effects", _SUCCESS), own.effects)),
            )
        )

    def rebuilt(self, network: Network) -> ActivityModel:
        """Return the model of the network with parts, of a network of the same measures."""
        return activity_model(Luck(network, Chances.of(network)).network)


def numbers_of(network: Network) -> ModelNumbers:
    """Return the activity model of a network, with parts where its measures may fail."""
    return LuckyNumbers(network) if may_fail(network) else ModelNumbers(network)
