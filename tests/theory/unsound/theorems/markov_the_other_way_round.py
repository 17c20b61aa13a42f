"""What is far from its rays is at least a share.

Refused: outside: the slack
"""

from dataclasses import replace

from sympy import Sum

from theory.expectation import E
from theory.inference import Algebra, Property, Step
from theory.problem import j, lam, z
from theory.statement import Ge
from theory.theorem import Implication
from theory.theorems import t2_clustering as t2

outside = Property("outside", Ge(t2.delta**2 * E(lam * Sum(z[j] * t2.far[j], j)), 2 * t2.epsilon))
steps = (Step(outside, Algebra(-t2.atoms.at() - t2.markov)),)

theorem = replace(
    t2.theorem,
    conditions={**t2.theorem.conditions, "outside": (outside,)},
    implications=(*t2.theorem.implications[:2], Implication("", "outside", steps)),
)
