"""Theorems judged on exact optima, from the very relations that their proofs are about.

Optima at every width, from one atom to two more than there are rays, by the joint solver with restarts; where the width
suffices they must attain the bound of all widths, which certifies them. A condition is read off at half the digits of
float64: an objective is resolved to rounding error, and what is small is a root of its gap.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import linprog
from sympy import Eq, Gt, Sum

from checks.solvers.cones import cone_tests
from checks.solvers.dictionary import joint
from checks.solvers.wide import saturation_width, width_bound
from theory.derive import DEFINED
from theory.expectation import E
from theory.inference import Property, best, excess, first, first2, other, other2, rays
from theory.problem import D, b, k, lam, r, square, u, w, w2, y, z, z2
from theory.stated import Stated
from theory.statement import Ge, Le
from theory.theorems import t1_splitting_stops as t1
from theory.theorems import t2_clustering as t2
from theory.theorems import t3_width_law as t3
from theory.theorems import t4_convex_problem as t4
from theory.theorems import t5_absorption as t5
from theory.theorems import t6_antipodal_pairs as t6
from theory.theorems import t7_local_identifiability as t7
from theory.theorems import t9_residuals as t9
from theory.theorems.t1_splitting_stops import bound

HALF = float(np.sqrt(np.finfo(float).eps))


@dataclass(frozen=True)
class Data:
    """Samples as directions (by Pythagorean slopes) times lengths, with one λ."""

    slopes: tuple[tuple[int, int], ...]  # (p, q): the unit vector (p² − q², 2pq)/(p² + q²)
    lengths: tuple[float, ...]
    lam: float = 1.0
    weights: tuple[float, ...] | None = None

    @property
    def x(self):
        ends = [((p * p - q * q) / (p * p + q * q), 2 * p * q / (p * p + q * q)) for p, q in self.slopes]
        return np.array(ends) * np.array(self.lengths)[:, None]


THREE_RAYS = Data(slopes=((1, 0), (2, 1), (2, 1), (1, 3), (3, 2)), lengths=(2.0, 3.0, 1.5, 2.5, 0.5))
ANTIPODES = Data(slopes=((1, 0), (0, 1), (2, 1), (2, 1)), lengths=(2.0, 3.0, 1.5, 4.0))
DATA = {"three rays": THREE_RAYS, "antipodes": ANTIPODES}


@cache
def optimum(data, width, bias=False):
    weights = None if data.weights is None else np.array(data.weights)
    return joint(data.x, width, data.lam, weights=weights, bias=bias, restarts=20, seed=0)


def world(data, point, values, extra=None):
    """The point and what the theorem defines from it, as numbers for its relations; values are one for all samples."""
    y = data.x - point.b
    length = np.linalg.norm(y, axis=1)
    direction = y / np.maximum(length, data.lam)[:, None]
    arrays = {
        r: (y - point.Z @ point.D.T, True),
        w: (direction, True),
        z: (point.Z, True),
        D: (point.D, False),
        b: (point.b, False),
        u: (np.eye(data.x.shape[1])[0], False),
    }
    stated = {}
    for symbol, (array, sampled) in arrays.items():
        for place, value in np.ndenumerate(array):
            stated[(str(symbol), place[1:], place[0]) if sampled else (str(symbol), place, None)] = float(value)
    for sample, t in enumerate(length):
        stated[str(excess), sample] = max(float(t) - data.lam, 0.0)
        stated[str(lam), sample] = data.lam
    stated |= {(str(symbol), None): value for symbol, value in values.items()}
    stated |= extra or {}
    (n, d), width = data.x.shape, point.D.shape[1]
    weights = None if data.weights is None else np.array(data.weights) / sum(data.weights)
    return Stated(n, d, width, stated, weights=weights, definitions=DEFINED)


def at_width(data, width, bias=False):
    point = optimum(data, width, bias)
    least, next_least = point.objective, optimum(data, width + 1, bias).objective
    counted = saturation_width(data.x, data.lam, b=point.b)
    return world(data, point, {k: width, rays: counted, best(k): least, best(k + 1): next_least})


def holds(each, place):
    values = list(place.values_of(each.margin))
    assert values
    if each.is_equality:
        return all(abs(value) <= HALF for value in values)
    least = HALF if isinstance(each.relation, Gt) else -HALF
    return all(value >= least for value in values)


def conditions(theorem, place):
    return {name: all(holds(each, place) for each in parts) for name, parts in theorem.conditions.items()}


SWEEP = [(name, bias, width) for name in DATA for bias in (False, True) for width in range(1, 6)]


@pytest.mark.parametrize(("name", "bias", "width"), SWEEP)
def test_t1_conditions_agree_at_every_width(name, bias, width):
    place = at_width(DATA[name], width, bias)
    found = conditions(t1.theorem, place)
    enough = width >= saturation_width(DATA[name].x, DATA[name].lam, b=optimum(DATA[name], width, bias).b)
    assert {found[name] for name in t1.theorem.equivalent} == {enough}, found
    assert found["k < R"] == found["falls"] == (not enough)


@pytest.mark.parametrize("name", DATA)
def test_the_sweep_sees_both_and_its_wide_optima_are_certified(name):
    data = DATA[name]
    widths = range(1, 6)
    seen = {conditions(t1.theorem, at_width(data, width))["e"] for width in widths}
    assert seen == {False, True}
    for width in widths:
        gap = optimum(data, width).objective - width_bound(data.x, data.lam)
        assert (gap <= HALF) == (width >= 3)
        assert gap >= -HALF


def test_objectives_fall_strictly_up_to_one_atom_per_ray_and_not_after():
    values = [optimum(THREE_RAYS, width).objective for width in range(1, 6)]
    falls = [before - after > HALF for before, after in pairwise(values)]
    assert falls == [True, True, False, False]


# --- each hypothesis is needed ---------------------------------------------------------------------------------------


def test_at_lambda_zero_fewer_atoms_than_rays_attain_the_bound():
    cone = Data(slopes=((1, 0), (2, 1), (1, 1)), lengths=(2.0, 3.0, 1.5), lam=0.0)
    point = joint(cone.x, 2, 0.0, start=np.eye(2), max_iterations=0)
    place = world(cone, point, {k: 2, rays: 3, best(k): 0.0, best(k + 1): 0.0})
    found = conditions(t1.theorem, place)
    assert {name for name, met in found.items() if met} == {"a", "b", "c", "k < R"}


def test_a_stationary_point_with_enough_atoms_need_not_cluster():
    pair = Data(slopes=((3, 1), (3, -1)), lengths=(2.0, 2.0))
    point = joint(pair.x, 2, 1.0, start=np.array([[1.0, -1.0], [0.0, 0.0]]), max_iterations=0)
    assert point.stationarity <= HALF
    stuck = point.objective
    place = world(pair, point, {k: 2, rays: 2, best(k): stuck, best(k + 1): stuck})
    found = conditions(t1.theorem, place)
    assert {name for name, met in found.items() if met} == {"a", "e"}  # (a) of what local search finds


def test_a_sample_without_weight_is_no_ray():
    weighted = Data(slopes=((1, 0), (2, 1), (1, 3)), lengths=(2.0, 3.0, 2.0), weights=(1.0, 1.0, 0.0))
    found = conditions(t1.theorem, at_width(weighted, 2))
    assert {name for name, met in found.items() if met} >= {"a", "c"}
    assert not found["e"]


# --- neighbours of each condition, on both sides ---------------------------------------------------------------------

WEAKER = {
    "a": Property("not above", Le(best(k + 1), best(k))),
    "b": Property("within 3λ", Le(square(r), 9 * lam**2)),
    "c": Property("above", Ge(best(k), E(bound))),
    "d": Property("no less", Ge(excess * 2, t1.amount.relation.lhs)),
    "e": Property("all but one", Ge(k, rays - 1)),
}
STRONGER = {
    "a": Property("falls", Le(best(k + 1), best(k) - lam / 10)),
    "b": Property("within λ/2", Le(square(r), lam**2 / 4)),
    "c": Property("a tenth below", Eq(best(k), E(bound) * 9 / 10, evaluate=False)),
    "d": Property("half of it", Eq(t1.amount.relation.lhs, excess / 2, evaluate=False)),
    "e": Property("one to spare", Ge(k, rays + 1)),
}


def mean(each):
    return Property(each.name, each.relation.func(*map(E, each.relation.args), evaluate=False))


@pytest.mark.parametrize("name", WEAKER)
def test_a_weaker_condition_does_not_lead_to_the_others(name):
    place = at_width(THREE_RAYS, 2)
    assert holds(WEAKER[name], place)
    assert not any(equivalents(place))


@pytest.mark.parametrize("name", STRONGER)
def test_the_others_do_not_lead_to_a_stronger_condition(name):
    place = at_width(THREE_RAYS, 3)
    assert not holds(mean(STRONGER[name]) if name == "a" else STRONGER[name], place)
    assert all(equivalents(place))


def equivalents(place):
    return [conditions(t1.theorem, place)[name] for name in t1.theorem.equivalent]


def test_one_atom_per_ray_satisfies_the_theorem_in_exact_arithmetic():
    """The clustered dictionary in fractions: no tolerance at all."""
    ends = [(Fraction(1), Fraction(0)), (Fraction(3, 5), Fraction(4, 5))]
    lengths, price = [Fraction(2), Fraction(3)], Fraction(1)
    stated = {(str(k), None): 2, (str(rays), None): 2}
    for sample, (end, length) in enumerate(zip(ends, lengths, strict=True)):
        stated[str(excess), sample] = length - price
        stated[str(lam), sample] = price
        for i in range(2):
            stated[str(w), (i,), sample] = end[i]
            stated[str(r), (i,), sample] = price * end[i]
            stated[str(D), (i, sample), None] = end[i]
            stated[str(b), (i,), None] = Fraction(0)
            stated[str(z), (i,), sample] = length - price if i == sample else Fraction(0)
    objective = Stated(2, 2, 2, stated, definitions=DEFINED).value(E(t1.cost), {})
    optima = {(str(best(width)), None): objective for width in (k, k + 1)}
    here = Stated(2, 2, 2, stated | optima, definitions=DEFINED)
    for name in t1.theorem.equivalent:
        for each in t1.theorem.conditions[name]:
            values = set(here.values_of(each.margin))
            assert values == {0}


# --- T2: clustering at finite accuracy -------------------------------------------------------------------------------


def any_point(seed, width=4):
    """Unit atoms and nonnegative codes of no merit."""
    rng = np.random.default_rng(seed)
    data = Data(slopes=tuple(map(tuple, rng.integers(1, 9, (6, 2)).tolist())), lengths=tuple(rng.uniform(0.3, 4.0, 6)))
    atoms = rng.normal(size=(2, width))
    codes = np.where(rng.random((6, width)) < 0.5, rng.uniform(0, 2, (6, width)), 0.0)
    return data, Admissible(atoms / np.linalg.norm(atoms, axis=0), np.zeros(2), codes)


@dataclass(frozen=True)
class Admissible:
    D: np.ndarray
    b: np.ndarray
    Z: np.ndarray


def clustered(data, point, radius, share_of_gap=1.0):
    """The world of T2 with ε = F − B, or a share of it, and every atom farther than a radius counted."""
    here = world(data, point, {})
    gap = here.value(E(t2.cost) - E(t2.bound), {})
    far = np.linalg.norm(point.D.T[None] - directions(data, point)[:, None], axis=2) > radius
    extra = {(str(t2.far), (j,), i): float(value) for (i, j), value in np.ndenumerate(far)}
    values = {t2.epsilon: gap * share_of_gap, t2.delta: radius}
    return world(data, point, values, extra)


def directions(data, point):
    y = data.x - point.b
    return y / np.maximum(np.linalg.norm(y, axis=1), data.lam)[:, None]


T2_POINTS = [partial(any_point, seed) for seed in range(5)]
T2_POINTS += [lambda width=width: (THREE_RAYS, optimum(THREE_RAYS, width)) for width in (1, 2)]


@pytest.mark.parametrize("number", range(len(T2_POINTS)))
def test_t2_holds_at_any_admissible_point(number):
    place = clustered(*T2_POINTS[number](), radius=0.4)
    assert all(holds(each, place) for each in t2.theorem.given)
    assert all(conditions(t2.theorem, place).values())


def test_t2_needs_the_objective_to_be_near_the_bound():
    fails = {
        name
        for number in range(len(T2_POINTS))
        for name, met in conditions(t2.theorem, clustered(*T2_POINTS[number](), 0.4, share_of_gap=0.0)).items()
        if not met
    }
    assert fails == {"atoms", "residual", "outside"}


def test_t2_needs_unit_norms():
    point = optimum(THREE_RAYS, 3)
    longer = Admissible(1.2 * point.D, point.b, point.Z / 1.2)  # the same reconstruction, at a lower price
    assert not any(conditions(t2.theorem, clustered(THREE_RAYS, longer, 0.1)).values())


@pytest.mark.parametrize(
    ("dropped", "width", "counted"), [(t2.beyond, 3, lambda far: 1.0), (t2.share, 1, lambda far: 1000 * far)]
)
def test_t2_counts_only_what_is_farther_and_once(dropped, width, counted):
    """Without "beyond" near atoms may be counted, without "share" one many times: Markov's bound then fails."""
    point = optimum(THREE_RAYS, width)
    place = clustered(THREE_RAYS, point, radius=0.2)
    for sample, j in np.ndindex(point.Z.shape):
        key = (str(t2.far), (j,), sample)
        place.values[key] = counted(place.values[key])
    assert [each.name for each in t2.theorem.given if not holds(each, place)] == [dropped.name]
    assert not conditions(t2.theorem, place)["outside"]


