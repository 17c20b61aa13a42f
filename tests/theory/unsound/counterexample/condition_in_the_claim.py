"""Exchanges of codes never pay, for L1.

Refused: swap has no value at a point of the L1 problem
swap_jl = 0, which is no condition of L1 and has no value there.
Boundary: a condition is spent in proofs.

Reference: made up to be refused.
"""

from theory.counterexample import Counterexample
from theory.derive import swap
from theory.problem import j, l, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    claim=Eq(swap[j, l], 0),
    counterexample=Counterexample(x=[[-2], [2], [8]], D=[[1]], z=[[0], [1], [7]], lam=1, b=[0]),
    controls={"codes are nothing": Eq(z[j], 0)},
)
