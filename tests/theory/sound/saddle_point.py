"""Sideways, residuals are no larger than a tenth of their codes.

10 E[1{z_j>0} (e·r)²] ≤ E[1{z_j>0} z_j (z_j + λ)] ‖e‖² for e = u − (u·d_j) d_j is false at a minimum of L1, which it
is:
true without the 10.
Boundary: none.

Reference: the sound twin of a file of the unsound corpus.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import L1, D, a, atom_dot, c, j, lam, on, r, u, z
from theory.statement import Le, Statement, Status

along = Sum(u[c] * D[c, j], c)
sideways = Sum(u[a] * r[a], a) - along * atom_dot(j, r)
room_to_turn = Sum(u[a] ** 2, a) - along**2
pulls, holds = E(on[j] * sideways**2), E(on[j] * z[j] * (z[j] + lam)) * room_to_turn
statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Le(10 * pulls, holds),
    counterexample=Counterexample(x=[[5, 3], [5, -3]], D=[[1], [0]], z=[[4], [4]], lam=1, b=[0, 0], bias=False),
    controls={"without the 10": Le(pulls, holds)},
)