# --- T3: the width law -----------------------------------------------------------------------------------------------

SPREAD = Data(
    slopes=tuple((5, q) for q in range(-6, 7)),
    lengths=(1.5, 2.5, 2.0, 3.0, 0.5, 2.0, 1.8, 2.2, 2.0, 1.2, 2.8, 2.0, 3.0),
)


def quantised(width, *, atoms=None, reach=1.0, spread=1.0, chosen=1.0, point=None):
    """The world of T3: distances to its own atoms, and to other unit vectors of which each sample chooses the nearest.

    reach, spread, chosen: factors that hypotheses do not allow if they are not 1.
    """
    own = optimum(SPREAD, width) if point is None else point
    ways = directions(SPREAD, own)
    near = own.D if atoms is None else atoms
    to_own, to_near = (((ways[:, :, None] - D) ** 2).sum(axis=1) for D in (own.D, near))
    beyond = np.linalg.norm(SPREAD.x, axis=1) > SPREAD.lam
    extra = {(str(t3.D_near), place, None): value for place, value in np.ndenumerate(near)}
    for sample in range(len(ways)):
        best_one = int(np.argmin(to_near[sample]))
        extra[str(t3.reach), sample] = reach * float(to_own[sample].min())
        extra[str(t3.spread), sample] = spread * float(to_near[sample, best_one])
        for j in range(width):
            extra[str(t3.h), (j,), sample] = chosen * float(j == best_one and beyond[sample])
    return world(SPREAD, own, {k: width, best(k): own.objective}, extra)


