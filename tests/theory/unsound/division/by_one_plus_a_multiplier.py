"""A multiplier of an active unit vanishes, whatever it is divided by.

Refused: mu[j] + 1 may be zero
z_j μ_j/(1 + μ_j) = 0 for top-k.
Has no value where μ_j = −1, which a unit that must be silent may have.
Boundary: true where silent units have a price.

Reference: made up to be refused.
"""

from theory.derive import comp
from theory.problem import TOP_K, j, mu, z
from theory.statement import Eq, Statement, Status

share = z[j] * mu[j] / (1 + mu[j])

statement = Statement(
    status=Status.PROVED,
    about=TOP_K,
    claim=Eq(share, 0),
    proof=comp[j] / (1 + mu[j]),
    controls={"a code": Eq(share, z[j]), "minus a code": Eq(share, -z[j])},
)
