"""Objective → what a stationary point satisfies, by differentiation.

Each condition is a residual that vanishes at a stationary point, and a symbol that stands for it in proofs:

    code[j]     ∂/∂z_j of the per-sample Lagrangian                       (needs optimal codes)
    comp[j]     multiplier × constraint z_j ≥ 0: complementary slackness   (needs optimal codes)
    act[j]      multiplier of an active unit, again complementary slackness (needs optimal codes)
    scale[j]    d/dt at t = 1 of the mean loss under z_j → t z_j           (optimal codes, or a stationary encoder)
    enc_b[j]    ∂/∂c_j of the mean loss if z_j = ReLU(W_j·(x−b) + c_j)      (optimal codes, or a stationary encoder)
    enc_w[a, j] ∂/∂W_ja of the same                                        (optimal codes, or a stationary encoder)
    atom[a, j]  ∂/∂D_aj of the Lagrangian                                  (needs a stationary dictionary)
    unit[j]     the constraint ‖d_j‖² − 1
    bias[a]     ∂/∂b_a of the mean loss                                    (needs a free, stationary bias)

code2 and comp2 are code and comp of a second sample. The last ones are no conditions on the point but hold by
construction of what a claim is made for every value of: tangent[j] and still[j] (a motion keeps the atoms' norms and
the codes' zeros), norms[j] (so does C), orth[a, c] (Q is a rotation), fit[a] (α represents the sample), and nest[j, l],
the hypothesis that l is active wherever j is; made[a] says that the sources make up the sample, sign[j] that σ_j is a
sign, and feasible[j] that codes which follow C leave 0 upwards.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Idx, Indexed, IndexedBase, KroneckerDelta, S, Sum

from theory.expectation import E, SampledBase
from theory.normal_form import Definitions, collect
from theory.problem import (
    L1,
    C,
    D,
    D_dot,
    G,
    Q,
    a,
    alpha,
    amount,
    apart,
    b,
    c,
    d,
    j,
    k,
    l,
    lagrangian,
    lam,
    lam2,
    loss,
    m,
    mu,
    mu2,
    nonnegativity,
    nu,
    off,
    on,
    per_sample_lagrangian,
    q,
    r,
    r2,
    rise,
    room,
    room2,
    sigma,
    source,
    w,
    w2,
    x,
    x2,
    xhat,
    xhat2,
    z,
    z2,
    z_dot,
)

code = SampledBase("code", real=True)
comp = SampledBase("comp", real=True)
act = SampledBase("act", real=True)
code2, comp2 = SampledBase("code2", real=True), SampledBase("comp2", real=True)
scale = IndexedBase("scale", real=True)
enc_b, enc_w = IndexedBase("enc_b", real=True), IndexedBase("enc_w", real=True)
tangent = IndexedBase("tangent", real=True)
still = SampledBase("still", real=True)
norms, orth = IndexedBase("norms", real=True), IndexedBase("orth", real=True)
fit, nest = SampledBase("fit", real=True), SampledBase("nest", real=True)
made = SampledBase("made", real=True)
sign, feasible = SampledBase("sign", real=True), SampledBase("feasible", real=True)
atom = IndexedBase("atom", real=True)
unit = IndexedBase("unit", real=True)
bias = IndexedBase("bias", real=True)

# x is eliminated in favour of r, so that stationarity conditions come out in terms of the residual.
DEFINED: Definitions = {
    xhat: lambda i: Sum(D[i, m] * z[m], m),
    x: lambda i: r[i] + b[i] + Sum(D[i, m] * z[m], m),
    G: lambda i, o: Sum(D[a, i] * D[a, o], a),
    xhat2: lambda i: Sum(D[i, m] * z2[m], m),
    x2: lambda i: r2[i] + b[i] + Sum(D[i, m] * z2[m], m),
    room: lambda: 1 - Sum(w[a] ** 2, a),
    off: lambda i: 1 - on[i],
    room2: lambda: 1 - Sum(w2[a] ** 2, a),
    apart: lambda i, o: 1 - KroneckerDelta(i, o),
}
TWIN = {z: z2, r: r2, mu: mu2}


@dataclass(frozen=True)
class Premise:
    """A residual that proofs may use: its symbol, its free indices and the expression that vanishes."""

    symbol: IndexedBase
    indices: tuple[Idx, ...]
    residual: Expr

    @property
    def name(self) -> str:
        return str(self.symbol.label)

    @property
    def condition(self) -> str:
        """What it is a residual of: that of a second sample is the same condition as that of the first."""
        return self.name.removesuffix("2")

    def at(self, *indices: Idx) -> Expr:
        """The residual with other indices. Raises ValueError if one of them is summed over inside."""
        captured = set(indices) & (self.residual.atoms(Idx) - set(self.indices))
        if captured:
            raise ValueError(f"{self.name}: index {captured.pop()} is summed over in its residual, use another letter")
        return self.residual.xreplace(dict(zip(self.indices, indices, strict=True)))


def _along_scale(index: Idx) -> Expr:
    """d/dt of the mean loss at t = 1 along z_j → t z_j: the chain rule turns it into z_j ∂/∂z_j."""
    return E(z[index] * loss().diff(z[index]))


def _through_relu(inlet: Expr) -> Expr:
    """Derivative of the mean loss along an input of unit j's pre-activation: it passes where the unit is on."""
    return E(on[j] * inlet * _derived(loss().diff(z[_q])))


