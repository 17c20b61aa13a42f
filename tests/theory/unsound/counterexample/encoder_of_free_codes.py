"""Codes are what their encoder says.

Refused: speaks of an encoder
z_j = max(0, W_j·(x − b) + c_j), which holds of an SAE by definition.
Boundary: the counterexample has no encoder.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import W_enc, a, b, b_enc, j, pos, x, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    claim=Eq(z[j], pos(Sum(W_enc[j, a] * (x[a] - b[a]), a) + b_enc[j])),
    counterexample=Counterexample(x=[[-2], [2], [8]], D=[[1]], z=[[0], [1], [7]], lam=1, b=[0]),
    controls={"codes are nothing": Eq(z[j], 0)},
)
