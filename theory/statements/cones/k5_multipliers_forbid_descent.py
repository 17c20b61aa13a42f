"""No turn of the atoms lowers the total activation by more than it weighs what silent samples leave unexplained.

Under a turn D → D(1 + C) with norms kept, and codes following as z → z − Cz and leaving 0 upwards only, E‖z‖₁ changes
to first order by at least −Σ_lj C_lj {(1 − G_lj)E[z_j] − E[ω_l z_j 1{z_l=0}]} for all multipliers ω ≥ 0. If they
explain (1 − G_lj)E[z_j] for all j ≠ l, no turn lowers it: sufficiency in the cone test. (Necessity is Farkas' lemma,
which is not proved here: a vector outside of the cone has a turn that lowers E‖z‖₁ at the rate of K4.)
Boundary: equality for C that leave codes at 0 wherever ω_l > 0.

Reference: THEORY K4; J. Farkas (1902); signed codes: R. Gribonval and K. Schnass (2010), arXiv:0904.4774.
"""

from sympy import Expr, Sum

from theory.derive import feasible
from theory.expectation import E
from theory.problem import C, G, j, l, off, omega, rise, z
from theory.statement import Ge, Le, Rank, Statement, Status
from theory.statements.cones.k4_identifiability_to_first_order import statement as first_order

change = -Sum(C[l, j] * E(z[j]), l, j)
explained = E(omega[l] * z[j] * off[l])


def descent(explained: Expr) -> Expr:
    return -Sum(C[l, j] * ((1 - G[l, j]) * E(z[j]) - explained), l, j)


statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    claim=Ge(change, descent(explained)),
    proof=Sum(E(omega[l] * rise[l]), l) + first_order.proofs[0] - Sum(E(omega[l] * feasible[l]), l),
    controls={
        "the other way round": Le(change, descent(explained)),
        "multipliers of the wrong sign": Ge(change, descent(-explained)),
    },
)
