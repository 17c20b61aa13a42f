"""Counterexamples in exact arithmetic: stationary points at which a claim fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sympy import Eq, Expr
from sympy.core.relational import Relational

from theory.certificate import NotProved, margin
from theory.derive import DEFINED, PREMISES, RESIDUALS
from theory.expectation import depends_on_sample
from theory.instantiate import World
from theory.problem import L1, D, b, lam, mu, nu, r, z

Rows = Sequence[Sequence[Fraction | int]]
CODES, PARAMETERS = ("code", "comp"), ("scale", "atom", "unit")


@dataclass(frozen=True)
class Counterexample:
    """A point of the L1 problem: samples x (n rows of d), atoms as columns of D (d rows of k), codes z (n rows of k).

    bias says whether b is free, so that stationarity of b is part of the claim that the point is an optimum.
    """

    x: Rows
    D: Rows
    z: Rows
    lam: Fraction | int
    b: Sequence[Fraction | int]
    bias: bool = True

    def verify(self, claims: Sequence[Relational]) -> None:
        """Raise NotProved unless the point is exactly stationary and a claim fails there."""
        world = _Explicit(self)
        conditions = [*CODES, *PARAMETERS, *(["bias"] if self.bias else [])]
        for name in conditions:
            if any(world.values(PREMISES[name].residual)):
                raise NotProved(f"the counterexample is no optimum: {name} does not vanish")
        if any(
            value < 0
            for value in (*world.values(mu[PREMISES["code"].indices]), *world.values(z[PREMISES["code"].indices]))
        ):
            raise NotProved("the counterexample is no optimum: a code or multiplier is negative")
        gaps = [(claim, value) for claim in claims for value in world.values(margin(claim))]
        if not any(gap != 0 if isinstance(claim, Eq) else gap < 0 for claim, gap in gaps):
            raise NotProved("the claim holds at the counterexample")


class _Explicit(World):
    """The world of one point: nothing is random. μ and ν are what stationarity of code and atoms leaves for them."""

    def __init__(self, point: Counterexample) -> None:
        super().__init__(len(point.x), len(point.D), len(point.D[0]), seed=0, definitions=DEFINED | RESIDUALS)
        n, d, k = self.n, self.sizes["d"], self.sizes["k"]
        x, z_, D_ = ([[_fraction(value) for value in row] for row in rows] for rows in (point.x, point.z, point.D))
        b_, price = [_fraction(value) for value in point.b], _fraction(point.lam)
        r_ = [[x[i][a] - b_[a] - sum(D_[a][j] * z_[i][j] for j in range(k)) for a in range(d)] for i in range(n)]
        self._drawn |= {(str(lam), i): price for i in range(n)}
        self._drawn |= {(str(b), (a,), None): b_[a] for a in range(d)}
        self._drawn |= {(str(D), (a, j), None): D_[a][j] for a in range(d) for j in range(k)}
        self._drawn |= {(str(r), (a,), i): r_[i][a] for i in range(n) for a in range(d)}
        self._drawn |= {(str(z), (j,), i): z_[i][j] for i in range(n) for j in range(k)}
        for j in range(k):
            along = [sum(D_[a][j] * r_[i][a] for a in range(d)) for i in range(n)]
            self._drawn |= {(str(mu), (j,), i): price - along[i] for i in range(n)}
            self._drawn[(str(nu), (j,), None)] = sum((along[i] * z_[i][j] for i in range(n)), Fraction(0)) / n

    def values(self, expr: Expr) -> list[Fraction]:
        """expr of the L1 problem at all its indices and samples."""
        expr = L1.specialise(expr)
        samples = range(self.n) if depends_on_sample(expr) else (None,)
        return [self.value(expr, at, i) for at in self.assignments(expr) for i in samples]


def _fraction(value: Fraction | int) -> Fraction:
    """Of a whole number, a fraction, or one of SymPy's rationals, which are handy in a statement."""
    return Fraction(str(value))
