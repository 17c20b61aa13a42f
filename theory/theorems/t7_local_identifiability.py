"""No turn of the atoms lowers the activation to first order exactly if each feature passes the cone test.

For min ‖Z‖₁ with X = DZ, Z ≥ 0 and unit atoms, the limit λ → 0, with D invertible: codes follow a turn D → D(1 + C)
as z → z − Cz, and those that are 0 may only rise. Equivalent are: for each l, ((1 − G_lj)E[z_j])_j is a nonnegative
combination of codes of samples on which l is silent; every turn that keeps norms has −Σ_lj C_lj E[z_j] ≥ 0. The first
is decided by a linear program, and is K1 without its residuals.
Boundary: first order: it is necessary for a local minimum, and sufficient for one if the cone test is passed in the
interior. For D that is not invertible codes may also move otherwise, and it is then necessary only.

Reference: THEORY T7, its equivalence; J. Farkas (1902); signed codes: R. Gribonval and K. Schnass, arXiv:0904.4774.
"""

from sympy import Sum

from theory.classical import Farkas
from theory.example import Example
from theory.expectation import E
from theory.inference import Algebra, Lemma, Property, Step
from theory.optimality import Level
from theory.problem import C, G, j, l, off, omega, z
from theory.statement import Eq, Ge
from theory.statements.cones.k4_identifiability_to_first_order import change, weighed
from theory.statements.cones.k4_identifiability_to_first_order import statement as k4
from theory.statements.cones.k5_multipliers_forbid_descent import descent, explained, risen
from theory.statements.cones.k5_multipliers_forbid_descent import statement as k5
from theory.theorem import Implication, Theorem
from theory.witness import GRID

cone = Property("cone", Eq((1 - G[l, j]) * E(z[j]), E(omega[l] * z[j] * off[l])))
no_descent = Property("no descent", Ge(change, 0))
first_order = Property("first order", Eq(change, weighed))
multipliers = Property("multipliers", Eq(change, descent(explained) + risen))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(),
    common=(Step(first_order, Lemma(k4)),),
    conditions={"cone": (cone,), "no descent": (no_descent,)},
    implications=(
        Implication(
            "cone",
            "no descent",
            (
                Step(multipliers, Lemma(k5)),
                Step(no_descent, Algebra(multipliers.at() - Sum(C[l, j] * cone.at(j, l), l, j) + risen)),
            ),
        ),
        Implication("no descent", "cone", (Step(cone, Farkas(first_order, no_descent)),)),
    ),
    equivalent=("cone", "no descent"),
    examples=(Example(GRID, {C: [[0, -1], [-2, 0]], omega: [[2, 2]] * 4}),),
)
