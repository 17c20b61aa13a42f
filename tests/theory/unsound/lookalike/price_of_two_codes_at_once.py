"""What is paid for two codes at once is nonnegative.

Refused: marginal takes 1, not 2
z_j φ'(z_j, z_l) ≥ 0: the price is of one code.
Boundary: has no meaning.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.problem import j, l, m, marginal, on, z
from theory.statement import Ge, Le, Statement, Status

both = z[j] * marginal(z[j], z[l])
statement = Statement(
    status=Status.PROVED,
    claim=Ge(both, Sum(z[j] * on[j], j) - Sum(z[m], m)),
    proof=both,
    controls={"above one": Ge(both, 1), "negative": Le(both, -1)},
)
