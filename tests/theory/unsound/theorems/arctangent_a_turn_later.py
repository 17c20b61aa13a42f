"""The tangent is above its angle, all the way round.

Refused: nothing says that δ < π/2
"""

from sympy import Symbol, cos, pi, tan

from theory.calculus import Arctangent, Assumed, Calculation, Line
from theory.statement import Eq, Ge, Gt

h, T = Symbol("h", nonnegative=True), Symbol("T", real=True)
is_T = Line("T", Eq(tan(h), T), Assumed("a name"))
order = Line("order", Ge(h, 0), Assumed("an angle"))
acute = Line("acute", Gt(cos(h), 0), Assumed("its cosine is positive"))
turn = Line("turn", Ge(3 * pi - h, 0), Assumed("one turn and a half"))
theorem = Calculation(
    lines=(is_T, order, acute, turn, Line("above", Ge(T - h, 0), Arctangent(is_T, order, acute, turn))),
    concludes=("above",),
    example={h: 2 * pi, T: 0},
)
