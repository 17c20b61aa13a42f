"""On a circle equally spaced atoms are optimal, and splitting never stops: the gap falls as k⁻².

Samples are uniform on a circle of radius A > λ about b. With h the half angle between neighbouring atoms, a sample uses
its nearest atom alone up to the angle α with A sin α = λ tan h, and two atoms from there on: its code is optimal as no
other atom has d·r > λ. By an integral the mean objective within a gap is Φ(h)/h. For k ≥ 4 equal gaps the tangent of Φ
lies below it everywhere, so that on average over gaps of any widths, which are π/k on average, no k atoms are better:
F*(k) = kΦ(π/k)/π. Hence F*(k) − B falls as (π/k)² λ(A−λ)(2A−λ)/(6A), with B = λA − ½λ² the bound of all widths, and a
sample uses 2 − λ/A atoms on average in the end. That the gap is never 0 is T1: there are more rays than atoms.
Boundary: for k ≤ 3 the closed form only bounds F*(k) from above. Where λ ≥ A cos h no sample uses two atoms, those
with A cos θ < λ are silent, and unequal gaps do as well if all are so wide. Atoms that leave the plane of the circle
are worth less than their projections.

Reference: THEORY T3, strengthened: the closed form is the optimum, for every k ≥ 4 and every λ < A.
"""

from sympy import Symbol, acos, asin, cos, pi, sin, symbols, tan

from theory.calculus import (
    Arctangent,
    Assumed,
    Averaged,
    Calculation,
    Derivative,
    Identity,
    Integral,
    Line,
    Sign,
    Supposed,
    Tangent,
    Tends,
)
from theory.statement import Eq, Ge, Gt, Le

A, lam = symbols("A lambda", positive=True)
h, alpha = symbols("h alpha", positive=True)  # half the angle between atoms, and where a second atom comes in
theta, chi = symbols("theta chi", real=True)  # of a sample to its nearest atom, and half of that of any other atom

# --- what is assumed, of each sample and of each other atom ----------------------------------------------------------
longer = Line("longer", Gt(A, lam), Assumed("samples are beyond λ"))
acute = Line("acute", Gt(cos(h), 0), Assumed("a gap is narrower than π"))
half = Line("half", Ge(pi - h, 0), Assumed("and is no more than the circle"))
gap_is_open = Line("open", Gt(sin(h), 0), Assumed("a gap is wider than 0"))
side = Line("side", Ge(sin(theta), 0), Assumed("the angle of a sample is counted from its nearest atom"))
inner = Line("inner", Ge(sin(h - theta), 0), Assumed("and is at most h"))
inner_sine = Line("inner sine", Ge(sin(h) - sin(theta), 0), Assumed("the same, by sines"))
other = Line("other", Ge(cos(h) - cos(2 * chi - h), 0), Assumed("another atom is no nearer than 2h, either way round"))
edge = Line("edge", Eq(lam, A * sin(alpha) / tan(h)), Assumed("definition of α"))
order = Line("order", Ge(h - alpha, 0), Assumed("λ ≤ A cos h: some samples use two atoms"))

# --- the best codes, and what they cost ------------------------------------------------------------------------------
up = Line("up", Ge(sin(2 * chi), 0), Supposed("the other atom is on the side of the sample"))
down = Line("down", Ge(-sin(2 * chi), 0), Supposed("the other atom is on the other side"))
one = Line("one", Ge(lam * tan(h) - A * sin(theta), 0), Supposed("θ ≤ α"))
two = Line("two", Ge(A * sin(theta) - lam * tan(h), 0), Supposed("θ ≥ α"))
none = Line("none", Ge(lam - A * cos(h), 0), Supposed("λ ≥ A cos h"))

z = A * cos(theta) - lam  # the code of the nearest atom, if it is the only one
pull = lam * cos(2 * chi) + A * sin(theta) * sin(2 * chi)  # of the residual along another atom
z1, z2 = ((A * sin(angle) - lam * tan(h)) / sin(2 * h) for angle in (2 * h - theta, theta))
cost_one, cost_two = A**2 / 2 - z**2 / 2, A * lam * cos(h - theta) / cos(h) - lam**2 / cos(h) ** 2 / 2

