"""With a penalty weighted by norms, a stationary decoder alone ties residual and penalty, whatever the codes.

E[r z_j]‖d_j‖ = λE[z_j] d_j and d_j·E[r z_j] = λE[z_j]‖d_j‖: so λ can be read off a live feature with any encoder,
trained or not. With unit norms, A1 and A5 need codes or encoder to be stationary in scale; here the loss does not
change under z_j → t z_j, d_j → d_j/t, and the decoder's own stationarity contains that of the scale.
Boundary: needs ‖d_j‖ > 0; vacuous for dead features.

Reference: new; the conservation law of a scale symmetry.
"""

from sympy import Sum

from theory.derive import atom, length
from theory.expectation import E
from theory.problem import NORM_WEIGHTED, D, a, j, lam, norm, r, z
from theory.statement import Eq, Gt, Rank, Statement, Status

pull, paid = E(r[a] * z[j]) * norm[j], E(lam * z[j]) * D[a, j]
along, read = Sum(D[a, j] * E(r[a] * z[j]), a), E(lam * z[j]) * norm[j]

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LEMMA,
    about=NORM_WEIGHTED,
    claim=(Eq(pull, paid), Eq(along, read)),
    proof=(
        -norm[j] * atom[a, j],
        -Sum(D[a, j] * atom[a, j], a) - E(lam * z[j]) / norm[j] * length[j],
    ),
    given=[Gt(norm[j], 0)],
    controls={
        "half the penalty": (Eq(pull, paid / 2), Eq(along, read / 2)),
        "twice the penalty": (Eq(pull, 2 * paid), Eq(along, 2 * read)),
        "as with unit norms": (Eq(pull, paid * norm[j]), Eq(along, read / norm[j])),
    },
)
