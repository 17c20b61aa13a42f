"""What of the residual is predicted by the reconstruction, linearly, is decided by the atoms alone.

Let P solve P E[x̂x̂ᵀ] = λ D diag(E z) Dᵀ. Then E‖r − Nx̂‖² ≥ E‖r − Px̂‖² for every matrix N: P is the best linear
predictor of the error. Of E‖r‖² it explains tr(P λ D diag(E z) Dᵀ), which is E‖Px̂‖²: a closed form, from a dictionary,
mean activations and the covariance of reconstructions. Asks for stationary atoms and scales only, as trained SAEs have.
Amortised: where codes z are the best and y ≥ 0 are an encoder's, no residual is farther from that of z than the square
root of twice what the encoder loses there, ‖D(y − z)‖² ≤ 2(loss(y) − loss(z)), sample by sample.
Boundary: a P exists, as E[rx̂ᵀ] has no rows outside the range of E[x̂x̂ᵀ]: normal equations are always solvable.

Reference: THEORY T9; its last half by E3.
"""

from sympy import Expr, IndexedBase, Rational, Sum

from theory.derive import e
from theory.example import Example
from theory.expectation import E
from theory.inference import Algebra, Lemma, Property, Step
from theory.optimality import Level
from theory.problem import L1, D, a, c, m, r, square, xhat, y, z
from theory.statement import Eq, Ge, Le
from theory.statements.atoms.a3_residual_reconstruction_covariance import covariance, through_atoms
from theory.statements.atoms.a3_residual_reconstruction_covariance import statement as a3
from theory.statements.encoder.e3_amortisation_gap import distance, gap, slack
from theory.statements.encoder.e3_amortisation_gap import statement as e3
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

loses = Property("amortisation gap", Eq(gap, distance + slack))
within_gap = Property("within the gap", Le(Sum(Sum(D[a, m] * (y[m] - z[m]), m) ** 2, a), 2 * gap))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(normal,),
    common=(Step(predicted, Lemma(a3)),),
    conditions={"best": (best_of_all,), "explained": (explained, energy), "amortised": (within_gap,)},
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
        Implication(
            "",
            "amortised",
            (
                Step(loses, Lemma(e3)),
                Step(within_gap, Algebra(2 * loses.at() + 2 * slack)),
            ),
        ),
    ),
    concludes=("best", "explained", "amortised"),
    examples=(Example(RAYS, {P: [[1, 0], [0, Rational(1, 2)]], N: [[1, 1], [0, 0]], y: [[1, 1], [1, 1], [0, 0]]}),),
)
