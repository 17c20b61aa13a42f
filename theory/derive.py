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
    tied[a]     the same if the encoder, z_j = ReLU(W_j·(x−b) + c_j), subtracts b too    (needs such a bias)

Codes that are the best there are satisfy more. That a change of them would not lower the loss is the residual
neg(change), which vanishes; the change is exact, as the loss is quadratic in the codes but for φ:

    drop[j]     unit j is switched off
    add[l]      a silent unit l is switched on, at any amplitude s       (unless the number of active units is limited)
    swap[j, l]  a silent unit l takes over the code of unit j              (only where silent units have no price)
    trade[j, l] unit l of a second sample takes over the code of unit j    (only if all samples share one limit)

code2 and comp2 are code and comp of a second sample. The last ones are no conditions on the point but hold by
construction of what a claim is made for every value of: tangent[j] and still[j] (a motion keeps the atoms' norms and
the codes' zeros), norms[j] (so does C), orth[a, c] (Q is a rotation), fit[a] (α represents the sample), made[a] (the
sources make up the sample), sign[j] (σ_j is a sign), feasible[j] (codes which follow C leave 0 upwards), and length[j]
(norm[j] is ‖d_j‖). Only a proof of a claim that speaks of these quantities may use what they satisfy.

What is given can be used as well: assumed[n] is the larger less the smaller side of condition n, which vanishes or is
nonnegative; and if condition n says that the mean of something nonnegative vanishes, nowhere[n] is that something,
which vanishes on every sample that has a weight, and so in every mean.

Each objective has its own conditions; `PREMISES` are those of the family, with any φ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType

from sympy import Expr, Idx, Indexed, IndexedBase, KroneckerDelta, Pow, Rational, S, Sum, preorder_traversal

from theory.expectation import E, SampledBase
from theory.normal_form import Definitions, collect
from theory.problem import (
    FAMILY,
    L1,
    C,
    D,
    D_dot,
    G,
    Limit,
    M,
    Objective,
    Q,
    R,
    W,
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
    lam,
    lam2,
    m,
    mu,
    mu2,
    neg,
    nonnegativity,
    norm,
    nu,
    off,
    on,
    phi,
    q,
    r,
    r2,
    rise,
    room,
    room2,
    s,
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
fit = SampledBase("fit", real=True)
made = SampledBase("made", real=True)
sign, feasible = SampledBase("sign", real=True), SampledBase("feasible", real=True)
atom = IndexedBase("atom", real=True)
unit = IndexedBase("unit", real=True)
bias, tied = IndexedBase("bias", real=True), IndexedBase("tied", real=True)
drop, add = SampledBase("drop", real=True), SampledBase("add", real=True)
swap, trade = SampledBase("swap", real=True), SampledBase("trade", real=True)
length = IndexedBase("length", real=True)
assumed, nowhere = SampledBase("assumed", real=True), SampledBase("nowhere", real=True)

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
    R: lambda i, o: r[o] + Sum((1 - M[i, m]) * D[o, m] * z[m], m),
}
TWIN = {z: z2, r: r2, mu: mu2}


@dataclass(frozen=True)
class Premise:
    """A residual that proofs may use: its symbol, its free indices and how it is derived from an objective.

    of: where it vanishes by construction, what it is a property of.
    objective: what it is derived from.
    """

    symbol: IndexedBase
    indices: tuple[Idx, ...]
    derivation: Callable[[Objective], Expr]
    of: tuple[IndexedBase, ...] = ()
    objective: Objective = FAMILY

    @property
    def residual(self) -> Expr:
        """The expression that vanishes."""
        return _residual(self)

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


@cache
def _residual(premise: Premise) -> Expr:
    """Derived when it is asked for: a proof spends few conditions, and often only their names are asked for."""
    return premise.derivation(premise.objective)


def _of_second_sample(residual: Expr) -> Expr:
    """A per-sample residual, for the second sample of a pair."""
    return residual.replace(
        lambda part: isinstance(part, Indexed) and part.base in TWIN, lambda part: TWIN[part.base][part.indices]
    )


# Indices of differentiation, distinct from those that the objective sums over.
_p, _q, _o = Idx("p", d), Idx("q", k), Idx("o", k)
e = Idx("e", d)


