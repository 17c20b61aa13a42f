"""The problem in symbols (THEORY §0): nonnegative sparse coding with unit-norm atoms and an optional decoder bias.

    minimise over D, b, z ≥ 0   E[ ½‖x − b − Dz‖² + Σ_j φ(z_j) ],   ‖d_j‖ = 1.

The sample axis is implicit. Coordinates of a sample are indexed by a, c (axis d), atoms by j, l, m (axis k),
sources of the data by q (axis p).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr, Function, Idx, IndexedBase, Rational, S, Sum, Symbol, log, sqrt, symbols, sympify, tanh

from theory.expectation import E, SampledBase, SampledSymbol

d = Symbol("d", integer=True, positive=True)
k = Symbol("k", integer=True, positive=True)
a, c = Idx("a", d), Idx("c", d)
j, l, m = Idx("j", k), Idx("l", k), Idx("m", k)
q = Idx("q", Symbol("p", integer=True, positive=True))

D = IndexedBase("D", real=True)
b = IndexedBase("b", real=True)
x = SampledBase("x", real=True)
z = SampledBase("z", nonnegative=True)
lam = SampledSymbol("lambda", nonnegative=True)

# Multipliers of the two constraints: z_j ≥ 0 per sample and ‖d_j‖² = 1.
mu = SampledBase("mu", nonnegative=True)
nu = IndexedBase("nu", real=True)

# Defined quantities: the reconstruction x̂ = Dz, the residual r = x − b − x̂, the Gram matrix G = DᵀD and whether an
# atom is active or silent.
xhat = SampledBase("xhat", real=True)
r = SampledBase("r", real=True)
G = IndexedBase("G", real=True)
on, off = SampledBase("on", nonnegative=True), SampledBase("off", nonnegative=True)

# "For every": a claim that mentions one of these is made of all their values.
u = IndexedBase("u", real=True)  # a direction in R^d
v = IndexedBase("v", real=True)  # one number for each atom
s = Symbol("s", positive=True)  # a positive number
y = SampledBase("y", nonnegative=True)  # other nonnegative codes for the same sample
w = SampledBase("w", real=True)  # a point in the unit ball, for each sample
room = SampledSymbol("room", nonnegative=True)  # its distance to the sphere: 1 − ‖w‖² ≥ 0
# A second sample with the same λ: "for every pair of samples".
x2, r2, xhat2 = (SampledBase(name, real=True) for name in ("x2", "r2", "xhat2"))
z2, mu2 = (SampledBase(name, nonnegative=True) for name in ("z2", "mu2"))
lam2 = SampledSymbol("lambda2", nonnegative=True)
# A motion of the point: every direction tangent to the spheres of the atoms and to the active codes.
D_dot, b_dot = IndexedBase("D_dot", real=True), IndexedBase("b_dot", real=True)
z_dot = SampledBase("z_dot", real=True)
C = IndexedBase("C", real=True)  # a motion D → D(1 + C) that keeps the norms
Q = IndexedBase("Q", real=True)  # a rotation
alpha = SampledBase("alpha", real=True)  # signed coefficients with x − b = Dα
source = IndexedBase("source", real=True)  # source[a, q], vectors that generate the data,
amount = SampledBase("amount", real=True)  # and how much of each a sample has
# The best dictionaries of two neighbouring problems on the same data: with one atom more (wider), and with as many at
# twice the price (dearer). `known` is 1 where this point, or such a dictionary, is certainly the best there is
# (‖r‖ ≤ λ on every sample, W3), else 0.
known, known_wider, known_dearer = symbols("known known_wider known_dearer", nonnegative=True)
kin = IndexedBase("kin", real=True)  # kin[a, j], the atom of the wider dictionary that is nearest to d_j
cost_wider, cost_dearer = symbols("cost_wider cost_dearer", nonnegative=True)  # the objective there
dead, dead_dearer = symbols("dead dead_dearer", nonnegative=True)  # how many atoms are never active, or copies


class phi(Function):
    """The penalty φ(z_j) of one unit: φ(0) = 0 and φ' ≥ 0."""

    def fdiff(self, argindex: int = 1) -> Expr:
        return marginal(self.args[0])


