"""If codes follow a turn of the atoms, the first-order change of total activation is what the vectors of K1 weigh.

Under D → D(1 + C) with norms kept, and codes z → z − Cz, it is −Σ_lj C_lj E[z_j] = −Σ_lj C_lj (1 − G_lj)E[z_j]. This is
a step towards local identifiability (min ‖Z‖₁ with X = DZ, Z ≥ 0: the limit λ → 0), where Farkas' lemma asks whether
each vector (1 − G_lj)E[z_j] over j ≠ l lies in the cone of codes on which l is silent: K5 has sufficiency.
Boundary: an identity for every C that keeps norms, whether codes stay nonnegative or not.

Reference: THEORY K4; signed codes: R. Gribonval and K. Schnass (2010), arXiv:0904.4774.
"""

from sympy import Sum

from theory.derive import norms
from theory.expectation import E
from theory.problem import C, G, j, l, z
from theory.statement import Eq, Rank, Statement, Status

change = -Sum(C[l, j] * E(z[j]), l, j)
weighed = -Sum(C[l, j] * (1 - G[l, j]) * E(z[j]), l, j)

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LEMMA,
    claim=Eq(change, weighed),
    proof=-Sum(norms[j] * E(z[j]), j),
    controls={"half": Eq(change, weighed / 2), "twice": Eq(change, 2 * weighed), "nothing": Eq(change, 0)},
)
