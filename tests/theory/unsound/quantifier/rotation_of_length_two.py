"""A matrix of twice the length of a rotation is a rotation.

Refused: no stationary point is known
Σ_e Q_ea Q_ec = δ_ac for every rotation Q with Σ_e Q_ea² = 4. There is none.
Boundary: vacuous everywhere.

Reference: made up to be refused.
"""

from sympy import KroneckerDelta, Sum

from theory.derive import e, orth
from theory.problem import Q, a, c
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(Sum(Q[e, a] * Q[e, c], e), KroneckerDelta(a, c)),
    proof=orth[a, c],
    given=[Eq(Sum(Q[e, a] ** 2, e), 4)],
    controls={
        "half": Eq(2 * Sum(Q[e, a] * Q[e, c], e), KroneckerDelta(a, c)),
        "none": Eq(Sum(Q[e, a] * Q[e, c], e), 0),
    },
)
