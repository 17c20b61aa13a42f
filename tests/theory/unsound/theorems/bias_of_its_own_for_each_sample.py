"""The bound of all widths holds with a bias for each sample.

Refused: beta is no bias: it differs from sample to sample
"""

from sympy import IndexedBase, Sum

from theory.counterexample import Counterexample
from theory.example import Example
from theory.expectation import SampledBase
from theory.inference import Atoms, Lemma, Point, Property, Step
from theory.optimality import Level
from theory.problem import a, lam, q, w
from theory.statement import Eq, Ge
from theory.statements.width.w1_width_bound import bound
from theory.statements.width.w1_width_bound import statement as w1
from theory.theorem import Implication, Theorem

D_wide, z_wide = IndexedBase("D_wide", real=True), SampledBase("z_wide", nonnegative=True)
beta = SampledBase("beta", real=True)
wide = Point((Atoms(lambda i: D_wide[i, q], z_wide[q], q),), shift=beta)
units = Property("units", Eq(Sum(D_wide[a, q] ** 2, a), 1))
huber = Property("Huber", Ge(wide.cost, bound - lam * Sum(w[a] * beta[a], a)))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(units,),
    conditions={"t": (huber,)},
    implications=(Implication("", "t", (Step(huber, Lemma(w1, at=wide)),)),),
    concludes=("t",),
    examples=(
        Example(
            Counterexample(x=[[1]], D=[[1]], z=[[0]], lam=1, b=[0], bias=False),
            {D_wide: [[1, 1]], z_wide: [[0, 0]], beta: [[0]]},
        ),
    ),
)
