"""A number is positive where its square is.

Refused: is divided by
"""

from sympy import Symbol

from theory.calculus import Assumed, Calculation, Line, Sign
from theory.statement import Ge

s, t = Symbol("s", real=True), Symbol("t", real=True)
product = Line("product", Ge(s * t, 0), Assumed("of one sign"))
factor = Line("factor", Ge(t, 0), Assumed("at least 0"))
theorem = Calculation(
    lines=(product, factor, Line("s", Ge(s, 0), Sign(product.fact / factor.fact, (product, factor)))),
    concludes=("s",),
    example={s: 1, t: 1},
)
