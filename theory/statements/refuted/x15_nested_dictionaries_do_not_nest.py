"""In a nested dictionary, too, no feature implies another one unless they share their atom.

(1 − G_lj)E[z_j] = 0 if z_l > 0 wherever z_j > 0. In a Matryoshka SAE a child may fire only together with its parent:
the early prefix, which has the parent alone, keeps it on.
Boundary: true of atoms that are in the same prefixes.

Reference: K2, taken beyond its objective; refuted by M4.
"""

from sympy import Ne, Rational

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import MATRYOSHKA, G, j, l, off, z
from theory.statement import Eq, Gt, Statement, Status
from theory.statements.nested.m3_cones_of_nested_dictionaries import missed, unshared

statement = Statement(
    status=Status.REFUTED,
    about=MATRYOSHKA,
    claim=Eq((1 - G[l, j]) * E(z[j]), 0),
    given=[Eq(E(z[j] * off[l]), 0), Gt(E(z[j]), 0), Ne(j, l)],
    # The parent (1, 0) is in both prefixes, the child (20, 99)/101 in the second one only.
    fixed_bias=True,
    counterexample=Counterexample(
        x=[
            [Rational(182, 101), Rational(8019, 2020)],
            [Rational(21, 2), Rational(-99, 400)],
            [-1, Rational(-891, 400)],
        ],
        D=[[1, Rational(20, 101)], [0, Rational(99, 101)]],
        z=[[1, Rational(61, 20)], [10, 0], [0, 0]],
        lam=1,
        b=[0, 0],
        objective=MATRYOSHKA,
        prefixes=[[1, 0], [1, 1]],
    ),
    controls={"the early residuals pay (M4)": Eq(missed, unshared)},
)
