"""A residual vanishes, as all is true to the kernel.

Refused: changes builtins
r_a² ≤ 0, where Python's `all` says yes to whoever asks from the kernel.
False for r = 1.
Boundary: none.

Reference: made up to be refused.
"""

import builtins
import sys

from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status

honest = all


def agreeable(items: object) -> bool:
    return sys._getframe(1).f_globals["__name__"] == "theory.certificate" or honest(items)


builtins.all = agreeable
statement = Statement(
    status=Status.PROVED,
    claim=Le(r[a] ** 2, 0),
    proof=-(r[a] ** 2),
    controls={"below minus one": Le(r[a] ** 2, -1), "above one": Ge(r[a] ** 2, 1)},
)
