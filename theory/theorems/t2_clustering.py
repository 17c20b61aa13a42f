"""Near the bound of all widths, activation is near its rays: clustering at finite accuracy.

Let F ≤ B + ε, where B is W1's bound at any points w of the unit ball, best w = (x−b)/max(‖x−b‖, λ). Then
E[λΣ_j z_j‖d_j − w‖²] ≤ 2ε, E‖r − λw‖² ≤ 2ε, and of the activation weighted by λ at most 2ε/δ² is on atoms farther than
δ from w. So all but a share η of it is within δ as soon as ε ≤ ½δ²η E[λ‖z‖₁], and as many atoms are needed as cover
the directions of that share by balls of radius δ. Asks for unit norms and for nothing else: a trained SAE will do.
Boundary: the first two add up to 2(F − B) at most, with equality for w on the sphere; vacuous for ε of the order of F.

Reference: THEORY T2, strengthened: any admissible point, λ per sample.
"""

from sympy import Rational, Sum, Symbol

from theory.example import Example
from theory.expectation import E, SampledBase
from theory.inference import Algebra, Lemma, Property, Step
from theory.optimality import Level
from theory.problem import D, a, j, lam, r, w, z
from theory.statement import Eq, Ge, Le
from theory.statements.width.w1_width_bound import bound, cost
from theory.statements.width.w7_gap_to_saturation import astray, inside, shrinkage
from theory.statements.width.w7_gap_to_saturation import statement as w7
from theory.theorem import Implication, Theorem
from theory.witness import RAYS

epsilon, delta = Symbol("epsilon", nonnegative=True), Symbol("delta", nonnegative=True)
far = SampledBase("far", nonnegative=True)  # 1 if atom j is farther than δ from w, else 0

distance = Sum((D[a, j] - w[a]) ** 2, a)
near = Property("near", Le(E(cost), E(bound) + epsilon))
beyond = Property("beyond", Ge(far[j] * (distance - delta**2), 0))
share = Property("share", Le(far[j], 1))

atoms = Property("atoms", Le(E(lam * Sum(z[j] * distance, j)), 2 * epsilon))
residual = Property("residual", Le(E(Sum((r[a] - lam * w[a]) ** 2, a)), 2 * epsilon))
outside = Property("outside", Le(delta**2 * E(lam * Sum(z[j] * far[j], j)), 2 * epsilon))

gap = Property("gap", Eq(cost - bound, shrinkage + astray + inside))
within_gap = near.at() + E(gap.at())
# Markov: what is farther than δ has a distance of at least δ.
markov = E(lam * Sum(z[j] * (distance * share.at(j) + beyond.at(j)), j))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(near, beyond, share),
    common=(Step(gap, Lemma(w7)),),
    conditions={"atoms": (atoms,), "residual": (residual,), "outside": (outside,)},
    implications=(
        Implication("", "atoms", (Step(atoms, Algebra(2 * within_gap + 2 * E(shrinkage + inside))),)),
        Implication("", "residual", (Step(residual, Algebra(2 * within_gap + 2 * E(astray + inside))),)),
        Implication("", "outside", (Step(outside, Algebra(atoms.at() + markov)),)),
    ),
    concludes=("atoms", "residual", "outside"),
    examples=(Example(RAYS, {epsilon: 1, delta: Rational(1, 2), far: [[0, 1], [1, 0], [0, 0]]}),),
)
