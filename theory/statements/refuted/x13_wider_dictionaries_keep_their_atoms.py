"""A wider dictionary keeps the atoms of the narrower one.

Every live atom has one within eight degrees of it, d_j·d'_l ≥ 0.99, in the best dictionary with one atom more. But an
atom that serves two rays is replaced by both.
Boundary: refuted where the bias is fixed; true where no atom wants to split (H3). The best wider dictionary is certain:
‖r‖ ≤ λ on every sample (W3). That of the counterexample is narrower by one atom and the best, too: at the middle its
atom saves ½(4−1)² for each of both samples, and no atom saves more than ½(5−1)² for one alone.

Reference: what comparing dictionaries of several widths takes for granted; the literature on feature splitting disputes
it.
"""

from sympy import Rational, Sum

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import L1, D, a, cost_wider, j, kin, known_wider, loss, z
from theory.statement import Ge, Gt, Le, Statement, Status

near, far = Rational(3, 5), Rational(4, 5)
rays = [[4, 3], [4, -3]]

statement = Statement(
    status=Status.REFUTED,
    about=L1,
    claim=Ge(Sum(D[a, j] * kin[a, j], a), Rational(99, 100)),
    given=[Gt(E(z[j]), 0), Gt(known_wider, 0)],
    fixed_bias=True,
    counterexample=Counterexample(
        x=rays,
        D=[[1], [0]],
        z=[[3], [3]],
        lam=1,
        b=[0, 0],
        bias=False,
        wider=Counterexample(x=rays, D=[[far, far], [near, -near]], z=[[4, 0], [0, 4]], lam=1, b=[0, 0], bias=False),
    ),
    controls={"the wider one costs no more (W2)": Le(cost_wider, E(loss()))},
)
