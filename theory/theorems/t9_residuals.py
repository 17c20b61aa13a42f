"""What of the residual is predicted by the reconstruction, linearly, is decided by the atoms alone.

Let P solve P E[x̂x̂ᵀ] = λ D diag(E z) Dᵀ. Then E‖r − Nx̂‖² ≥ E‖r − Px̂‖² for every matrix N: P is the best linear
predictor of the error. Of E‖r‖² it explains tr(P λ D diag(E z) Dᵀ), which is E‖Px̂‖²: a closed form, from a dictionary,
mean activations and the covariance of reconstructions. Asks for stationary atoms and scales only, as trained SAEs have.
Boundary: a P exists, as E[rx̂ᵀ] has no rows outside the range of E[x̂x̂ᵀ]: normal equations are always solvable.

Reference: THEORY T9, but for its last half: sample by sample nothing is claimed.
"""

from sympy import Expr, IndexedBase, Rational, Sum

from theory.derive import e
from theory.example import Example
from theory.expectation import E
from theory.inference import Algebra, Lemma, Property, Step
from theory.optimality import Level
from theory.problem import L1, a, c, r, square, xhat
from theory.statement import Eq, Ge
from theory.statements.atoms.a3_residual_reconstruction_covariance import covariance, through_atoms
from theory.statements.atoms.a3_residual_reconstruction_covariance import statement as a3
from theory.theorem import Implication, Theorem
from theory.witness import RAYS

P, N = IndexedBase("P", real=True), IndexedBase("N", real=True)
atoms = L1.specialise(through_atoms)  # λ D diag(E z) Dᵀ at (a, c)


def left(by: IndexedBase) -> Expr:
    """E‖r − Nx̂‖²."""
    return E(Sum((r[a] - Sum(by[a, c] * xhat[c], c)) ** 2, a))


normal = Property("normal equations", Eq(Sum(P[a, e] * E(xhat[e] * xhat[c]), e), atoms))
predicted = Property("covariance", Eq(covariance, atoms))
best_of_all = Property("best", Ge(left(N), left(P)))
explained = Property("explained", Eq(E(square(r)) - left(P), Sum(P[a, c] * atoms, a, c)))
energy = Property("energy", Eq(E(square(r)) - left(P), E(Sum(Sum(P[a, c] * xhat[c], c) ** 2, a))))

differs = E(Sum(Sum((N[a, c] - P[a, c]) * xhat[c], c) ** 2, a))
uncorrelated = predicted.at(a, c) - normal.at(a, c)  # E[(r − Px̂)_a x̂_c]

theorem = Theorem(
    level=Level.STATIONARY,
    given=(normal,),
    common=(Step(predicted, Lemma(a3)),),
    conditions={"best": (best_of_all,), "explained": (explained, energy)},
    implications=(
        Implication(
            "", "best", (Step(best_of_all, Algebra(differs + 2 * Sum((P[a, c] - N[a, c]) * uncorrelated, a, c))),)
        ),
        Implication(
            "",
            "explained",
            (
                Step(explained, Algebra(Sum(P[a, c] * (2 * predicted.at(a, c) - normal.at(a, c)), a, c))),
                Step(energy, Algebra(2 * Sum(P[a, c] * uncorrelated, a, c))),
            ),
        ),
    ),
    concludes=("best", "explained"),
    examples=(Example(RAYS, {P: [[1, 0], [0, Rational(1, 2)]], N: [[1, 1], [0, 0]]}),),
)
