"""How far the residual's pull on one atom points along another is their cosine, times what the first one pays.

E[z_j d_l·r] = E[z_j φ'(z_j)] G_jl for all j, l; and the pull is mutual: relative to what each pays, it is unchanged if
j and l are exchanged.
Boundary: vacuous for dead features; 0 without a marginal penalty; for j = l it is A5.

Reference: THEORY A4.
"""

from sympy import Sum

from theory.expectation import E
from theory.problem import D, G, a, j, l, marginal, r, z
from theory.statement import Eq, Rank, Statement, Status
from theory.statements.atoms.a1_atom_stationarity import statement as atom_stationarity

pull = Sum(D[a, l] * E(z[j] * r[a]), a)
paid, energy = E(z[j] * marginal(z[j])), E(z[j] ** 2)
error = Sum(D[a, l] * atom_stationarity.proofs[0], a)
exchanged = {j: l, l: j}

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    claim=(
        Eq(pull, paid * G[j, l]),
        Eq(pull * paid.xreplace(exchanged), pull.xreplace(exchanged) * paid),
    ),
    proof=(error, error * paid.xreplace(exchanged) - error.xreplace(exchanged) * paid),
    controls={
        "half the penalty": (Eq(pull, paid * G[j, l] / 2), Eq(pull, pull.xreplace(exchanged))),
        "twice the penalty": (Eq(pull, 2 * paid * G[j, l]), Eq(pull, pull.xreplace(exchanged))),
        "orthogonal atoms": (Eq(pull, 0), Eq(pull, pull.xreplace(exchanged))),
        "codes of half the size": (Eq(pull, (paid + energy) * G[j, l]), Eq(pull, pull.xreplace(exchanged))),
        "codes of twice the size": (Eq(pull, (paid - energy / 2) * G[j, l]), Eq(pull, pull.xreplace(exchanged))),
    },
)
