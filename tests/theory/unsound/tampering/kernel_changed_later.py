"""No coordinate of a residual is negative, a little later.

Refused: changes theory.certificate
r_a ≥ 0, with the kernel replaced by a thread that outlives the file.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

import threading
import time

from theory import certificate
from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status

changed = threading.Event()


def patch() -> None:
    for _ in range(2000):
        time.sleep(0.005)
        certificate.is_manifestly_nonnegative = lambda expr: True
        changed.set()


threading.Thread(target=patch, daemon=True).start()
changed.wait()
statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=r[a],
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
