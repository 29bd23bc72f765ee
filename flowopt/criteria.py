"""The criteria: how the values of one plan in several scenarios become one number.

Nothing heavy is imported: the command line lists the criteria before anything runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

CriterionName = Literal["expected", "worst", "cut", "regret", "cvar"]
CRITERION_NAMES: tuple[CriterionName, ...] = get_args(CriterionName)
Reference = Literal["zero", "nothing", "best"]
TAIL = 0.2


@dataclass(frozen=True, slots=True)
class CriterionTraits:
    """One criterion.

    Attributes
    ----------
    help : str
        What is minimised, in a few words.
    weighted : bool
        Whether the scenarios' weights count; else the scenario that is worst does.
    reference : str
        What each scenario's value is compared with: ``zero``, the value of doing ``nothing``
        there, or that of the ``best`` plan known for it alone. Beside either of the latter the
        criterion may be next to nothing, so its gap is a share of the most that is left without
        measures.
    """

    help: str
    weighted: bool
    reference: Reference

    @property
    def differs(self) -> bool:
        """True where it compares each value with another, and may be next to nothing."""
        return self.reference != "zero"


CRITERIA: Mapping[str, CriterionTraits] = MappingProxyType(
    {
        "expected": CriterionTraits(
            help="least left in the weighted mean", weighted=True, reference="zero"
        ),
        "worst": CriterionTraits(
            help="least left in the worst scenario", weighted=False, reference="zero"
        ),
        "cut": CriterionTraits(
            help="largest cut that is sure in every scenario", weighted=False, reference="nothing"
        ),
        "regret": CriterionTraits(
            help="never far from the best plan of the scenario that holds",
            weighted=False,
            reference="best",
        ),
        "cvar": CriterionTraits(
            help="least left in the mean of the worst part of the weight",
            weighted=True,
            reference="zero",
        ),
    }
)
