"""Multipliers say how much a turn of the atoms changes the total activation, up to what must then rise from zero.

Under a turn D → D(1 + C) with norms kept, and codes following as z → z − Cz, E‖z‖₁ changes to first order by
−Σ_lj C_lj {(1 − G_lj)E[z_j] − E[ω_l z_j 1{z_l=0}]} + Σ_l E[ω_l ρ_l] for all multipliers ω ≥ 0, where silent codes rise
at the rate ρ_l = −(Cz)_l ≥ 0. If multipliers explain (1 − G_lj)E[z_j], the first sum vanishes and no such turn lowers
the activation: K1's cone test is sufficient. That it is necessary is Farkas' lemma.
Boundary: the last sum vanishes for C that leave codes at 0 wherever ω_l > 0.

Reference: THEORY K4; J. Farkas (1902); signed codes: R. Gribonval and K. Schnass (2010), arXiv:0904.4774.
"""

from sympy import Expr, Sum

from theory.derive import feasible
from theory.expectation import E
from theory.problem import C, G, j, l, off, omega, rise, z
from theory.statement import Eq, Rank, Statement, Status
from theory.statements.cones.k4_identifiability_to_first_order import statement as first_order

change = -Sum(C[l, j] * E(z[j]), l, j)
explained = E(omega[l] * z[j] * off[l])
risen = Sum(E(omega[l] * rise[l]), l)


def descent(explained: Expr) -> Expr:
    return -Sum(C[l, j] * ((1 - G[l, j]) * E(z[j]) - explained), l, j)


statement = Statement(
    status=Status.PROVED,
    rank=Rank.LEMMA,
    claim=Eq(change, descent(explained) + risen),
    proof=first_order.proofs[0] - Sum(E(omega[l] * feasible[l]), l),
    controls={
        "nothing rises": Eq(change, descent(explained)),
        "twice as much rises": Eq(change, descent(explained) + 2 * risen),
        "multipliers of the wrong sign": Eq(change, descent(-explained) + risen),
    },
)
