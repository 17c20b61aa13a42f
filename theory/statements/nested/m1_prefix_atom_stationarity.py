"""In a nested dictionary the residuals of all prefixes that hold an atom point, together, along it.

E[Σ_g M_gj r_g z_j] = λE[z_j] d_j, where r_g is the residual of prefix g and M_gj says whether it holds atom j. What one
of these prefixes leaves over sideways of the atom, the others make good.
Boundary: vacuous for dead features; with one prefix it is A1.

Reference: new; the objective of Matryoshka SAEs (B. Bussmann et al. (2025), arXiv:2503.17547).
"""

from sympy import Sum

from theory.derive import atom, scale, unit
from theory.expectation import E
from theory.problem import MATRYOSHKA, D, M, R, a, c, g, j, lam, nu, z
from theory.statement import Eq, Rank, Statement, Status

pull = Sum(M[g, j] * E(R[g, a] * z[j]), g)
paid = E(lam * z[j]) * D[a, j]

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    about=MATRYOSHKA,
    claim=Eq(pull, paid),
    proof=-atom[a, j] + D[a, j] * (Sum(D[c, j] * atom[c, j], c) - nu[j] * unit[j] - scale[j]),
    controls={"half the penalty": Eq(pull, paid / 2), "twice the penalty": Eq(pull, 2 * paid), "none": Eq(pull, 0)},
)
