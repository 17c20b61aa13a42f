"""The price of an atom where it fires is at most that of another, less the pull on both, where it is silent.

E[φ'(z_j) 1{z_j>0}] ≤ E[(φ'(z_l) − (d_j + d_l)·r) 1{z_j=0}] for all j, l, with a free bias. For one λ > 0 and d_l = −d_j
this is p_j ≤ 1 − p_j: an atom with an antipodal partner fires at most half of the time. As both are never on together
(R3), the same for l makes it |p_j − p_l| ≤ P(both silent): the denser the pair, the better matched are its rates.
Boundary: equality where l is on whenever j is off. Says little of atoms that are not nearly antipodal.

Reference: THEORY D2, made simpler and extended to atoms that are not exactly antipodal.
"""

from sympy import Sum

from theory.derive import bias, code, enc_b
from theory.expectation import E
from theory.problem import D, a, atom_dot, j, l, marginal, mu, off, on, r, z
from theory.statement import Gt, Le, Rank, Statement, Status

firing = E(marginal(z[j]) * on[j])
silent = E((marginal(z[l]) - atom_dot(j, r) - atom_dot(l, r)) * off[j])

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    claim=Le(firing, silent),
    proof=E(mu[l] * off[j]) + E(code[l] * off[j]) + Sum(D[a, j] * bias[a], a) - enc_b[j],
    given=[Gt(E(z[j]), 0)],
    controls={
        "five per cent less": Le(firing, silent * 19 / 20),
        "a third of the time": Le(2 * firing, silent),
    },
)
