"""Atoms of free norm have norm one.

Refused: no condition unit
‖d_j‖² = 1 for norm-weighted L1, whose atoms may have any norm.
False: rescale atoms and codes.
Boundary: true of the other objectives.

Reference: made up to be refused.
"""

from theory.derive import length, unit
from theory.problem import NORM_WEIGHTED, j, norm
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=NORM_WEIGHTED,
    claim=Eq(norm[j] ** 2, 1),
    proof=length[j] + unit[j],
    controls={"half": Eq(2 * norm[j] ** 2, 1), "twice": Eq(norm[j] ** 2, 2)},
)
