"""Samples that share an atom have residuals that agree.

‖E[y_j 1{z_j>0} r]‖ ≥ E[y_j 1{z_j>0} φ'(z_j)] for all nonnegative weights y_j of the samples. So two samples on which
atom j is active have ‖r + r'‖ ≥ 2λ: those with opposite residuals never share an atom. It is R3 with samples for atoms.
Boundary: equality where the mean residual lies along the atom, by A1 for y = z at any stationary dictionary.

Reference: new; the transpose of R3.
"""

from sympy import Expr, Idx, Sum

from theory.derive import act, code, unit
from theory.expectation import E
from theory.problem import D, a, c, j, marginal, on, r, y, z
from theory.statement import Ge, Statement, Status


def pull(i: Idx) -> Expr:
    """The weighted mean residual of the samples that share the atom."""
    return E(y[j] * on[j] * r[i])


strength = Sum(pull(a) ** 2, a)
price = E(y[j] * on[j] * marginal(z[j]))
lagrange = Sum((pull(a) * D[c, j] - pull(c) * D[a, j]) ** 2, a, c) / 2
error = E(y[j] * (on[j] * code[j] + act[j]))

statement = Statement(
    status=Status.PROVED,
    claim=Ge(strength, price**2),
    proof=lagrange - error * (Sum(D[a, j] * pull(a), a) + price) - strength * unit[j],
    controls={"twice the residual": Ge(strength, 4 * price**2), "five per cent more": Ge(strength, price**2 * 21 / 20)},
)
