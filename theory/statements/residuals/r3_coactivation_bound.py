"""Atoms that are active together keep the residual large, the more so the more they cancel.

‖r‖² ‖Σ_S v_j d_j‖² ≥ (Σ_S v_j φ'_j)² for all numbers v_j on the active set S. For L1 and the best v: ‖r‖² ≥
λ²·1ᵀG_SS⁺1. So an active sample has ‖r‖ ≥ λ, and two active atoms need ‖r‖ ≥ 2λ/‖d_j + d_k‖: if λ > 0, antipodal ones
are never on together.
Boundary: vacuous where nothing is active at a price; equality where r lies in the span of the active atoms.

Reference: THEORY R3.
"""

from sympy import Expr, Idx, Sum

from theory.derive import act, code
from theory.problem import D, a, c, j, m, marginal, on, r, square, v, z
from theory.statement import Ge, Rank, Statement, Status


def mixture(i: Idx) -> Expr:
    """The combination Σ_S v_j d_j of active atoms."""
    return Sum(D[i, m] * on[m] * v[m], m)


paid = Sum(on[j] * v[j] * marginal(z[j]), j)
strength = square(r) * Sum(mixture(a) ** 2, a)
# (r·q)² = ‖r‖²‖q‖² − ½Σ(r_a q_c − r_c q_a)² is Lagrange's identity; r·q differs from what is paid by the error.
lagrange = Sum((r[a] * mixture(c) - r[c] * mixture(a)) ** 2, a, c) / 2
error = Sum(v[j] * (on[j] * code[j] + act[j]), j)

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    claim=Ge(strength, paid**2),
    proof=lagrange - error * (Sum(r[a] * mixture(a), a) + paid),
    controls={"twice the residual": Ge(strength, 4 * paid**2), "five per cent more": Ge(strength, paid**2 * 21 / 20)},
)