@pytest.mark.parametrize("width", [1, 2, 3, 5, 8])
def test_t3_the_gap_lies_between_quantisation_errors(width):
    angles = np.linspace(-1.8, 1.8, width)
    for atoms in (None, np.stack([np.cos(angles), np.sin(angles)])):
        place = quantised(width, atoms=atoms)
        assert all(holds(each, place) for each in t3.theorem.supposing)
        assert conditions(t3.theorem, place) == {"below": True, "above": True}


def test_t3_the_bounds_are_within_a_factor_of_each_other():
    """For amplitudes of a few λ, as SPREAD has: no bound is idle."""
    place = quantised(5)
    bound_of_all = place.value(E(bound), {})
    low, high = (place.value(each.relation.rhs, {}) - bound_of_all for each in (t3.below, t3.above))
    assert 0 < low <= high <= 6 * low


@pytest.mark.parametrize(
    ("dropped", "change", "fails"),
    [
        (t3.away, {"reach": 6.0}, "below"),  # atoms are nearer than they are said to be
        (t3.close, {"spread": 0.1}, "above"),  # the chosen vectors are farther than they are said to be
    ],
)
def test_t3_needs_the_distances(dropped, change, fails):
    place = quantised(5, **change)
    assert not holds(dropped, place)
    assert all(holds(each, place) for each in t3.theorem.supposing if each is not dropped)
    assert not conditions(t3.theorem, place)[fails]


