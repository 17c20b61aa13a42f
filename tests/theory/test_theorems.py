"""Theorems judged on exact optima, from the very relations that their proofs are about.

Optima at every width, from one atom to two more than there are rays, by the joint solver with restarts; where the width
suffices they must attain the bound of all widths, which certifies them. A condition is read off at half the digits of
float64: an objective is resolved to rounding error, and what is small is a root of its gap.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from sympy import Eq

from checks.solvers.dictionary import joint
from checks.solvers.wide import saturation_width, width_bound
from theory.derive import DEFINED
from theory.expectation import E
from theory.inference import Property, best, excess, rays
from theory.problem import D, b, k, lam, r, square, u, w, z
from theory.stated import Stated
from theory.statement import Ge, Le
from theory.theorems import t1_splitting_stops as t1
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
    return joint(data.x, width, data.lam, weights=data.weights, bias=bias, restarts=20, seed=0)


def world(data, point, values):
    """The point and what the theorem defines from it, as numbers for its relations."""
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
    return all(abs(value) <= HALF for value in values) if each.is_equality else all(v >= -HALF for v in values)


def conditions(theorem, place):
    return {name: all(holds(each, place) for each in parts) for name, parts in theorem.conditions.items()}


SWEEP = [(name, bias, width) for name in DATA for bias in (False, True) for width in range(1, 6)]


@pytest.mark.parametrize(("name", "bias", "width"), SWEEP)
def test_t1_conditions_agree_at_every_width(name, bias, width):
    place = at_width(DATA[name], width, bias)
    found = conditions(t1.theorem, place)
    enough = width >= saturation_width(DATA[name].x, DATA[name].lam, b=optimum(DATA[name], width, bias).b)
    assert set(found.values()) == {enough}, found


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
    assert {name for name, met in found.items() if met} == {"a", "b", "c"}


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
    assert not any(conditions(t1.theorem, place).values())


@pytest.mark.parametrize("name", STRONGER)
def test_the_others_do_not_lead_to_a_stronger_condition(name):
    place = at_width(THREE_RAYS, 3)
    assert not holds(mean(STRONGER[name]) if name == "a" else STRONGER[name], place)
    assert all(conditions(t1.theorem, place).values())


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
    for parts in t1.theorem.conditions.values():
        for each in parts:
            values = set(here.values_of(each.margin))
            assert values == {0}
