"""An atom with an antipodal partner fires at most half of the time.

E[φ'(z_j) 1{z_j>0}] ≤ E[(φ'(z_l) − (d_j + d_l)·r) 1{z_j=0}] for all j, l, with a free bias. For L1 and d_l = −d_j this
is p_j ≤ 1 − p_j; for the pair it says |p_j − p_l| ≤ P(both silent), so a symmetric dense direction appears as an
antipodal pair of matched firing rates.
Boundary: equality where l is on whenever j is off. Says little of atoms that are not nearly antipodal.

Reference: THEORY D2, made simpler and extended to atoms that are not exactly antipodal.
"""

from sympy import Sum

from theory.derive import bias, code, enc_b
from theory.expectation import E
from theory.problem import D, a, atom_dot, j, l, marginal, mu, off, on, r, z
from theory.statement import Gt, Le, Statement, Status

firing = E(marginal(z[j]) * on[j])
silent = E((marginal(z[l]) - atom_dot(j, r) - atom_dot(l, r)) * off[j])

statement = Statement(
    status=Status.PROVED,
    claim=Le(firing, silent),
    proof=E(mu[l] * off[j]) + E(code[l] * off[j]) + Sum(D[a, j] * bias[a], a) - enc_b[j],
    given=[Gt(E(z[j]), 0)],
    controls={
        "five per cent less": Le(firing, silent * 19 / 20),
        "a third of the time": Le(2 * firing, silent),
    },
)
