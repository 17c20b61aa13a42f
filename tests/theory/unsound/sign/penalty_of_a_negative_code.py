"""Even a negative code would have a nonnegative penalty.

Refused: may be negative
φ(−z_j) ≥ 0 at the elastic net.
False for λ = 2, γ = 1, z = 1: −2 + 1/2.
Boundary: true of φ(t) = t².

Reference: made up to be refused.
"""

from theory.problem import ELASTIC_NET, j, phi, z
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=ELASTIC_NET,
    claim=Ge(phi(-z[j]), 0),
    proof=phi(-z[j]),
    controls={"above one": Ge(phi(-z[j]), 1), "negative": Le(phi(-z[j]), -1)},
)
