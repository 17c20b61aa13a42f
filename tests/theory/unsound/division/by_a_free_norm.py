"""An atom of free norm has the direction of its residuals.

Refused: norm[j] may be zero
‖d_j‖²/‖d_j‖ = ‖d_j‖: 0/0 for an atom of length 0, which is what becomes of dead ones.
Boundary: true of atoms that are not zero.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import length
from theory.problem import NORM_WEIGHTED, D, a, j, norm
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=NORM_WEIGHTED,
    claim=Eq(Sum(D[a, j] ** 2, a) / norm[j], norm[j]),
    proof=-length[j] / norm[j],
    controls={
        "half": Eq(Sum(D[a, j] ** 2, a) / norm[j], norm[j] / 2),
        "twice": Eq(Sum(D[a, j] ** 2, a) / norm[j], 2 * norm[j]),
    },
)