def _of_second_sample(residual: Expr) -> Expr:
    """A per-sample residual, for the second sample of a pair."""
    return residual.replace(
        lambda part: isinstance(part, Indexed) and part.base in TWIN, lambda part: TWIN[part.base][part.indices]
    )


# Indices of differentiation, distinct from those that the objective sums over.
_p, _q = Idx("p", d), Idx("q", k)
e = Idx("e", d)


def _derived(derivative: Expr) -> Expr:
    """A derivative written in terms of the residual, with its indices of differentiation named a and j."""
    return collect(derivative, DEFINED, rename={_p: a, _q: j})


_code = _derived(per_sample_lagrangian().diff(z[_q]))
_conditions = (
    Premise(code, (j,), _code),
    Premise(comp, (j,), mu[j] * nonnegativity(j)),
    Premise(act, (j,), mu[j] * on[j]),
    # The second sample has a λ of its own, so that this one is about L1.
    Premise(code2, (j,), _of_second_sample(L1.specialise(_code)).subs(lam, lam2)),
    Premise(comp2, (j,), _of_second_sample(mu[j] * nonnegativity(j))),
    Premise(scale, (j,), _derived(_along_scale(_q))),
    Premise(enc_b, (j,), _through_relu(S.One)),
    Premise(enc_w, (a, j), _through_relu(x[a] - b[a])),
    Premise(atom, (a, j), _derived(lagrangian().diff(D[_p, _q]))),
    Premise(unit, (j,), _derived(2 * lagrangian().diff(nu[_q]))),
    Premise(bias, (a,), _derived(lagrangian().diff(b[_p]))),
    Premise(tangent, (j,), Sum(D[a, j] * D_dot[a, j], a)),
    Premise(still, (j,), z_dot[j] * mu[j]),
    Premise(norms, (j,), Sum(D[a, j] * D[a, m] * C[m, j], a, m)),
    Premise(orth, (a, c), Sum(Q[e, a] * Q[e, c], e) - KroneckerDelta(a, c)),
    Premise(fit, (a,), x[a] - b[a] - Sum(D[a, m] * alpha[m], m)),
    Premise(nest, (j, l), z[j] * off[l]),
    Premise(made, (a,), x[a] - b[a] - Sum(source[a, q] * amount[q], q)),
    Premise(sign, (j,), sigma[j] ** 2 - 1),
    Premise(feasible, (j,), off[j] * Sum(C[j, m] * z[m], m) + rise[j]),
)
PREMISES: dict[str, Premise] = {premise.name: premise for premise in _conditions}
# What holds by construction needs no promise.
BY_CONSTRUCTION = frozenset({"tangent", "still", "norms", "orth", "fit", "nest", "made", "sign", "feasible"})

RESIDUALS: Definitions = {premise.symbol: premise.at for premise in PREMISES.values()}


def premises_of(expr: Expr) -> frozenset[str]:
    """Names of the conditions that a proof uses; those of a second sample are the same as of the first."""
    used = {premise.condition for premise in PREMISES.values() if expr.has(premise.symbol)}
    return frozenset(used - BY_CONSTRUCTION)
