"""Claims in terms of few moments say what they said before."""

import numpy as np
import pytest
from sympy import Sum

from checks.evaluation.lowering import Env, evaluate, order, symbols_of
from checks.evaluation.moment_basis import basis, per_sample_form
from checks.evaluation.moments import accumulate, moments_of
from checks.evaluation.symbols import environment
from checks.judging.nearby_problems import neighbours
from checks.judging.subjects import STATIONARY_PARAMETERS
from checks.judging.verdict import claims_of
from theory.expectation import E, depends_on_sample
from theory.problem import L1, D, G, a, b, c, j, l, lam, neg, off, on, pos, r, x, xhat, z
from theory.statement import Status, claimed, discover

STATEMENTS = claimed(discover(), L1)
SIDES = [side for statement in STATEMENTS for side in claims_of(statement, L1).sides]


@pytest.fixture(scope="module")
def env(optimum):
    env = environment(optimum)
    return Env({**env.arrays, **neighbours(optimum, symbols_of(tuple(SIDES)))}, env.sizes, env.weights)


def same(one, other, env, scale=1.0):
    assert set(one.axes) == set(other.axes)
    np.testing.assert_allclose(order(one, other.axes, env).array, other.array, rtol=1e-9, atol=1e-11 * scale)


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.id)
def test_sides_have_the_values_that_they_had(statement, env):
    sides = claims_of(statement, L1).sides
    found = basis(sides)
    written = Env(env.arrays, env.sizes, env.weights, found.means(accumulate(found.moments, [env])))
    for side in sides:
        same(evaluate(found.forms[side], written), evaluate(side, env), env)


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.id)
def test_per_sample_sides_too(statement, env):
    for side in claims_of(statement, L1).sides:
        if depends_on_sample(side) and not side.has(E):
            same(evaluate(per_sample_form(side), env), evaluate(side, env), env)


def test_one_spelling():
    spelled = {
        E(r[c] * z[l]): E(r[a] * z[j]),
        E(off[j] * r[a]): E(r[a]) - E(on[j] * r[a]),
        E(neg(lam - z[l]) * z[j]): E(pos(lam - z[l]) * z[j]) - E(lam * z[j]) + E(z[l] * z[j]),
        E(Sum(z[l], l)): Sum(E(z[j]), j),
        E(z[j] * Sum((x[a] - b[a] - xhat[a]) * D[a, j], a)): E(z[j] * Sum(D[c, j] * r[c], c)),
        E(on[l] * z[l]): E(z[j]),
        E(r[a] * xhat[c]): E(r[a] * x[c]) - E(r[a] * r[c]) - E(r[a]),
    }
    for one, other in spelled.items():
        assert set(basis([one]).moments) == set(basis([other]).moments)


def test_the_reconstruction_stays_where_nothing_is_gained():
    for mean in (E(Sum(r[a] * xhat[a], a)), E(x[a] * xhat[c]), E(xhat[a] * xhat[c])):
        (moment,) = basis([mean]).moments
        assert moment.has(xhat)


def test_a_sample_free_factor_stays_where_it_saves_an_axis():
    slope = on[j] * Sum(D[c, j] * r[c], c)
    (kept,) = basis([E(slope)]).moments
    assert kept.has(D)
    assert not any(moment.has(D) for moment in basis([E(slope), E(on[j] * r[a])]).moments)


def test_no_pair_of_atoms_where_the_reconstruction_says_it():
    ((energy, *_),) = (basis([E(Sum(G[j, l] * z[j] * z[l], j, l))]).moments,)
    assert energy in moments_of([E(Sum(xhat[a] ** 2, a)), energy])
    together = Sum(E(z[j] * z[l]) * D[a, l], l)
    assert not any(len(moment.atoms(type(z[j]))) > 1 and moment.has(z[l]) for moment in basis([together]).moments)


def test_moments_are_fewer_than_means():
    assert len(basis(SIDES).moments) < 0.8 * len(moments_of(SIDES))
    promised = [
        side
        for statement in STATEMENTS
        if statement.status is Status.PROVED and statement.premises <= STATIONARY_PARAMETERS
        for side in claims_of(statement, L1).sides
    ]
    assert len(basis(promised).moments) < len(basis(SIDES).moments)