def test_t3_needs_a_choice_for_each_sample():
    """A sample that chooses nothing is not explained: distances to vectors that nobody uses bound nothing."""
    place = quantised(5, chosen=0.0, spread=0.0)
    assert [each.name for each in t3.theorem.supposing if not holds(each, place)] == ["covered"]
    assert not conditions(t3.theorem, place)["above"]


def test_t3_needs_the_best_dictionary_above():
    stuck = joint(SPREAD.x, 5, SPREAD.lam, start=np.repeat(optimum(SPREAD, 1).D, 5, axis=1), max_iterations=0)
    good = optimum(SPREAD, 5)
    place = quantised(5, atoms=good.D, point=stuck)
    assert all(holds(each, place) for each in t3.theorem.supposing)
    assert conditions(t3.theorem, place) == {"below": True, "above": False}


# --- T5: absorption, and T6: antipodal pairs -------------------------------------------------------------------------

FAMILY = Data(slopes=((1, 0), (1, 0), (3, 1), (3, 1)), lengths=(2.0, 3.0, 2.5, 4.0))
UNTIED = Data(slopes=((1, 0), (1, 0), (3, 1), (2, 1)), lengths=(2.0, 3.0, 2.5, 4.0))


def on_two_rays(data, width, one, other_one, vectors, point=None):
    """The world of T5 or T6: samples of one ray and of another, by number; at an optimum if no point is given."""
    point = point or optimum(data, width)
    counted = saturation_width(data.x, data.lam, b=point.b)
    extra = {}
    for sample in range(len(data.x)):
        extra[str(first), sample] = extra[str(first2), sample] = float(sample in one)
        extra[str(other), sample] = extra[str(other2), sample] = float(sample in other_one)
    for symbol, vector in vectors.items():
        extra |= {(str(symbol), (i,), None): value for i, value in enumerate(vector)}
    values = {k: width, rays: counted, best(k): point.objective, best(k + 1): optimum(data, width + 1).objective}
    return Pairs(world(data, point, values, extra), point)


