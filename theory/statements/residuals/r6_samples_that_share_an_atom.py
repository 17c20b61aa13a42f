"""The residuals of samples that share an atom do not cancel, however they are weighed.

‖E[y_j 1{z_j>0} r]‖ ≥ E[y_j 1{z_j>0} φ'(z_j)] for all nonnegative weights y_j of the samples. So for L1 two samples on
which atom j is active have ‖r + r'‖ ≥ 2λ: those with opposite residuals share no atom if λ > 0. It is R3 with samples
for atoms.
Boundary: vacuous for features never on at a price; equality where the mean residual lies along the atom (y = z: A1).

Reference: new; the transpose of R3.
"""

from sympy import Expr, Idx, Sum

from theory.derive import act, code, unit
from theory.expectation import E
from theory.problem import D, a, c, j, marginal, on, r, y, z
from theory.statement import Ge, Rank, Statement, Status


def pull(i: Idx) -> Expr:
    """The weighted mean residual of the samples that share the atom."""
    return E(y[j] * on[j] * r[i])


strength = Sum(pull(a) ** 2, a)
price = E(y[j] * on[j] * marginal(z[j]))
lagrange = Sum((pull(a) * D[c, j] - pull(c) * D[a, j]) ** 2, a, c) / 2
error = E(y[j] * (on[j] * code[j] + act[j]))

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    claim=Ge(strength, price**2),
    proof=lagrange - error * (Sum(D[a, j] * pull(a), a) + price) - strength * unit[j],
    controls={"twice the residual": Ge(strength, 4 * price**2), "five per cent more": Ge(strength, price**2 * 21 / 20)},
)
