"""Complementary slackness survives any division.

Refused: the letter j stands for two indices of different ranges
z_j μ_j/δ_jl = 0, for coordinates j, l that are the same one.
Has no value for two atoms: what is given is of the coordinates of these letters.
Boundary: true of l = j.

Reference: made up to be refused.
"""

from sympy import Idx, KroneckerDelta

from theory.derive import comp
from theory.problem import d, j, l, mu, z
from theory.statement import Eq, Gt, Statement, Status

same = KroneckerDelta(Idx("j", d), Idx("l", d))
share = z[j] * mu[j] / KroneckerDelta(j, l)

statement = Statement(
    status=Status.PROVED,
    claim=Eq(share, 0),
    proof=comp[j] / KroneckerDelta(j, l),
    given=[Gt(same, 0)],
    controls={"a code": Eq(share, z[j]), "minus a code": Eq(share, -z[j])},
)
