"""What forbids nested supports (K1) is loosened by the residuals of the prefixes that two atoms do not share.

E[(λ − Σ_g M_gl d_l·r_g) z_j 1{z_l=0}] = λ(1 − G_lj)E[z_j] − E[z_j d_l·Σ_g (M_gl − M_gj) r_g]. If j implies l the left
side vanishes: atoms of the same prefixes must then agree, as in K2, but an early l and a late j need not if the early
prefixes, which lack j, leave residuals along d_l where j is on. It suggests why nested dictionaries absorb less.
Boundary: vacuous for dead j; with one prefix it is K1.

Reference: new.
"""

from sympy import Sum

from theory.derive import act, code
from theory.expectation import E
from theory.problem import MATRYOSHKA, D, G, M, R, a, g, j, l, lam, off, on, z
from theory.statement import Eq, Rank, Statement, Status
from theory.statements.nested.m1_prefix_atom_stationarity import statement as atom_stationarity

weight = lam - Sum(M[g, l] * D[a, l] * R[g, a], g, a)
seen = E(weight * z[j] * off[l])
missed = (1 - G[l, j]) * E(lam * z[j])
unshared = E(z[j] * Sum((M[g, l] - M[g, j]) * D[a, l] * R[g, a], g, a))

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    about=MATRYOSHKA,
    claim=Eq(seen, missed - unshared),
    proof=-Sum(D[a, l] * atom_stationarity.proofs[0], a) - E(z[j] * (on[l] * code[l] + act[l])),
    controls={
        "as without nesting (K1)": Eq(seen, missed),
        "half the room": Eq(seen, missed - unshared / 2),
        "twice the room": Eq(seen, missed - 2 * unshared),
    },
)
