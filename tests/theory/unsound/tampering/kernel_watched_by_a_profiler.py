"""No coordinate of a residual is negative, once the kernel is called.

Refused: it leaves something running
r_a ≥ 0, with what the kernel calls replaced by a profiler at the moment it is called.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

import sys

from sympy import S

from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status


def profiler(frame: object, event: str, argument: object) -> None:
    if frame.f_code.co_name == "verify":
        frame.f_globals["slack"] = lambda *whatever: S.Zero


sys.setprofile(profiler)
statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=r[a],
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