@dataclass(frozen=True)
class Pairs:
    """A world in which a second sample may be any."""

    here: Stated
    point: object

    def values_of(self, expr):
        if not expr.has(z2):
            yield from self.here.values_of(expr)
            return
        for partner in range(len(self.point.Z)):
            moved = {(str(other2), i): self.here.values[str(other), partner] for i in range(self.here.n)}
            for i, j in np.ndindex(self.here.n, self.width):
                moved[str(z2), (j,), i] = self.point.Z[partner, j]
            both = Stated(self.here.n, 2, self.width, self.here.values | moved, definitions=DEFINED)
            yield from both.values_of(expr)

    @property
    def width(self):
        return self.point.Z.shape[1]


def family(data, width, q=(0.8, 0.6), point=None):
    vectors = {t5.p: (1.0, 0.0), t5.q: q}
    return on_two_rays(data, width, (0, 1), (2, 3), vectors, point)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_t5_absorption_is_the_optimum_from_two_atoms_on(width):
    place = family(FAMILY, width)
    assert all(holds(each, place) for each in t5.theorem.supposing)
    found = conditions(t5.theorem, place)
    assert found.pop("untied")
    assert set(found.values()) == {width >= 2}


def test_t5_needs_tied_amplitudes():
    place = family(UNTIED, 2)
    assert not holds(t5.on_q, place)
    assert not conditions(t5.theorem, place)["atoms"]


def stuck(data, atom):
    """A stationary point of two atoms, one of which is opposite to the other and never active."""
    found = joint(data.x, 2, data.lam, start=np.array([atom, [-each for each in atom]], dtype=float).T)
    assert found.stationarity <= HALF
    assert (found.Z > 0).any(axis=0).sum() == 1
    return found


def test_t5_needs_the_best_dictionary():
    place = family(FAMILY, 2, point=stuck(FAMILY, (0.95, 0.3)))
    assert all(holds(each, place) for each in t5.theorem.supposing)
    found = conditions(t5.theorem, place)
    assert not found["atoms"]
    assert not found["apart"]
    assert found["untied"]  # which asks for the best codes alone


def test_t5_needs_a_price():
    """At λ = 0 any two atoms around the data are as good."""
    free = Data(slopes=FAMILY.slopes, lengths=FAMILY.lengths, lam=0.0)
    wider = joint(free.x, 2, 0.0, start=np.array([[0.8, 0.6], [-0.6, 0.8]]), max_iterations=0)
    assert wider.objective <= HALF
    assert not conditions(t5.theorem, family(free, 2, point=wider))["atoms"]


def test_t5_rays_that_are_the_same_share_an_atom():
    one_ray = Data(slopes=((1, 0),) * 4, lengths=FAMILY.lengths)
    place = family(one_ray, 2, q=(1.0, 0.0))
    assert [each.name for each in t5.theorem.supposing if not holds(each, place)] == ["distinct"]
    found = conditions(t5.theorem, place)
    assert found["atoms"]
    assert not found["apart"]


def test_t5_untied_samples_activate_others_as_far_as_they_miss():
    place = family(UNTIED, 2)
    assert conditions(t5.theorem, place)["untied"]
    tighter = Property("a tenth", Le(10 * t5.partial.relation.lhs, t5.partial.relation.rhs))
    assert not holds(tighter, place)


def antipodes(width, axis=(1.0, 0.0), point=None):
    return on_two_rays(ANTIPODES, width, (0,), (1,), {t6.axis: axis}, point)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_t6_saturated_dictionaries_hold_antipodal_pairs(width):
    place = antipodes(width)
    assert all(holds(each, place) for each in t6.theorem.supposing)
    found = conditions(t6.theorem, place)
    assert found["saturated"] == (width >= 3)
    assert found["pair"] or not found["saturated"]
    assert found["spare"] == found["within"] == (width >= 3)


