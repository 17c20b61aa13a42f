"""Turning atoms changes the total activation by exactly what the cones of K1 weigh.

Under D → D(1 + C) with norms kept, and codes following as z → z − Cz, the mean of ‖z‖₁ changes to first order by
−Σ_lj C_lj (1 − G_lj)E[z_j]. For min ‖Z‖₁ with X = DZ, Z ≥ 0 (the limit λ → 0) Farkas' lemma then makes (D, Z) a local
minimum only if each vector (1 − G_lj)E[z_j] over j ≠ l lies in the cone of codes on which l is silent.
Boundary: an identity for every C that keeps norms; the cone test itself is decided by linear programming.

Reference: THEORY K4; signed codes: R. Gribonval and K. Schnass (2010), arXiv:0904.4774.
"""

from sympy import Sum

from theory.derive import norms
from theory.expectation import E
from theory.problem import C, G, j, l, z
from theory.statement import Eq, Statement, Status

change = -Sum(C[l, j] * E(z[j]), l, j)
weighed = -Sum(C[l, j] * (1 - G[l, j]) * E(z[j]), l, j)

statement = Statement(
    status=Status.PROVED,
    claim=Eq(change, weighed),
    proof=-Sum(norms[j] * E(z[j]), j),
    controls={"half": Eq(change, weighed / 2), "twice": Eq(change, 2 * weighed), "nothing": Eq(change, 0)},
)
