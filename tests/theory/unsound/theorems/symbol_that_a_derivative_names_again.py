"""A radius that is positive is 0.

Refused: zero: A is no new name
"""

from sympy import S, symbols

from theory.calculus import Assumed, Calculation, Derivative, Line
from theory.statement import Eq, Gt

A, t = symbols("A t", positive=True)
theorem = Calculation(
    lines=(
        Line("positive", Gt(A, 0), Assumed("a radius")),
        Line("zero", Eq(A, 0), Derivative(S.One, t)),
    ),
    concludes=("zero",),
    example={A: 1, t: 1},
)
