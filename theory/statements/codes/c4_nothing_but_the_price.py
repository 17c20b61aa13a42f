"""Where a feature fires, nothing covaries with the residual along its atom but what covaries with its price.

E[1{z_j>0} (d_j·r) r] = E[1{z_j>0} φ'(z_j) r], and likewise for the code of any other feature. For L1 at one λ the price
does not vary, so that among samples that fire a feature its atom is in the null space of the residual's covariance.
Boundary: vacuous for dead features. Fails by the amortisation gap on a trained encoder, which meets the mean (E1).

Reference: new, found by `saelaws discover`; C1 weighed by r and by other codes.
"""

from sympy import Expr, Sum

from theory.derive import act, code
from theory.expectation import E
from theory.problem import D, a, c, j, l, marginal, on, r, z
from theory.statement import Eq, Rank, Statement, Status

overlap = Sum(D[c, j] * r[c], c)
with_residual, with_code = E(on[j] * overlap * r[a]), E(on[j] * overlap * z[l])


def price(weight: Expr) -> Expr:
    return E(on[j] * marginal(z[j]) * weight)


statement = Statement(
    status=Status.PROVED,
    rank=Rank.LEMMA,
    claim=(Eq(with_residual, price(r[a])), Eq(with_code, price(z[l]))),
    proof=(-E(act[j] * r[a]) - E(code[j] * on[j] * r[a]), -E(act[j] * z[l]) - E(code[j] * on[j] * z[l])),
    controls={
        "half the price": (Eq(with_residual, price(r[a]) / 2), Eq(with_code, price(z[l]) / 2)),
        "twice the price": (Eq(with_residual, 2 * price(r[a])), Eq(with_code, 2 * price(z[l]))),
        "no price": (Eq(with_residual, 0), Eq(with_code, 0)),
        "codes of half the size": (
            Eq(with_residual, price(r[a]) + E(z[j] * r[a])),
            Eq(with_code, price(z[l]) + E(z[j] * z[l])),
        ),
        "codes of twice the size": (
            Eq(with_residual, price(r[a]) - E(z[j] * r[a]) / 2),
            Eq(with_code, price(z[l]) - E(z[j] * z[l]) / 2),
        ),
    },
)
