"""The square of a number does not change with it.

Refused: g moves with t by (g), and the derivative leaves it where it is
"""

from sympy import Symbol, symbols

from theory.calculus import Assumed, Calculation, Derivative, Line
from theory.statement import Eq

g, t = symbols("g t", positive=True)
theorem = Calculation(
    lines=(
        Line("g", Eq(g, t**2), Assumed("a name")),
        Line("slope", Eq(Symbol("slope"), 0), Derivative(g, t)),
    ),
    concludes=("slope",),
    example={g: 1, t: 1},
)
