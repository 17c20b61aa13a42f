"""Sideways, residuals are no larger than their codes.

Refused: no local minimum
E[1{z_j>0} (e·r)²] ≤ E[1{z_j>0} z_j (z_j + λ)] ‖e‖² for e = u − (u·d_j) d_j is true at every minimum of L1: else the
atom turns along e, its own codes following, and the loss falls at second order. The counterexample is stationary and
no minimum: its atom lies in the middle of two samples far apart.
Boundary: equality where turning the atom changes nothing at second order.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import L1, D, a, atom_dot, c, j, lam, on, r, u, z
from theory.statement import Eq, Le, Statement, Status

along = Sum(u[c] * D[c, j], c)
sideways = Sum(u[a] * r[a], a) - along * atom_dot(j, r)
room_to_turn = Sum(u[a] ** 2, a) - along**2
statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Le(E(on[j] * sideways**2), E(on[j] * z[j] * (z[j] + lam)) * room_to_turn),
    counterexample=Counterexample(x=[[5, 5], [5, -5]], D=[[1], [0]], z=[[4], [4]], lam=1, b=[0, 0], bias=False),
    controls={"on average it is level": Eq(E(z[j] * sideways), 0)},
)
