"""Objective → what a stationary point satisfies, by differentiation.

Each condition is a residual that vanishes at a stationary point, and a symbol that stands for it in proofs:

    code[j]     ∂/∂z_j of the per-sample Lagrangian                       (needs optimal codes)
    comp[j]     multiplier × constraint z_j ≥ 0: complementary slackness   (needs optimal codes)
    scale[j]    d/dt at t = 1 of the mean loss under z_j → t z_j           (optimal codes, or a stationary encoder)
    atom[a, j]  ∂/∂D_aj of the Lagrangian                                  (needs a stationary dictionary)
    unit[j]     the constraint ‖d_j‖² − 1
    bias[a]     ∂/∂b_a of the mean loss                                    (needs a free, stationary bias)
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Idx, IndexedBase, Sum

from theory.expectation import E, SampledBase
from theory.normal_form import Definitions, collect
from theory.problem import (
    D,
    G,
    a,
    b,
    d,
    j,
    k,
    lagrangian,
    loss,
    m,
    mu,
    nonnegativity,
    nu,
    per_sample_lagrangian,
    r,
    x,
    xhat,
    z,
)

code = SampledBase("code", real=True)
comp = SampledBase("comp", real=True)
scale = IndexedBase("scale", real=True)
atom = IndexedBase("atom", real=True)
unit = IndexedBase("unit", real=True)
bias = IndexedBase("bias", real=True)

# x is eliminated in favour of r, so that stationarity conditions come out in terms of the residual.
DEFINED: Definitions = {
    xhat: lambda i: Sum(D[i, m] * z[m], m),
    x: lambda i: r[i] + b[i] + Sum(D[i, m] * z[m], m),
    G: lambda i, o: Sum(D[a, i] * D[a, o], a),
}


@dataclass(frozen=True)
class Premise:
    """A residual that proofs may use: its symbol, its free indices and the expression that vanishes."""

    symbol: IndexedBase
    indices: tuple[Idx, ...]
    residual: Expr

    @property
    def name(self) -> str:
        return str(self.symbol.label)

    def at(self, *indices: Idx) -> Expr:
        """The residual with other indices. Raises ValueError if one of them is summed over inside."""
        captured = set(indices) & (self.residual.atoms(Idx) - set(self.indices))
        if captured:
            raise ValueError(f"{self.name}: index {captured.pop()} is summed over in its residual, use another letter")
        return self.residual.xreplace(dict(zip(self.indices, indices, strict=True)))


def _along_scale(index: Idx) -> Expr:
    """d/dt of the mean loss at t = 1 along z_j → t z_j: the chain rule turns it into z_j ∂/∂z_j."""
    return E(z[index] * loss().diff(z[index]))


# Indices of differentiation, distinct from those that the objective sums over.
_p, _q = Idx("p", d), Idx("q", k)


def _premise(symbol: IndexedBase, residual: Expr, *indices: Idx) -> Premise:
    return Premise(symbol, indices, collect(residual, DEFINED, rename={_p: a, _q: j}))


PREMISES: dict[str, Premise] = {
    premise.name: premise
    for premise in (
        _premise(code, per_sample_lagrangian().diff(z[_q]), j),
        _premise(comp, mu[j] * nonnegativity(j), j),
        _premise(scale, _along_scale(_q), j),
        _premise(atom, lagrangian().diff(D[_p, _q]), a, j),
        _premise(unit, 2 * lagrangian().diff(nu[_q]), j),
        _premise(bias, lagrangian().diff(b[_p]), a),
    )
}

RESIDUALS: Definitions = {premise.symbol: premise.at for premise in PREMISES.values()}


def premises_of(expr: Expr) -> frozenset[str]:
    """Names of the premises whose residuals occur in a proof."""
    return frozenset(name for name, premise in PREMISES.items() if expr.has(premise.symbol))
