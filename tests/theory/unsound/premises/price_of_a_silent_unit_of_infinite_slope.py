"""Silent units explain at most the price of their first activation, which is infinite.

Refused: cannot be checked at explicit instances
1{z_j=0}(d_j·r + μ_j) = 1{z_j=0} φ'(0) for L_p, 0 < p < 1, where φ'(0) = ∞ and the condition says nothing.
Boundary: true of penalties of finite slope.

Reference: made up to be refused.
"""

from theory.derive import code
from theory.problem import LP, atom_dot, j, marginal, mu, off, r, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=LP,
    claim=Eq(off[j] * (atom_dot(j, r) + mu[j]), off[j] * marginal(z[j])),
    proof=-off[j] * code[j],
    controls={
        "half": Eq(2 * off[j] * (atom_dot(j, r) + mu[j]), off[j] * marginal(z[j])),
        "none": Eq(off[j] * (atom_dot(j, r) + mu[j]), 0),
    },
)
