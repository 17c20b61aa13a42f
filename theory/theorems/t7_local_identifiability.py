"""No turn of the atoms lowers the activation to first order exactly if each feature passes the cone test.

For min ‖Z‖₁ with X = DZ, Z ≥ 0 and unit atoms, the limit λ → 0, with D invertible: codes follow a turn D → D(1 + C)
as z → z − Cz, and those that are 0 may only rise. Equivalent are: for each l, ((1 − G_lj)E[z_j])_j is a nonnegative
combination of codes of samples on which l is silent; every turn that keeps norms has −Σ_lj C_lj E[z_j] ≥ 0. The first
is decided by a linear program, exactly and with a witness either way, and is K1 without its residuals. Where even a
depth t > 0 can be taken off all multipliers, as in the interior, the activation grows at least as t Σ_l E[ρ_l], with
ρ_l = −(Cz)_l ≥ 0 the rate at which silent codes rise: 0 for C = 0 alone if silent codes span, a strict local minimum.
Boundary: first order, at λ → 0. For D that is not invertible codes may also move otherwise, and the test is necessary
only. For λ > 0 and any number of atoms, minima and saddles are told apart by second order, point by point and exactly
(`theory.optimality.second_order`).

Reference: THEORY T7, its equivalence; J. Farkas (1902); signed codes: R. Gribonval and K. Schnass, arXiv:0904.4774.
"""

from sympy import Sum, Symbol

from theory.classical import Farkas
from theory.example import Example
from theory.expectation import E, SampledBase
from theory.inference import Algebra, Lemma, Property, Step
from theory.optimality import Level
from theory.problem import C, G, j, l, off, omega, rise, z
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

# Multipliers of the interior: what is left of them, and the depth that can be taken off.
surplus, depth = SampledBase("surplus", nonnegative=True), Symbol("depth", positive=True)
deeper = E((surplus[l] + depth) * z[j] * off[l])
interior = Property("interior", Eq((1 - G[l, j]) * E(z[j]), deeper))
deep = Property("deep multipliers", Eq(change, descent(deeper) + Sum(E((surplus[l] + depth) * rise[l]), l)))
left = Sum(E(surplus[l] * rise[l]), l)
growth = Property("growth", Ge(change, depth * Sum(E(rise[l]), l)))

# Both features silent, each alone, and both: how fast silent codes rise if atoms turn towards each other.
turn, rising = [[0, -1], [-2, 0]], [[0, 0], [0, 2], [1, 0], [0, 0]]

theorem = Theorem(
    level=Level.STATIONARY,
    given=(),
    common=(Step(first_order, Lemma(k4)),),
    conditions={"cone": (cone,), "no descent": (no_descent,), "interior": (interior,), "growth": (growth,)},
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
        Implication(
            "interior",
            "growth",
            (
                Step(deep, Lemma(k5, values={omega: lambda i: surplus[i] + depth})),
                Step(growth, Algebra(deep.at() - Sum(C[l, j] * interior.at(j, l), l, j) + left)),
            ),
        ),
    ),
    implies=(("interior", "growth"),),
    equivalent=("cone", "no descent"),
    exists=(omega,),
    examples=(Example(GRID, {C: turn, rise: rising, omega: [[2, 2]] * 4, surplus: [[1, 1]] * 4, depth: 1}),),
)