class marginal(Function):
    """The marginal penalty φ'(z_j) ≥ 0: what one more unit of activation costs. λ for L1."""

    def _eval_is_nonnegative(self) -> bool:
        return True

    def _eval_is_real(self) -> bool:
        return True


class pos(Function):
    """The positive part max(t, 0)."""

    def _eval_is_nonnegative(self) -> bool:
        return True

    def _eval_is_real(self) -> bool:
        return True


class neg(Function):
    """The negative part max(−t, 0) = pos(t) − t."""

    def _eval_is_nonnegative(self) -> bool:
        return True

    def _eval_is_real(self) -> bool:
        return True


@dataclass(frozen=True)
class Objective:
    """A member of the objective family: a name and its penalty t ↦ φ(t)."""

    name: str
    penalty: Callable[[Expr], Expr]

    def specialise(self, expr: Expr) -> Expr:
        """expr with φ and φ' replaced by this objective's own."""
        t = Symbol("t", nonnegative=True)
        slope = sympify(self.penalty(t)).diff(t)
        expr = expr.replace(marginal, lambda value: slope.subs(t, value))
        return expr.replace(phi, lambda value: sympify(self.penalty(value)))


gamma = Symbol("gamma", nonnegative=True)
L1 = Objective("L1", lambda t: lam * t)
ELASTIC_NET = Objective("elastic net", lambda t: lam * t + gamma * t**2 / 2)
LOG = Objective("log", lambda t: lam * log(1 + t))
TANH = Objective("tanh", lambda t: lam * tanh(t))
ROOT = Objective("square root", lambda t: 2 * lam * sqrt(1 + t))  # a smoothed L_p with p = 1/2
TOP_K = Objective("top-k", lambda t: S.Zero)  # no penalty: the support is limited instead
OBJECTIVES = {o.name.replace(" ", "-").lower(): o for o in (L1, ELASTIC_NET, LOG, TANH, ROOT, TOP_K)}


def dot(left: Callable[[Idx], Expr], right: Callable[[Idx], Expr]) -> Expr:
    """Inner product over the coordinates of a sample."""
    return Sum(left(a) * right(a), a)


def atom_dot(index: Idx, vector: SampledBase) -> Expr:
    """d_j · v, the component of a per-sample vector along an atom."""
    return Sum(D[c, index] * vector[c], c)


def square(vector: SampledBase) -> Expr:
    """‖v‖² of a per-sample vector over coordinates."""
    return Sum(vector[a] ** 2, a)


def loss(codes: SampledBase = z) -> Expr:
    """The per-sample loss ½‖x − b − Dz‖² + Σ_j φ(z_j), in the primitive symbols, of the codes z or others."""
    residual = x[a] - b[a] - Sum(D[a, m] * codes[m], m)
    return Rational(1, 2) * Sum(residual**2, a) + Sum(phi(codes[m]), m)


def nonnegativity(index: Idx) -> Expr:
    """The constraint z_j ≥ 0, whose multiplier is mu[j]."""
    return z[index]


def unit_norm(index: Idx) -> Expr:
    """The constraint ‖d_j‖² − 1 = 0, whose multiplier is nu[j] / 2."""
    return Sum(D[c, index] ** 2, c) - S.One


def per_sample_lagrangian() -> Expr:
    """Loss of one sample with the multipliers of z ≥ 0."""
    return loss() - Sum(mu[m] * nonnegativity(m), m)


def lagrangian() -> Expr:
    """Mean loss with the multipliers of the unit norms."""
    return E(loss()) + Sum(nu[m] * unit_norm(m), m) / 2
