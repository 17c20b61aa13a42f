"""The problem in symbols (THEORY §0): nonnegative sparse coding with unit-norm atoms and an optional decoder bias.

    minimise over D, b, z ≥ 0   E[ ½‖x − b − Dz‖² + Σ_j φ(z_j) ],   ‖d_j‖ = 1.

The members of the objective family differ in φ, in how many units may be active, in what of a unit φ is taken of, and
in whose residuals are squared. Every condition is derived from a member's own loss, in `theory.derive`.

The sample axis is implicit. Coordinates of a sample are indexed by a, c (axis d), atoms by j, l, m (axis k),
sources of the data by q (axis p), prefixes of a nested dictionary by g (axis g).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from sympy import (
    Expr,
    Function,
    Idx,
    Indexed,
    IndexedBase,
    Mul,
    Rational,
    S,
    Sum,
    Symbol,
    limit,
    log,
    oo,
    powsimp,
    simplify,
    sqrt,
    symbols,
    sympify,
    tanh,
)

from theory.expectation import E, SampledBase, SampledFunction, SampledSymbol

d = Symbol("d", integer=True, positive=True)
k = Symbol("k", integer=True, positive=True)
a, c = Idx("a", d), Idx("c", d)
j, l, m = Idx("j", k), Idx("l", k), Idx("m", k)
q = Idx("q", Symbol("p", integer=True, positive=True))
g = Idx("g", Symbol("g", integer=True, positive=True))

D = IndexedBase("D", real=True)
b = IndexedBase("b", real=True)
x = SampledBase("x", real=True)
z = SampledBase("z", nonnegative=True)
lam = SampledSymbol("lambda", nonnegative=True)

# Multipliers of the two constraints: z_j ≥ 0 per sample and ‖d_j‖² = 1.
mu = SampledBase("mu", nonnegative=True)
nu = IndexedBase("nu", real=True)

# Where a silent unit has no price, the multiplier of z_j = 0 may have either sign.
signless = SampledBase("mu", real=True)

# Defined quantities: the reconstruction x̂ = Dz, the residual r = x − b − x̂, the Gram matrix G = DᵀD and whether an
# atom is active or silent.
xhat = SampledBase("xhat", real=True)
r = SampledBase("r", real=True)
G = IndexedBase("G", real=True)
on, off = SampledBase("on", nonnegative=True), SampledBase("off", nonnegative=True)
norm = IndexedBase("norm", nonnegative=True)  # ‖d_j‖ where it is free
M = IndexedBase("M", nonnegative=True)  # M[g, j]: whether prefix g of a nested dictionary has atom j
R = SampledBase("R", real=True)  # R[g, a]: the residual of that prefix

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
SECOND_SAMPLE = frozenset({x2, r2, xhat2, z2, mu2, lam2})
# A motion of the point: every direction tangent to the spheres of the atoms and to the active codes.
D_dot, b_dot = IndexedBase("D_dot", real=True), IndexedBase("b_dot", real=True)
z_dot = SampledBase("z_dot", real=True)
W = IndexedBase("W", real=True)  # weights W[j, a] of an encoder
# The encoder z_j = pos(Σ_a W_enc[j, a] (x_a − b_a) + b_enc[j]) that an SAE has: of it, and not "for every".
W_enc, b_enc = IndexedBase("W_enc", real=True), IndexedBase("b_enc", real=True)
C = IndexedBase("C", real=True)  # a motion D → D(1 + C) that keeps the norms
Q = IndexedBase("Q", real=True)  # a rotation
alpha = SampledBase("alpha", real=True)  # signed coefficients with x − b = Dα
source = IndexedBase("source", real=True)  # source[a, q], vectors that generate the data,
amount = SampledBase("amount", real=True)  # and how much of each a sample has
w2 = SampledBase("w2", real=True)  # a point in the unit ball for the second sample, and its distance to the sphere
room2 = SampledSymbol("room2", nonnegative=True)
SECOND_SAMPLE |= {w2, room2}
sigma = SampledBase("sigma", real=True)  # a sign for each sample and atom
omega = SampledBase("omega", nonnegative=True)  # nonnegative numbers for each sample and atom
rise = SampledBase("rise", nonnegative=True)  # how fast a silent code leaves 0 if codes follow C as z → z − Cz
apart = IndexedBase("apart", nonnegative=True)  # apart[j, l]: whether two atoms are not the same
# The best dictionaries of two neighbouring problems on the same data: with one atom more (wider), and with as many at
# twice the price (dearer). `known` is 1 where this point, or such a dictionary, is certainly the best there is
# (‖r‖ ≤ λ on every sample, W3), else 0.
known, known_wider, known_dearer = symbols("known known_wider known_dearer", nonnegative=True)
kin = IndexedBase("kin", real=True)  # kin[a, j], the atom of the wider dictionary that is nearest to d_j
cost_wider, cost_dearer = symbols("cost_wider cost_dearer", nonnegative=True)  # the objective there
dead, dead_dearer = symbols("dead dead_dearer", nonnegative=True)  # how many atoms are never active, or copies


class phi(SampledFunction):
    """The penalty φ(z_j) of one unit: φ(0) = 0 and φ' ≥ 0."""

    def fdiff(self, argindex: int = 1) -> Expr:
        return marginal(self.args[0])


