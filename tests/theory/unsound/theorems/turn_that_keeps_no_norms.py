"""A turn by the Gram matrix itself costs the activation of all features.

Refused: the example has a value of C that is none: norms fails
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.example import Example
from theory.expectation import E
from theory.inference import Algebra, Lemma, Property, Step
from theory.optimality import Level
from theory.problem import C, G, j, l, rise, z
from theory.statement import Eq
from theory.statements.cones.k4_identifiability_to_first_order import change, weighed
from theory.statements.cones.k4_identifiability_to_first_order import statement as k4
from theory.theorem import Implication, Theorem

turn = Property("turn", Eq(C[l, j], -G[l, j]))
first_order = Property("first order", Eq(change, weighed))
cost = Property("cost", Eq(Sum(C[l, j] * E(z[j]), l, j), -Sum(G[l, j] * E(z[j]), l, j)))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(turn,),
    conditions={"t": (cost,)},
    implications=(
        Implication(
            "",
            "t",
            (
                Step(first_order, Lemma(k4)),
                Step(cost, Algebra(Sum(turn.at(j, l) * E(z[j]), l, j))),
            ),
        ),
    ),
    concludes=("t",),
    examples=(Example(Counterexample(x=[[1]], D=[[1]], z=[[0]], lam=1, b=[0], bias=False), {C: [[-1]], rise: [[0]]}),),
)
