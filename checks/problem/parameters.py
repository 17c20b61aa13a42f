"""The numbers that objectives ask for besides λ."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from theory.problem import Objective

# What objectives ask for besides λ. With λ = ⅛ the threshold of L0 is √(2λ) = ½.
NUMBERS = {"gamma": 0.5, "p": 0.5, "K": 1}


def numbers_of(objective: Objective, k: int) -> dict[str, ArrayLike]:
    """The numbers that an objective for k atoms asks for; of a nested one, half of the atoms come first."""
    known: dict[str, ArrayLike] = {**NUMBERS, "M": [np.arange(k) < (k + 1) // 2, np.ones(k)]}
    return {name: known[name] for name in sorted(objective.parameters)}
