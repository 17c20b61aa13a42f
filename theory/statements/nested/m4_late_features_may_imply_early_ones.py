"""If one feature implies another, the residuals of prefixes that they do not share pay for what their cosine lacks.

If z_l > 0 wherever z_j > 0: λ(1 − G_lj)E[z_j] = E[z_j d_l·Σ_g (M_gl − M_gj) r_g]. Of two features of the same
prefixes the right side is 0, so that their atoms agree or j is dead (K2). A parent l in an early prefix and its child
j in later ones need not agree, as X15 shows.
Boundary: about nested pairs only.

Reference: new; it suggests why Matryoshka SAEs absorb less (B. Bussmann et al. (2025), arXiv:2503.17547).
"""

from sympy import Ne

from theory.derive import nowhere
from theory.expectation import E
from theory.problem import MATRYOSHKA, j, l, off, z
from theory.statement import Eq, Gt, Rank, Statement, Status
from theory.statements.nested.m3_cones_of_nested_dictionaries import missed, unshared, weight
from theory.statements.nested.m3_cones_of_nested_dictionaries import statement as cones

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    about=MATRYOSHKA,
    claim=Eq(missed, unshared),
    proof=E(weight * nowhere[0]) - cones.proofs[0],
    given=[Eq(E(z[j] * off[l]), 0), Gt(E(z[j]), 0), Ne(j, l)],
    controls={
        "never implied (K2)": Eq(missed, 0),
        "half the room": Eq(missed, unshared / 2),
        "twice the room": Eq(missed, 2 * unshared),
    },
)