def _derived(derivative: Expr, objective: Objective, rename: dict[Idx, Idx] | None = None) -> Expr:
    """A derivative in terms of the residual, with its indices of differentiation named, a and j if nothing is said."""
    derivative = _with_norms(derivative.xreplace({objective.error(a): objective.residual}))
    definitions = {symbol: meaning for symbol, meaning in DEFINED.items() if symbol != objective.residual.base}
    return collect(derivative, definitions, rename=rename or {_p: a, _q: j})


def _with_norms(expr: Expr) -> Expr:
    """expr with norm[j] for ‖d_j‖."""
    return expr.replace(_is_length, lambda part: norm[_of_atom(part)] ** (2 * part.exp))


def _is_length(part: Expr) -> bool:
    """Whether part is a power of ‖d_j‖, as a root of a sum of squares."""
    return isinstance(part, Pow) and isinstance(part.base, Sum) and abs(part.exp) == Rational(1, 2)


def _of_atom(root: Pow) -> Idx:
    (entry,) = root.atoms(Indexed)
    return entry.indices[1]


def _to_code(objective: Objective) -> Expr:
    return _derived(objective.per_sample_lagrangian().diff(z[_q]), objective)


def _to_bias(objective: Objective) -> Expr:
    return _derived(objective.lagrangian().diff(b[_p]), objective)


def _through_relu(inlet: Expr, objective: Objective) -> Expr:
    """Derivative of the mean loss along an input of unit j's pre-activation: it passes where the unit is on."""
    return E(on[j] * inlet * _derived(objective.loss().diff(z[_q]), objective))


DERIVED = (
    Premise(code, (j,), _to_code),
    Premise(comp, (j,), lambda _: mu[j] * nonnegativity(j)),
    Premise(act, (j,), lambda _: mu[j] * on[j]),
    # The second sample has a λ of its own, so that this one is about L1.
    Premise(code2, (j,), lambda objective: _of_second_sample(L1.specialise(_to_code(objective))).subs(lam, lam2)),
    Premise(comp2, (j,), lambda _: _of_second_sample(mu[j] * nonnegativity(j))),
    # d/dt of the mean loss at t = 1 along z_j → t z_j: the chain rule turns it into z_j ∂/∂z_j.
    Premise(scale, (j,), lambda objective: _derived(E(z[_q] * objective.loss().diff(z[_q])), objective)),
    Premise(enc_b, (j,), lambda objective: _through_relu(S.One, objective)),
    Premise(enc_w, (a, j), lambda objective: _through_relu(x[a] - b[a], objective)),
    Premise(atom, (a, j), lambda objective: _derived(objective.lagrangian().diff(D[_p, _q]), objective)),
    Premise(unit, (j,), lambda objective: _derived(2 * objective.lagrangian().diff(nu[_q]), objective)),
    Premise(bias, (a,), _to_bias),
    # b also moves the pre-activation of unit j, by −W_ja.
    Premise(tied, (a,), lambda objective: _to_bias(objective) - Sum(W[j, a] * _through_relu(S.One, objective), j)),
    Premise(drop, (j,), lambda objective: neg(dropping(j, objective))),
    Premise(add, (l,), lambda objective: neg(adding(l, objective))),
    Premise(swap, (j, l), lambda objective: neg(swapping(j, l, objective))),
    Premise(trade, (j, l), lambda objective: neg(trading(j, l, objective))),
)


@cache
def conditions(objective: Objective = FAMILY) -> Mapping[str, Premise]:
    """What stationary points of an objective satisfy and what holds by construction, by name; φ is left open."""
    own, every = _with_any_penalty(objective), (*DERIVED, *CONSTRUCTED)
    found = (Premise(each.symbol, each.indices, each.derivation, each.of, own) for each in every)
    return MappingProxyType({premise.name: premise for premise in found if _concerns(premise, objective)})


def _with_any_penalty(objective: Objective) -> Objective:
    """The family, if an objective differs from it in φ alone: their conditions are derived once."""
    alike = (objective.residual, objective.error, objective.size) == (FAMILY.residual, FAMILY.error, FAMILY.size)
    return FAMILY if alike else objective


def _concerns(premise: Premise, objective: Objective) -> bool:
    """Whether a condition is one of this objective: it says something, and its constraints allow the other codes."""
    match premise.name:
        case "unit":
            return not objective.has_free_norms
        case "add":
            return objective.limit is None
        case "code2" | "comp2":
            return objective in (FAMILY, L1)
        case "swap":
            return objective is FAMILY or not objective.prices_silent_units
        case "trade":
            return objective is FAMILY or objective.limit is Limit.BATCH
        case _:
            return True