codes = (
    Line("pull", Eq(A * cos(2 * chi - theta) - z * cos(2 * chi), pull), Identity()),
    Line(
        "one, same side",
        Ge(lam, pull),
        Sign(lam * other.fact / acute.fact + one.fact * up.fact, (other, acute, one, up)),
    ),
    Line("one, other side", Ge(lam, pull), Sign(2 * lam * sin(chi) ** 2 + A * side.fact * down.fact, (side, down))),
    Line("two, along", Eq(A * cos(theta), lam + z1 + z2 * cos(2 * h)), Identity()),
    Line("two, across", Eq(A * sin(theta), lam * tan(h) + z2 * sin(2 * h)), Identity()),
    Line(
        "two, second code", Ge(z2, 0), Sign(two.fact / (2 * gap_is_open.fact * acute.fact), (two, gap_is_open, acute))
    ),
    Line(
        "two, first code",
        Ge(z1, 0),
        Sign(
            (two.fact + 2 * A * acute.fact * inner.fact) / (2 * gap_is_open.fact * acute.fact),
            (two, gap_is_open, acute, inner),
        ),
    ),
    Line("two, others", Ge(lam, lam * cos(2 * chi - h) / cos(h)), Sign(lam * other.fact / acute.fact, (other, acute))),
    Line(
        "none, second",
        Ge(lam, pull.subs(chi, h)),
        Sign(
            2 * gap_is_open.fact * (lam * inner_sine.fact + side.fact * none.fact),
            (gap_is_open, inner_sine, side, none),
        ),
    ),
    Line("cost of one", Eq((lam**2 + A**2 * sin(theta) ** 2) / 2 + lam * z, cost_one), Identity()),
    Line("cost of two", Eq(lam**2 / cos(h) ** 2 / 2 + lam * (z1 + z2), cost_two), Identity()),
)

# --- their mean over a gap, and how it changes with the gap ----------------------------------------------------------
Phi, slope, curvature = symbols("Phi Phi' Phi''", real=True)
sum_one = A**2 * (theta - sin(theta) * cos(theta)) / 4 + A * lam * sin(theta) - lam**2 * theta / 2
sum_two = -A * lam * sin(h - theta) / cos(h) - lam**2 * theta / cos(h) ** 2 / 2
first = Line("first part", Eq(Symbol("F1'"), cost_one), Derivative(sum_one, theta))
second = Line("second part", Eq(Symbol("F2'"), cost_two), Derivative(sum_two, theta))
closed_form = sum_one.subs(theta, alpha) + A * lam * sin(h - alpha) / cos(h) - lam**2 * (h - alpha) / cos(h) ** 2 / 2
value = Line("closed form", Eq(Phi, closed_form), Integral(((first, 0, alpha), (second, alpha, h))))
first_slope = (A * lam * cos(alpha) - lam**2 / 2 - lam**2 * (h - alpha) * tan(h)) / cos(h) ** 2
steepness = Line("slope", Eq(slope, first_slope), Derivative(value.relation.rhs, h, {alpha: edge}))
bend = 2 * tan(h) * (A * lam * cos(alpha) - lam**2) - lam**2 * (h - alpha) * (1 + 3 * tan(h) ** 2)
bending = Line("curvature", Eq(curvature, bend / cos(h) ** 2), Derivative(first_slope, h, {alpha: edge}))
meeting = Line("meeting", Eq(lam, A * cos(h)), Supposed("α = h"))
arrival = Line("slope where α = h", Eq(first_slope.subs(alpha, h), A**2 / 2), Identity((meeting,)))
reach = acos(lam / A)
silent = sum_one.subs(theta, reach) + A**2 / 2 * (h - reach)
end = Line("slope of silence", Eq(Symbol("Phi'(end)"), A**2 / 2), Derivative(silent, h))

