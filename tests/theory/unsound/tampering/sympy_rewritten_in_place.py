"""No coordinate of a residual is negative, to a SymPy that replaces everything by nothing when the kernel asks.

Refused: changes sympy
r_a ≥ 0, where Basic.replace is the same function with other code.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

import sys
from types import FunctionType

from sympy import Basic

from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status

sys.honest = FunctionType(Basic.replace.__code__, Basic.replace.__globals__, "replace", Basic.replace.__defaults__)
sys.honest.__kwdefaults__ = Basic.replace.__kwdefaults__


def replace(self, *query, **options):
    frames = __import__("sys")
    return self * 0 if frames._getframe(1).f_code.co_name == "slack" else frames.honest(self, *query, **options)


Basic.replace.__code__ = replace.__code__
statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=r[a],
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