# --- what other codes cost -------------------------------------------------------------------------------------------


def dropping(index: Idx, objective: Objective = FAMILY) -> Expr:
    """What switching unit j off adds to the loss of a sample."""
    return _moved({index: -z[index]}, objective) - _price_at(z[index], index, objective)


def adding(index: Idx, objective: Objective = FAMILY) -> Expr:
    """What switching unit l on at amplitude s adds, if it is silent; else 0."""
    return off[index] * (_moved({index: s}, objective) + _price_at(s, index, objective))


def swapping(index: Idx, other: Idx, objective: Objective = FAMILY) -> Expr:
    """What it adds if unit l, silent before, takes over the code of unit j; 0 if it is not silent."""
    moved = _moved({index: -z[index], other: z[index]}, objective)
    return off[other] * (moved - _price_at(z[index], index, objective) + _price_at(z[index], other, objective))


def trading(index: Idx, other: Idx, objective: Objective = FAMILY) -> Expr:
    """What it adds to two samples if unit l of the second takes over the code of unit j."""
    there = (
        _of_second_sample(_slope(other, objective)) * z[index] + _curvature(other, other, objective) * z[index] ** 2 / 2
    )
    return dropping(index, objective) + there + _price_at(z[index], other, objective)


def _price_at(amplitude: Expr, index: Idx, objective: Objective) -> Expr:
    return _with_norms(phi(objective.size(index).subs(z[index], amplitude)))


def _moved(moves: Mapping[Idx, Expr], objective: Objective) -> Expr:
    """What moves of codes add to the squared errors: Taylor's series, which ends at second order."""
    first = sum((_slope(i, objective) * step for i, step in moves.items()), S.Zero)
    second = sum((_curvature(i, o, objective) * moves[i] * moves[o] for i in moves for o in moves), S.Zero)
    return first + second / 2


@cache
def _slope(index: Idx, objective: Objective) -> Expr:
    """∂/∂z_j of the squared errors of a sample."""
    return _derived(_squares(objective).diff(z[_q]), objective, {_q: index})


@cache
def _curvature(index: Idx, other: Idx, objective: Objective) -> Expr:
    """∂²/∂z_j∂z_l of the squared errors of a sample."""
    return _derived(_squares(objective).diff(z[_q]).diff(z[_o]), objective, {_q: index, _o: other})


def _squares(objective: Objective) -> Expr:
    return objective.loss().replace(phi, lambda value: S.Zero).doit(deep=False)


# What holds by construction needs no promise.
CONSTRUCTED = (
    Premise(tangent, (j,), lambda _: Sum(D[a, j] * D_dot[a, j], a), (D_dot,)),
    Premise(still, (j,), lambda _: z_dot[j] * mu[j], (z_dot,)),
    Premise(norms, (j,), lambda _: Sum(D[a, j] * D[a, m] * C[m, j], a, m), (C,)),
    Premise(orth, (a, c), lambda _: Sum(Q[e, a] * Q[e, c], e) - KroneckerDelta(a, c), (Q,)),
    Premise(fit, (a,), lambda _: x[a] - b[a] - Sum(D[a, m] * alpha[m], m), (alpha,)),
    Premise(made, (a,), lambda _: x[a] - b[a] - Sum(source[a, q] * amount[q], q), (source, amount)),
    Premise(sign, (j,), lambda _: sigma[j] ** 2 - 1, (sigma,)),
    Premise(feasible, (j,), lambda _: off[j] * Sum(C[j, m] * z[m], m) + rise[j], (C, rise)),
    Premise(length, (j,), lambda _: norm[j] ** 2 - Sum(D[a, j] ** 2, a)),
)
BY_CONSTRUCTION = frozenset(premise.name for premise in CONSTRUCTED)

PREMISES = conditions()


def residuals(objective: Objective = FAMILY) -> Definitions:
    """What the symbols of proofs stand for, at stationary points of an objective."""
    return {premise.symbol: premise.at for premise in conditions(objective).values()}


RESIDUALS = residuals()


@lru_cache(maxsize=4096)
def premises_of(expr: Expr) -> frozenset[str]:
    """Names of the conditions that a proof uses; those of a second sample are the same as of the first."""
    mentioned = set(preorder_traversal(expr))
    used = {premise.condition for premise in PREMISES.values() if premise.symbol in mentioned}
    return frozenset(used - BY_CONSTRUCTION)