class marginal(SampledFunction):
    """The marginal penalty φ'(z_j) ≥ 0 of z_j ≥ 0: what one more unit of activation costs. λ for L1."""

    def _eval_is_nonnegative(self) -> bool | None:
        return True if self.args[0].is_nonnegative else None

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


class step(Function):
    """1{t > 0}, what an L0 penalty counts. Its slope is taken where a unit is active: there it is 0."""

    @classmethod
    def eval(cls, value: Expr) -> Expr | None:
        if isinstance(value, Indexed) and value.base == z:
            return on[value.indices]
        return S.One if value.is_positive else None

    def fdiff(self, argindex: int = 1) -> Expr:
        return S.Zero


class Limit(Enum):
    """Of what the number of active units is limited, in place of a penalty."""

    SAMPLE = "each sample"
    BATCH = "all samples together"


def error(index: Idx, codes: SampledBase = z) -> Expr:
    """One coordinate of x − b − Dz."""
    return x[index] - b[index] - Sum(D[index, m] * codes[m], m)


def prefix_error(index: Idx, codes: SampledBase = z) -> Expr:
    """The same for prefix g of a nested dictionary, whose atoms are those with M[g, j] = 1."""
    return x[index] - b[index] - Sum(M[g, m] * D[index, m] * codes[m], m)


def activation(index: Idx, codes: SampledBase = z) -> Expr:
    """z_j, what is penalised of a unit with a unit-norm atom."""
    return codes[index]


def contribution(index: Idx, codes: SampledBase = z) -> Expr:
    """z_j‖d_j‖, what is penalised of a unit whose atom is free in norm."""
    return codes[index] * sqrt(Sum(D[c, index] ** 2, c))


@dataclass(frozen=True, repr=False, eq=False)
class Objective:
    """A member of the objective family: E[½Σ error² + Σ_j φ(size_j)], under the constraints on D and z.

    name      what it is called
    penalty   t ↦ φ(t) for t > 0; φ(0) = 0
    limit     of what the number of active units is limited, if it is
    residual  the symbol of the error, with the indices that its square is summed over
    error     x − b − Dz, or that of each prefix of a nested dictionary
    size      what φ is taken of, z_j or z_j‖d_j‖: norms are free if it knows them, else ‖d_j‖ = 1
    """

    name: str
    penalty: Callable[[Expr], Expr]
    limit: Limit | None = None
    residual: Indexed = r[a]
    error: Callable[..., Expr] = error
    size: Callable[..., Expr] = activation

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[Callable[[str], Objective], tuple[str]]:
        """Sent to another process by name: there it is the same object again."""
        return objective_of, (self.key,)

    @property
    def key(self) -> str:
        """Its name on the command line."""
        return self.name.replace(" ", "-").lower()

    @property
    def has_free_norms(self) -> bool:
        return self.size is contribution

    @property
    def parameters(self) -> frozenset[str]:
        """Names of what a problem must say besides λ: those of the penalty, K of a limit and the mask M of prefixes."""
        t = Symbol("t", positive=True)
        of_penalty = {str(symbol) for symbol in sympify(self.penalty(t)).free_symbols - {t, lam}}
        return frozenset(of_penalty | ({"K"} if self.limit else set()) | ({"M"} if self.residual.base == R else set()))

    @cached_property
    def scales_with_data(self) -> bool:
        """Whether x → sx, λ → sλ makes it the same problem for codes sz: φ(st) = s²φ(t) if λ is scaled too."""
        t = Symbol("t", positive=True)
        scaled = sympify(self.penalty(s * t)).subs(lam, s * lam)
        return bool(simplify(scaled - s**2 * sympify(self.penalty(t))) == 0)

    @cached_property
    def has_finite_slope(self) -> bool:
        """Whether φ'(0⁺) is a number, so that one can speak of the marginal penalty of a silent unit."""
        t = Symbol("t", positive=True)
        slope = sympify(self.penalty(t)).diff(t)
        return bool(slope.has(marginal) or _at_zero(slope, t) is not oo)

    @cached_property
    def prices_silent_units(self) -> bool:
        """Whether switching a unit on a little costs a little, so that a silent one says that it is not worth that.

        φ(t)/t for t → 0, the price of a small activation, is infinite if φ jumps.
        """
        t = Symbol("t", positive=True)
        value = sympify(self.penalty(t))
        return self.limit is None and bool(value.has(phi) or _at_zero(value / t, t) is not oo)

    def specialise(self, expr: Expr) -> Expr:
        """expr with φ and φ' replaced by this objective's own, and the multipliers of z ≥ 0 by those of its codes."""
        if expr not in self._forms:
            self._forms[expr] = self._form(expr)
        return self._forms[expr]

    @cached_property
    def _forms(self) -> dict[Expr, Expr]:
        """What expressions are for this objective, as far as somebody asked: most are asked for again and again."""
        return {}

    def _form(self, expr: Expr) -> Expr:
        if expr.has(marginal, phi):
            t = Symbol("t", positive=True)
            slope = powsimp(sympify(self.penalty(t)).diff(t))
            expr = expr.replace(marginal, lambda value: slope.subs(t, value))
            expr = expr.replace(phi, lambda value: sympify(self.penalty(value)))
        if expr.has(power):
            expr = expr.replace(lambda part: isinstance(part, Mul) and part.has(power), powsimp)
        if any(total.function == 0 for total in expr.atoms(Sum)):
            expr = expr.replace(lambda part: isinstance(part, Sum) and part.function == 0, lambda part: S.Zero)
        return expr if self.prices_silent_units else without_sign(expr)

    def loss(self, codes: SampledBase = z) -> Expr:
        """The loss of one sample in the primitive symbols, of the codes z or others, with any φ."""
        squares = Sum(self.error(a, codes) ** 2, *self.residual.indices)
        return Rational(1, 2) * squares + Sum(phi(self.size(m, codes)), m)

    def per_sample_lagrangian(self) -> Expr:
        """Loss of one sample with the multipliers of z ≥ 0, or of z_j = 0 where a unit must be silent."""
        return self.loss() - Sum(mu[m] * nonnegativity(m), m)

    def lagrangian(self) -> Expr:
        """Mean loss with the multipliers of the unit norms, unless norms are free."""
        norms = S.Zero if self.has_free_norms else Sum(nu[m] * unit_norm(m), m) / 2
        return E(self.loss()) + norms