def test_t6_one_atom_does_not_hold_a_pair():
    assert not conditions(t6.theorem, antipodes(1))["pair"]


@pytest.mark.parametrize(("dropped", "axis"), [("forth", (-1.0, 0.0)), ("axis", (2.0, 0.0))])
def test_t6_needs_its_samples_on_the_axis(dropped, axis):
    place = antipodes(3, axis)
    assert dropped in [each.name for each in t6.theorem.supposing if not holds(each, place)]
    assert not conditions(t6.theorem, place)["pair"]


def test_t6_needs_the_best_dictionary():
    """With two atoms, one of which is dead at a stationary point: residuals stay longer than λ."""
    pair = Data(slopes=((3, 1), (3, -1)), lengths=(2.0, 2.0))
    found = stuck(pair, (1.0, 0.0))
    place = on_two_rays(pair, 1, (0,), (1,), {t6.axis: (0.8, 0.6)}, found)
    place.here.values[str(best(k + 1)), None] = found.objective
    met = conditions(t6.theorem, place)
    assert met["spare"]
    assert not met["within"]


# --- T7: the cone test and descent -----------------------------------------------------------------------------------


def steepest_turn(codes, gram):
    """The least of −ΣC_lj E[z_j] over |C| ≤ 1 that keep norms and let silent codes rise, by linear programming."""
    width = codes.shape[1]
    norms = np.zeros((width, width, width))
    for atom in range(width):
        norms[atom, :, atom] = gram[atom]
    rising = [np.outer(np.eye(width)[unit], row).ravel() for row in codes for unit in range(width) if row[unit] == 0]
    found = linprog(
        -np.outer(np.ones(width), codes.mean(axis=0)).ravel(),
        A_ub=np.array(rising) if rising else None,
        b_ub=np.zeros(len(rising)) if rising else None,
        A_eq=norms.reshape(width, -1),
        b_eq=np.zeros(width),
        bounds=(-1, 1),
    )
    assert found.success
    return found.fun


def test_t7_the_cone_test_decides_first_order_descent():
    verdicts = set()
    for seed in range(40):
        rng = np.random.default_rng(seed)
        codes = np.where(rng.random((30, 3)) < rng.uniform(0.2, 0.9), rng.uniform(0.5, 2.0, (30, 3)), 0.0)
        atoms = rng.normal(size=(3, 3))
        gram = (atoms / np.linalg.norm(atoms, axis=0)).T @ (atoms / np.linalg.norm(atoms, axis=0))
        inside = all(each.distance <= HALF for each in cone_tests(codes, gram))
        assert inside == (steepest_turn(codes, gram) >= -HALF), seed
        verdicts.add(inside)
    assert verdicts == {False, True}


def coded(codes):
    codes = np.array(codes, dtype=float)
    return all(each.distance <= HALF for each in cone_tests(codes, np.eye(3))), steepest_turn(codes, np.eye(3))


def test_t7_the_span_in_the_place_of_the_cone_leads_to_nothing():
    """The weaker neighbour: multipliers of either sign explain more, and turns that descend there are."""
    codes = np.array([[0, 1, 1], [0, 1, 2], [1, 0, 1], [2, 0, 1], [1, 5, 0], [1, 1, 0]])
    mean = codes.mean(axis=0)
    for l in range(3):
        silent = np.delete(codes[codes[:, l] == 0], l, axis=1)
        target = np.delete(mean, l)
        signed = np.linalg.lstsq(silent.T, target)[0]
        assert np.abs(silent.T @ signed - target).max() <= HALF  # in the span of codes where l is silent
    inside, steepest = coded(codes)
    assert not inside
    assert steepest < -HALF


def test_t7_no_descent_does_not_lead_to_the_interior():
    """The stronger neighbour: on an edge of a cone that is full nothing descends."""
    codes = np.array([[1.0, 1, 0], [2, 1, 0], [0, 2, 2], [2, 1, 1], [1, 0, 1], [0, 0, 2]])
    found = cone_tests(codes, np.eye(3))
    assert all(each.full for each in found)
    assert [each.interior for each in found] == [True, False, True]
    inside, steepest = coded(codes)
    assert inside
    assert steepest >= -HALF


def test_t7_in_the_interior_the_activation_grows():
    """By the depth times what silent codes rise, for every turn that is allowed."""
    place = t7.theorem.examples[0]
    assert place.satisfies(t7.interior)
    assert place.satisfies(t7.growth)
    assert not place.satisfies(Property("three times", Ge(t7.change, 3 * t7.depth * Sum(E(t7.rise[t7.l]), t7.l))))


