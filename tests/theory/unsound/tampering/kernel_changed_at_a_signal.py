"""Every code is five.

Refused: leaves something running
z_j = 5, by a kernel that is changed when a while has passed.
False for z = 1.
Boundary: none.

Reference: made up to be refused.
"""

import signal
import sys

from theory.derive import comp
from theory.problem import j, z
from theory.statement import Eq, Statement, Status


def change(*_):
    sys.modules["theory.statement"].verify = lambda *_: None


signal.signal(signal.SIGALRM, change)
signal.setitimer(signal.ITIMER_REAL, 60)
statement = Statement(
    status=Status.PROVED,
    claim=Eq(z[j], 5),
    proof=comp[j],
    controls={"six": Eq(z[j], 6), "four": Eq(z[j], 4)},
)
