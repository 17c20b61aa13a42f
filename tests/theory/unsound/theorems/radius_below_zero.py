"""A positive number is below −1.

Refused: the example has a value of A that its assumptions do not allow
"""

from sympy import symbols

from theory.calculus import Assumed, Calculation, Line, Sign
from theory.statement import Eq, Gt

A, t = symbols("A t", positive=True)
below = Line("below", Eq(A, -1), Assumed("a radius"))
theorem = Calculation(
    lines=(below, Line("less", Gt(-t, 0), Sign(A * t, (), (below,)))), concludes=("less",), example={A: -1, t: 1}
)
