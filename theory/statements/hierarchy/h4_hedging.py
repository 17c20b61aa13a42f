"""The sources that a feature fires with make up what it pays along its atom and the atoms that fire with it.

Σ_q E[z_j a_q] s_q = E[z_j φ'(z_j)] d_j + Σ_l E[z_j z_l] d_l for any sources s_q that make up the data, x − b = Σ_q
a_q s_q. A feature that fires alone has d_j ∝ Σ_q E[z_j a_q] s_q: where one atom stands for several sources it is their
mixture, in proportion to how much of each it fires on.
Boundary: vacuous for dead features. Sources need not be the true ones: any that make up the data will do.

Reference: THEORY H4.
"""

from sympy import Sum

from theory.derive import made
from theory.expectation import E
from theory.problem import D, a, amount, j, m, marginal, q, source, z
from theory.statement import Eq, Rank, Statement, Status
from theory.statements.atoms.a8_normal_equations import statement as normal_equations

mixture = Sum(source[a, q] * E(z[j] * amount[q]), q)
together = Sum(E(z[j] * z[m]) * D[a, m], m)
paid, energy = E(z[j] * marginal(z[j])) * D[a, j], E(z[j] ** 2) * D[a, j]

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    claim=Eq(mixture, paid + together),
    proof=normal_equations.proofs[0] - E(z[j] * made[a]),
    controls={
        "half the penalty": Eq(mixture, paid / 2 + together),
        "twice the penalty": Eq(mixture, 2 * paid + together),
        "no penalty (least squares)": Eq(mixture, together),
        "codes of half the size": Eq(mixture, paid + energy + together),
        "codes of twice the size": Eq(mixture, paid - energy / 2 + together),
    },
)
