"""The activation-weighted mean of the data is a mixture of the atoms that fire together, plus the feature's own.

E[z_j (x−b)] = E[z_j φ'(z_j)] d_j + Σ_l E[z_j z_l] d_l.
Boundary: for features that fire alone it makes d_j the direction of E[z_j (x−b)]: thresholded spherical clustering
(W6).

Reference: new; A1 in terms of the data.
"""

from sympy import Sum

from theory.expectation import E
from theory.problem import D, a, b, j, m, marginal, x, z
from theory.statement import Eq, Rank, Statement, Status
from theory.statements.atoms.a1_atom_stationarity import statement as atom_stationarity

data = E(z[j] * (x[a] - b[a]))
together = Sum(E(z[j] * z[m]) * D[a, m], m)
paid, energy = E(z[j] * marginal(z[j])) * D[a, j], E(z[j] ** 2) * D[a, j]

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    claim=Eq(data, paid + together),
    proof=atom_stationarity.proofs[0],
    controls={
        "half the penalty": Eq(data, paid / 2 + together),
        "twice the penalty": Eq(data, 2 * paid + together),
        "no penalty (least squares)": Eq(data, together),
        "codes of half the size": Eq(data, paid + energy + together),
        "codes of twice the size": Eq(data, paid - energy / 2 + together),
    },
)