# --- no other gaps are better: with t = tan h, σ = tan h / tan α − 1 and T = tan(h − α) -------------------------------
t, sigma = Symbol("t", positive=True), Symbol("sigma", nonnegative=True)
t_is = Line("t", Eq(t, tan(h)), Assumed("a name"))
sigma_is = Line("σ", Eq(sigma, tan(h) / tan(alpha) - 1), Assumed("a name, nonnegative as α ≤ h"))
few = Line("k ≥ 4", Ge(1 - tan(h) ** 2, 0), Assumed("h ≤ π/4"))
narrow = Line("narrow", Ge(1 + 2 * sigma - t**2, 0), Supposed("t² ≤ 1 + 2σ"))
broad = Line("broad", Ge(t**2 - 1 - 2 * sigma, 0), Supposed("t² ≥ 1 + 2σ"))
names, whole = (edge, t_is, sigma_is), 1 + sigma + t**2
T = t * sigma / whole
opening = Line("opening", Eq(tan(h - alpha), T), Identity((t_is, sigma_is)))
angle_above = Line("angle, above", Ge(T, h - alpha), Arctangent(opening, order, acute, half))
angle_below = Line("angle, below", Ge(h - alpha, T - T**3 / 3), Arctangent(opening, order, acute, half))
by_angle = (1 + 3 * t**2) * angle_above.fact + t * sigma * narrow.fact / whole
convex = Line(
    "convex", Ge(curvature, 0), Sign(lam**2 * (1 + t**2) * by_angle, (angle_above, narrow), (bending, *names))
)
steep = Line(
    "steep",
    Ge(slope, A**2 / 2),
    Sign(
        lam**2 * ((1 + t**2) * t * angle_above.fact + sigma**2 * (broad.fact + sigma) / (2 * whole)),
        (angle_above, broad),
        (steepness, *names),
    ),
)
rest = 3 * sigma**2 + 6 * sigma * (1 + t**2) + (1 + t**2) * (3 + t**2 + 2 * t**2 * few.fact)
flat = Line(
    "flat",
    Le(slope, A**2 / 2),
    Sign(
        lam**2
        * ((1 + t**2) * t * angle_below.fact + sigma**2 / whole * (few.fact / 2 + sigma * rest / (6 * whole**2))),
        (angle_below, few),
        (steepness, *names),
    ),
)
tangent = Line(
    "tangent",
    Ge(Symbol("Phi(other)", real=True), Phi + slope * (Symbol("h(other)", nonnegative=True) - h)),
    Tangent(value, steepness, bending, convex, steep, flat, arrival, end),
)
equal = Line("equal gaps are best", Ge(Symbol("mean(Phi)", real=True), Phi), Averaged(tangent))

# --- as k grows ------------------------------------------------------------------------------------------------------
bound = lam * A - lam**2 / 2
at_h = asin(lam * tan(h) / A)
fall = Line(
    "fall of the gap",
    Eq(Symbol("c"), lam * (A - lam) * (2 * A - lam) / (6 * A)),
    Tends((closed_form.subs(alpha, at_h) / h - bound) / h**2, h, (value,)),
)
active = Line("active atoms", Eq(Symbol("L0"), 2 - lam / A), Tends(2 - at_h / h, h, (edge,)))

theorem = Calculation(
    lines=(
        *(longer, acute, half, gap_is_open, side, inner, inner_sine, other, edge, order, t_is, sigma_is, few),
        *(up, down, one, two, none, *codes, first, second, value, steepness, bending, meeting, arrival, end),
        *(narrow, broad, opening, angle_above, angle_below, convex, steep, flat, tangent, equal, fall, active),
    ),
    concludes=("closed form", "equal gaps are best", "fall of the gap", "active atoms"),
    example={
        A: 2,
        lam: 1,
        h: pi / 6,
        alpha: asin(tan(pi / 6) / 2),
        theta: 0,
        chi: pi / 6,
        t: tan(pi / 6),
        sigma: tan(pi / 6) / tan(asin(tan(pi / 6) / 2)) - 1,
    },
)
