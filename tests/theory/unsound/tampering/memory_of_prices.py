"""What an atom explains is not positive.

Refused: manifestly nonnegative
d_j·r ≤ 0, as L0 is made to remember that its silent units have a price.
Boundary: none.

Reference: made up to be refused.
"""

from theory.derive import code
from theory.problem import L0, atom_dot, j, mu, r
from theory.statement import Ge, Le, Statement, Status

vars(L0)["prices_silent_units"] = True
statement = Statement(
    status=Status.PROVED,
    about=L0,
    claim=Le(atom_dot(j, r), 0),
    proof=mu[j] + code[j],
    controls={"below minus one": Le(atom_dot(j, r), -1), "above one": Ge(atom_dot(j, r), 1)},
)