def test_t7_with_more_atoms_than_dimensions_the_cone_test_is_not_enough():
    """(1, 1) as a sum of two features costs 2, and √2 with the third atom, which the test does not see."""
    half = np.sqrt(0.5)
    atoms = np.array([[1, 0, half], [0, 1, half]])
    codes = np.array([[1.0, 1, 0], [1, 0, 0], [0, 1, 0]])
    assert all(each.distance <= HALF for each in cone_tests(codes, atoms.T @ atoms))
    cheaper = np.array([[0.0, 0, 2 * half], [1, 0, 0], [0, 1, 0]])
    assert np.abs((cheaper - codes) @ atoms.T).max() <= HALF
    assert cheaper.sum() < codes.sum() - HALF


# --- T9: the best linear predictor of residuals ----------------------------------------------------------------------


def predicted(seed=0, factor=1.0, noise=0.0):
    """The world of T9 at an exact optimum: P in closed form, times a factor, and another matrix N."""
    data = THREE_RAYS
    point = optimum(data, 2)
    reconstruction = point.Z @ point.D.T
    second = reconstruction.T @ reconstruction / len(reconstruction)
    closed = data.lam * (point.D * point.Z.mean(axis=0)) @ point.D.T @ np.linalg.pinv(second)
    N = closed + noise * np.random.default_rng(seed).normal(size=closed.shape)
    extra = {(str(t9.P), place, None): factor * value for place, value in np.ndenumerate(closed)}
    extra |= {(str(t9.N), place, None): value for place, value in np.ndenumerate(N)}
    codes = np.maximum(point.Z + noise * np.random.default_rng(seed).normal(size=point.Z.shape), 0)
    extra |= {(str(y), (j,), sample): value for (sample, j), value in np.ndenumerate(codes)}
    return world(data, point, {}, extra), closed, point


@pytest.mark.parametrize("seed", range(5))
def test_t9_no_other_matrix_predicts_better(seed):
    place, _, _ = predicted(seed, noise=0.3)
    assert holds(t9.normal, place)
    assert all(conditions(t9.theorem, place).values())


def test_t9_is_what_least_squares_finds():
    _, closed, point = predicted()
    residual = THREE_RAYS.x - point.Z @ point.D.T
    regression = np.linalg.lstsq(point.Z @ point.D.T, residual, rcond=None)[0].T
    assert np.abs(closed - regression).max() <= HALF


def test_t9_half_of_it_is_worse_than_all_of_it():
    place, _, _ = predicted(factor=0.5)
    assert not holds(t9.normal, place)
    found = conditions(t9.theorem, place)
    assert not found["best"]
    assert not found["explained"]


def test_t9_half_the_amortisation_gap_does_not_bound_residuals():
    place, _, _ = predicted(noise=0.3)
    assert not holds(Property("half", Le(2 * t9.within_gap.relation.lhs, t9.within_gap.relation.rhs)), place)


def test_t9_codes_that_are_not_the_best_have_no_such_gap():
    """The encoder's place and that of the best codes exchanged: the loss falls, and residuals move all the same."""
    place, _, point = predicted(noise=0.3)
    for sample, j in np.ndindex(point.Z.shape):
        one, other = (str(z), (j,), sample), (str(y), (j,), sample)
        place.values[one], place.values[other] = place.values[other], place.values[one]
    assert not holds(t9.within_gap, place)


def test_t9_needs_stationary_atoms():
    """At other atoms, with codes as good as can be, the closed form is not what least squares finds."""
    data = THREE_RAYS
    moved = joint(data.x, 2, data.lam, start=np.array([[0.8, 0.0], [0.6, 1.0]]), max_iterations=0)
    fit = moved.Z @ moved.D.T
    residual = data.x - fit
    closed = data.lam * (moved.D * moved.Z.mean(axis=0)) @ moved.D.T @ np.linalg.pinv(fit.T @ fit / len(fit))
    regression = np.linalg.lstsq(fit, residual, rcond=None)[0].T
    extra = {(str(t9.P), place, None): value for place, value in np.ndenumerate(closed)}
    extra |= {(str(t9.N), place, None): value for place, value in np.ndenumerate(regression)}
    extra |= {(str(y), (j,), sample): value for (sample, j), value in np.ndenumerate(moved.Z)}
    place = world(data, moved, {}, extra)
    assert holds(t9.normal, place)
    assert not holds(t9.predicted, place)
    assert conditions(t9.theorem, place) == {"best": False, "explained": False, "amortised": True}


# --- T4: the convex problem ------------------------------------------------------------------------------------------


