"""The bias of every encoder is stationary where that of one is.

Refused: tied
E[r_a] = −Σ_j W_ja E[(φ'(z_j) − d_j·r) 1{z_j>0}] for every W: tied[a] is about the W of the encoder that there is.
False of an SAE with a tied bias, for any other W.
Boundary: true of its own W.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import tied
from theory.expectation import E
from theory.problem import W, a, atom_dot, b, j, marginal, on, r, z
from theory.statement import Eq, Statement, Status

error = E(on[j] * (marginal(z[j]) - atom_dot(j, r)))
statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(r[a]), -Sum(W[j, a] * error, j)),
    proof=-tied[a],
    controls={"half": Eq(E(r[a]), -Sum(W[j, a] * error, j) / 2), "nothing": Eq(E(r[a]), b[a])},
)
