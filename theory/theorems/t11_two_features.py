"""Of two features that occur alone and together one is absorbed up to a frequency, and none is recovered exactly.

Feature 1 alone, feature 2 alone and both together, of amplitude 1 and at an angle θ = 4τ, have weights a, b and c. Of
two atoms let one be feature 1 and the other at an angle 2β beyond the sum of both features, which is of length A =
2 cos 2τ. Feature 1 is silent on samples with both, which is absorption, exactly as long as A sin 2β ≤ λ tan(τ+β). There
the second atom is stationary for b/c = (A cos 2β − λ) A sin 2β / ((cos(2τ−2β) − λ) sin(2τ−2β)). So
absorption ends where both hold with equality: for small λ at b = cλ/cos²τ, that is 2(2−√2)cλ at a right angle.
With both features for atoms the cost of samples with both still falls as atoms approach, to first order, and no other
cost resists to first order: features that ever occur together are never recovered exactly.
Boundary: c > 0 and λ > 0. Stationarity is necessary only: which branch is the best is decided by enumeration in
`checks.solvers.plane`. While feature 2 is absorbed the other atom is feature 1 itself, as it has no other samples.

Reference: THEORY T5, from a right angle to all angles and from λ → 0 to all λ; open problem O41 of the MAIS agenda.
"""

from sympy import Expr, Symbol, cos, pi, sin, symbols, tan

from theory.calculus import Assumed, Calculation, Derivative, Identity, Line, Sign, Supposed, Tends
from theory.statement import Eq, Ge, Gt

lam, tau, beta, h = symbols("lambda tau beta h", positive=True)
b, c = symbols("b c", positive=True)
A = 2 * cos(2 * tau)
half, beyond = tau + beta, 2 * tau - 2 * beta  # half the angle between atoms; from the second atom to feature 2

open_ = Line("open", Gt(sin(2 * tau), 0), Assumed("features are not parallel"))
acute = Line("acute", Gt(cos(2 * tau), 0), Assumed("nor opposite"))
half_sine = Line("half, sine", Gt(sin(half), 0), Assumed("atoms are not parallel"))
half_cosine = Line("half, cosine", Gt(cos(half), 0), Assumed("nor opposite"))
worth = Line("worth it", Gt(A * cos(2 * tau) - lam, 0), Assumed("λ < 1 + cos θ, where both features can be active"))

# --- absorbed: each sample uses one atom ------------------------------------------------------------------------------
short = Line("short of it", Ge(lam * tan(half) - A * sin(2 * beta), 0), Supposed("A sin 2β ≤ λ tan(τ+β)"))
pull = lam * cos(2 * half) + A * sin(2 * beta) * sin(2 * half)  # of the residual of both, along feature 1
silent = Line(
    "feature 1 is silent",
    Ge(lam, pull),
    Sign(2 * half_sine.fact * half_cosine.fact * short.fact, (half_sine, half_cosine, short)),
)
alone = (1 - (cos(beyond) - lam) ** 2) / 2
both = (A**2 - (A * cos(2 * beta) - lam) ** 2) / 2
pull_alone = -2 * (cos(beyond) - lam) * sin(beyond)
pull_both = 2 * (A * cos(2 * beta) - lam) * A * sin(2 * beta)
by_alone = Line("change of feature 2 alone", Eq(Symbol("alone'"), pull_alone), Derivative(alone, beta))
by_both = Line("change of both", Eq(Symbol("both'"), pull_both), Derivative(both, beta))
quotient = (A * cos(2 * beta) - lam) * A * sin(2 * beta) / ((cos(beyond) - lam) * sin(beyond))
weights = Line("weights", Eq(b, c * quotient), Assumed("b/c is this"))
balance = Line("balance", Eq(b * pull_alone + c * pull_both, 0), Identity((weights,)))

# --- where it ends ---------------------------------------------------------------------------------------------------
edge_price = A * sin(2 * beta) / tan(half)
edge = Line("edge", Eq(lam, edge_price), Assumed("feature 1 is about to be active: A sin 2β = λ tan(τ+β)"))
edge_ratio = quotient.subs(lam, edge_price)  # b/c there
onset = Line("onset", Eq(Symbol("b/(cλ)"), 1 / cos(tau) ** 2), Tends(edge_ratio / edge_price, beta, (edge, weights)))

# --- both features for atoms: half their angle is h = 2τ --------------------------------------------------------------
cost_two = A * lam * cos(2 * tau - h) / cos(h) - lam**2 / cos(h) ** 2 / 2  # T10
opening: Expr = cost_two.diff(h)
by_opening = Line("change of both, by opening", Eq(Symbol("two'"), opening), Derivative(cost_two, h))
never = Line(
    "never exact",
    Gt(opening.subs(h, 2 * tau), 0),
    Sign(lam * open_.fact * worth.fact / acute.fact**3, (open_, worth, acute)),
)

theorem = Calculation(
    lines=(
        *(open_, acute, half_sine, half_cosine, worth, short, silent),
        *(by_alone, by_both, weights, balance, edge, onset, by_opening, never),
    ),
    concludes=("balance", "onset", "never exact"),
    example={
        tau: pi / 8,
        beta: pi / 32,
        c: 1,
        lam: edge_price.subs({tau: pi / 8, beta: pi / 32}),
        b: edge_ratio.subs({tau: pi / 8, beta: pi / 32}),
    },
)
