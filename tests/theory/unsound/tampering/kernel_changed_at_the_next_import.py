"""Every code is five.

Refused: leaves something running
z_j = 5, by a kernel that is changed as soon as anything else is imported.
False for z = 1.
Boundary: none.

Reference: made up to be refused.
"""

import sys

from theory.derive import comp
from theory.problem import j, z
from theory.statement import Eq, Statement, Status


class AtTheNextImport:
    def find_spec(self, *_):
        sys.modules["theory.statement"].verify = lambda *_: None


sys.meta_path.insert(0, AtTheNextImport())
statement = Statement(
    status=Status.PROVED,
    claim=Eq(z[j], 5),
    proof=comp[j],
    controls={"six": Eq(z[j], 6), "four": Eq(z[j], 4)},
)