def _at_zero(value: Expr, t: Symbol) -> Expr:
    """The limit for t → 0⁺ at some λ and exponent."""
    return limit(value.subs({lam: 1, power: Rational(1, 2)}), t, 0, "+")


def without_sign(expr: Expr) -> Expr:
    """expr with multipliers of either sign."""
    return expr.replace(lambda part: isinstance(part, Indexed) and part.base == mu, lambda part: signless[part.indices])


# Parameters of penalties: γ weighs the square, p is the exponent.
gamma, power = Symbol("gamma", nonnegative=True), Symbol("p", positive=True)

FAMILY = Objective("any penalty", phi)
L1 = Objective("L1", lambda t: lam * t)
ELASTIC_NET = Objective("elastic net", lambda t: lam * t + gamma * t**2 / 2)
LOG = Objective("log", lambda t: lam * log(1 + t))
TANH = Objective("tanh", lambda t: lam * tanh(t))
ROOT = Objective("square root", lambda t: 2 * lam * (sqrt(1 + t) - 1))
LP = Objective("Lp", lambda t: lam * t**power)  # 0 < p < 1
L0 = Objective("L0", lambda t: lam * step(t))  # what a JumpReLU is trained with
TOP_K = Objective("top-k", lambda t: S.Zero, limit=Limit.SAMPLE)
BATCH_TOP_K = Objective("batch top-k", lambda t: S.Zero, limit=Limit.BATCH)
NORM_WEIGHTED = Objective("norm-weighted L1", L1.penalty, size=contribution)
MATRYOSHKA = Objective("Matryoshka", L1.penalty, residual=R[g, a], error=prefix_error)
OBJECTIVES = {
    objective.key: objective
    for objective in (
        *(L1, ELASTIC_NET, LOG, TANH, ROOT, LP),
        *(L0, TOP_K, BATCH_TOP_K),
        *(NORM_WEIGHTED, MATRYOSHKA),
    )
}


def objective_of(key: str) -> Objective:
    """The member of the family with this name. Raises KeyError if there is none."""
    return OBJECTIVES[key]


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
    return FAMILY.loss(codes)


def nonnegativity(index: Idx) -> Expr:
    """The constraint z_j ≥ 0, whose multiplier is mu[j]."""
    return z[index]


def unit_norm(index: Idx) -> Expr:
    """The constraint ‖d_j‖² − 1 = 0, whose multiplier is nu[j] / 2."""
    return Sum(D[c, index] ** 2, c) - S.One
