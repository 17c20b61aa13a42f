"""What an active unit explains is its price.

1{z_j>0} d_j·r = 1{z_j>0} φ'(z_j).
Boundary: none.

Reference: the sound twin of a file of the unsound corpus.
"""

from theory.derive import act, code
from theory.problem import atom_dot, j, marginal, on, r, z
from theory.statement import Eq, Statement, Status

explained, price = on[j] * atom_dot(j, r), on[j] * marginal(z[j])
statement = Statement(
    status=Status.PROVED,
    claim=Eq(explained, price),
    proof=-on[j] * code[j] - act[j],
    controls={"half": Eq(2 * explained, price), "twice": Eq(explained, 2 * price)},
)
