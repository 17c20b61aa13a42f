"""Five is one.

Refused: five: 5 is no new name
"""

from sympy import Integer, Symbol, cos, pi, sin

from theory.calculus import Calculation, Derivative, Integral, Line
from theory.statement import Eq

t = Symbol("t", positive=True)
slope = Line("slope", Eq(Symbol("slope"), cos(t)), Derivative(sin(t), t))
theorem = Calculation(
    lines=(slope, Line("five", Eq(Integer(5), 1), Integral(((slope, 0, pi / 2),)))),
    concludes=("five",),
    example={t: 1},
)
