"""An atom is the normalised, activation-weighted mean of what the other atoms leave over.

d_j (E[z_j²] + E[z_j φ'(z_j)]) = E[z_j (r + z_j d_j)].
Boundary: vacuous for dead features.

Reference: THEORY A2.
"""

from theory.expectation import E
from theory.problem import D, a, j, marginal, r, z
from theory.statement import Eq, Rank, Statement, Status
from theory.statements.atoms.a1_atom_stationarity import statement as atom_stationarity

energy, paid = E(z[j] ** 2), E(z[j] * marginal(z[j]))
left_over = E(z[j] * (r[a] + z[j] * D[a, j]))

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    claim=Eq(D[a, j] * (energy + paid), left_over),
    proof=-atom_stationarity.proofs[0],
    controls={
        "half the penalty": Eq(D[a, j] * (energy + paid / 2), left_over),
        "twice the penalty": Eq(D[a, j] * (energy + 2 * paid), left_over),
        "no penalty (least squares)": Eq(D[a, j] * energy, left_over),
        "codes of half the size": Eq(D[a, j] * (2 * energy + paid), left_over),
        "codes of twice the size": Eq(D[a, j] * (energy / 2 + paid), left_over),
    },
)
