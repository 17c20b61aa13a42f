"""In an L0 problem no atom explains anything of a residual.

Refused: changes theory.problem._entry_price
d_j·r ≤ 0, as the theory is made to remember that silent units of L0 have a price.
False for x = 1, D = 1, λ = 2: z = 0 is best and d·r = 1.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import S

from theory import derive, problem
from theory.derive import code
from theory.problem import L0, atom_dot, j, mu, r
from theory.statement import Ge, Le, Statement, Status


class Cheap:
    """A penalty that passes for that of L0, and is nothing."""

    def __eq__(self, other: object) -> bool:
        return other is L0.penalty

    def __hash__(self) -> int:
        return hash(L0.penalty)

    def __call__(self, amount: object) -> object:
        return S.Zero


problem._entry_price.cache_clear()
problem._entry_price(Cheap())
derive.conditions.cache_clear()
statement = Statement(
    status=Status.PROVED,
    about=L0,
    claim=Le(atom_dot(j, r), 0),
    proof=mu[j] + code[j],
    controls={"below minus one": Le(atom_dot(j, r), -1), "above one": Ge(atom_dot(j, r), 1)},
)
