"""No coordinate of a residual is negative, a little later and unseen.

Refused: it leaves something running
r_a ≥ 0, with the kernel replaced by a thread that `threading` does not know of.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

import _thread
import time

from sympy import S

from theory import certificate
from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status


def patch() -> None:
    time.sleep(0.3)
    for _ in range(2000):
        time.sleep(0.005)
        certificate.slack = lambda *whatever: S.Zero


_thread.start_new_thread(patch, ())
statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=r[a],
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
