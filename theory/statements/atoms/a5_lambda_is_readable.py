"""What a unit of activation costs at the margin, for L1 the λ itself, can be read off any live feature.

d_j·E[r z_j] / E[z_j] = E[z_j φ'(z_j)] / E[z_j] for every live j. For L1 with one λ the right side is λ whatever j is:
so the λ of an unknown checkpoint can be inferred, and features that disagree are not stationary in scale.
Boundary: says nothing of dead features. Needs neither a stationary dictionary nor unit norms.

Reference: THEORY A5; W. Dorrell (2026), arXiv:2606.02385.
"""

from sympy import Sum

from theory.derive import scale
from theory.expectation import E
from theory.problem import D, a, j, marginal, r, z
from theory.statement import Eq, Gt, Rank, Statement, Status

read = Sum(D[a, j] * E(r[a] * z[j]), a) / E(z[j])
penalty = E(z[j] * marginal(z[j])) / E(z[j])
size = E(z[j] ** 2) / E(z[j])

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LEMMA,
    claim=Eq(read, penalty),
    proof=-scale[j] / E(z[j]),
    given=[Gt(E(z[j]), 0)],
    controls={
        "half the penalty": Eq(read, penalty / 2),
        "twice the penalty": Eq(read, 2 * penalty),
        "no penalty (top-k)": Eq(read, 0),
        "codes of half the size": Eq(read, penalty + size),
        "codes of twice the size": Eq(read, penalty - size / 2),
    },
)
