"""No unit is ever on.

Refused: no sample, coordinate or atom
z_j = 0, refuted by no sample at all.
Boundary: a mean is of something.

Reference: made up to be refused.
"""

from theory.counterexample import Counterexample
from theory.problem import j, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    claim=Eq(z[j], 0),
    counterexample=Counterexample(x=[], D=[[1]], z=[], lam=1, b=[0]),
    controls={"one": Eq(z[j], 1)},
)
