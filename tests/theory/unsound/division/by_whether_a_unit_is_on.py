"""A silent unit counts for less than nothing.

Refused: on[j] may be zero
1{z_j=0}/1{z_j>0} ≤ 0: at a silent unit this is 1/0. To the algebra 1/1{z_j>0} is 1{z_j>0}.
False at every silent unit.
Boundary: an equality at active units.

Reference: made up to be refused.
"""

from theory.problem import j, off, on
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Le(off[j] / on[j], 0),
    proof=off[j],
    controls={"the other way round": Ge(off[j] / on[j], 1), "less than that": Le(off[j] / on[j], -1)},
)