def relaxed(width, seed=None):
    """The world of T4 at an optimum: T by pseudoinverse, of its own reconstruction or of another in the range of Q."""
    data = THREE_RAYS
    point = optimum(data, width)
    live = point.Z.mean(axis=0)
    own = point.Z @ point.D.T
    fit = own if seed is None else point.Z @ np.random.default_rng(seed).normal(size=(width, 2))
    extra = {(str(t4.fit), (i,), sample): value for (sample, i), value in np.ndenumerate(fit)}
    values = {
        k: width,
        rays: saturation_width(data.x, data.lam),
        best(k): point.objective,
        best(k + 1): optimum(data, width + 1).objective,
        t4.price: data.lam,
        t4.trace: trace_of(fit, point.Z),
        t4.trace_here: trace_of(own, point.Z / np.sqrt(live)),
    }
    for sample, way in enumerate(np.roll(directions(data, point), 1, axis=0)):
        extra[str(t4.entry), sample] = 1.0 + sample
        extra |= {(str(w2), (i,), sample): float(value) for i, value in enumerate(way)}
    return world(data, point, values, extra)


def trace_of(fit, codes):
    return float(np.trace(fit.T @ np.linalg.pinv(codes @ codes.T) @ fit))


@pytest.mark.parametrize("seed", [None, 0, 1, 2])
@pytest.mark.parametrize("width", [1, 2, 3])
def test_t4_the_convex_objective_lies_between_the_bound_and_the_joint_one(width, seed):
    place = relaxed(width, seed)
    assert all(holds(each, place) for each in t4.theorem.supposing)
    found = conditions(t4.theorem, place)
    assert found["lower"]
    assert found["upper"]
    assert found["relaxed"]
    assert found["enough"] == found["value"] == (width == 3)


def test_t4_is_sharp_where_each_ray_has_its_atom():
    place = relaxed(3)
    here, joint_cost = (place.value(each, {}) for each in (t4.convex_here, E(t4.cost)))
    assert abs(here - joint_cost) <= HALF
    assert abs(here - place.value(E(bound), {})) <= HALF


def test_t4_without_the_dual_term_there_is_no_bound():
    place = relaxed(3, seed=0)
    place.values[str(t4.trace), None] = 0.0
    assert not holds(t4.fenchel, place)


def test_t4_needs_one_price_for_all():
    place = relaxed(3)
    place.values[str(t4.price), None] = THREE_RAYS.lam / 2
    assert [each.name for each in t4.theorem.supposing if not holds(each, place)] == ["one λ"]
    assert not conditions(t4.theorem, place)["lower"]


def test_t4_needs_the_least_norm_of_its_trace():
    place = relaxed(3)
    place.values[str(t4.trace_here), None] *= 2
    assert [each.name for each in t4.theorem.supposing if not holds(each, place)] == ["least norm"]
    assert not conditions(t4.theorem, place)["upper"]


def least_over_reconstructions(x, Q, price):
    """min over X̂ of ½‖X − X̂‖² + ½λ(tr(X̂ᵀQ⁺X̂) + 1ᵀQ1), in sums, for a positive semidefinite Q."""
    return price / 2 * (np.trace(x.T @ np.linalg.solve(Q + price * np.eye(len(Q)), x)) + Q.sum())


# Doubly nonnegative but not completely positive: no codes Z ≥ 0 have Q = ZZᵀ (Berman and Shaked-Monderer 2003).
NO_CODES = np.array([[1, 1, 0, 0, 1], [1, 2, 1, 0, 0], [0, 1, 2, 1, 0], [0, 0, 1, 1, 1], [1, 0, 0, 1, 6]], dtype=float)


@pytest.mark.parametrize("seed", range(5))
def test_t4_the_relaxation_to_doubly_nonnegative_matrices_is_exact(seed):
    rng = np.random.default_rng(seed)
    x, price = 3 * rng.normal(size=(5, 3)), 0.5
    assert np.linalg.eigvalsh(NO_CODES)[0] >= -HALF
    for size in (0.01, 0.1, 1.0):
        assert least_over_reconstructions(x, size * NO_CODES, price) >= 5 * width_bound(x, price) - HALF


def test_t4_a_matrix_of_either_sign_goes_below_the_bound():
    """The control: opposite samples could share one atom with codes of either sign."""
    x, price = np.array([[2.0, 0], [-2, 0]]), 0.5
    signed = np.outer([1.5, -1.5], [1.5, -1.5])
    assert least_over_reconstructions(x, signed, price) < 2 * width_bound(x, price) - 0.1
