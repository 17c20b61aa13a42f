"""Every unit is on for every sample.

Refused: no such condition in given
1{z_l=0} = 0, from a condition that l is on wherever j is, which the statement does not have, divided by z_j.
False wherever a unit is silent.
Boundary: true of dictionaries with one atom and samples that all have it.

Reference: made up to be refused.
"""

from theory.derive import nowhere
from theory.problem import j, l, off, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(off[l], 0),
    proof=nowhere[0] / z[j],
    controls={"never on": Eq(off[l], 1), "half of the time": Eq(2 * off[l], 1)},
)
