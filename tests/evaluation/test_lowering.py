"""The expression that is proved is the expression that is evaluated."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sympy import Sum, sin

from checks.evaluation.lowering import SAMPLE, Env, Named, evaluate, holds, order, symbols_of
from checks.evaluation.moments import accumulate, moments_of
from checks.evaluation.symbols import environment, measure, to_torch
from checks.judging.nearby_problems import neighbours
from checks.judging.subjects import JOINTLY_OPTIMAL
from checks.judging.verdict import claims_of
from theory.derive import PREMISES, code
from theory.expectation import E
from theory.problem import L1, D, G, a, b, c, j, l, lam, loss, mu, neg, nu, pos, r, x, xhat, z
from theory.statement import Gt, claimed, discover

STATEMENTS = claimed(discover(), L1)


@pytest.fixture(scope="module")
def env(optimum):
    return environment(optimum)


def value(expr, env, *axes):
    return order(evaluate(expr, env), axes, env).array


def test_index_notation_means_what_numpy_says(optimum, env):
    X, Z, w = optimum.instance.x, optimum.Z, optimum.instance.weights
    R = X - optimum.b - Z @ optimum.D.T
    cases = {
        E(r[a] * z[j]): (("a", "j"), np.einsum("n,na,nj->aj", w, R, Z)),
        E(r[a] * r[c]): (("a", "c"), np.einsum("n,na,nc->ac", w, R, R)),
        E(r[a] ** 2): (("a",), np.einsum("n,na,na->a", w, R, R)),
        Sum(D[c, j] * r[c], c): ((SAMPLE, "j"), R @ optimum.D),
        Sum(r[a] * xhat[a], a): ((SAMPLE,), (R * (Z @ optimum.D.T)).sum(1)),
        1 - G[j, l]: (("j", "l"), 1 - optimum.D.T @ optimum.D),
        G[j, j]: (("j",), (optimum.D**2).sum(0)),
        Sum(z[j], j) ** 2: ((SAMPLE,), Z.sum(1) ** 2),
        Sum(lam, j): ((SAMPLE,), optimum.instance.lam * Z.shape[1]),
        (j.upper + 1) * lam: ((SAMPLE,), optimum.instance.lam * Z.shape[1]),
        E(lam * z[j]) / E(z[j]): (("j",), (w * optimum.instance.lam) @ Z / (w @ Z)),
        x[a] - b[a] - xhat[a] - r[a]: ((SAMPLE, "a"), np.zeros_like(X)),
    }
    for expr, (axes, expected) in cases.items():
        np.testing.assert_allclose(value(expr, env, *axes), expected, rtol=1e-12, atol=1e-12)


def test_conditions_select_entries(optimum, env):
    assert (holds(Gt(z[j], 0), env).array == (optimum.Z > 0)).all()


def test_parts_by_sign_of_what_is_not_a_number_are_none():
    values = np.array([[-1.0, 2.0, np.nan]])
    for convert in (np.asarray, torch.as_tensor):
        env = Env({"r": Named(convert(values), (SAMPLE,))}, {"d": 3}, convert(np.ones(1)))
        np.testing.assert_array_equal(value(pos(r[a]), env, SAMPLE, "a"), [[0.0, 2.0, np.nan]])
        np.testing.assert_array_equal(value(neg(r[a]), env, SAMPLE, "a"), [[1.0, 0.0, np.nan]])


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda s: s.id)
def test_numpy_and_torch_evaluate_alike(statement, optimum):
    relations = claims_of(statement, L1).relations
    sides = tuple(side for relation in relations for side in relation.args)
    numpy_env = measure(optimum, sides, JOINTLY_OPTIMAL, neighbours(optimum, symbols_of(sides))).exact
    torch_env = to_torch(numpy_env)
    for relation in relations:
        for side in relation.args:
            in_numpy, in_torch = evaluate(side, numpy_env), evaluate(side, torch_env)
            assert in_numpy.axes == in_torch.axes
            if in_numpy.axes:
                assert isinstance(in_torch.array, torch.Tensor)
            np.testing.assert_allclose(np.asarray(in_torch.array), in_numpy.array, rtol=1e-10, atol=1e-13)


def test_blocks_add_up(env):
    moments = moments_of([E(r[a] * z[j]), E(lam * z[j])])
    whole = accumulate(moments, [env])
    parts = accumulate(moments, [block(env, slice(0, 50)), block(env, slice(50, None))])
    for moment in moments:
        np.testing.assert_allclose(parts[moment].array, whole[moment].array, rtol=1e-12)


def block(env, rows):
    """The same environment on some of its samples."""
    arrays = {
        name: Named(value.array[rows], value.axes) if SAMPLE in value.axes else value
        for name, value in env.arrays.items()
    }
    return replace(env, arrays=arrays, weights=env.weights[rows])


def test_no_axis_is_lost(env):
    with pytest.raises(ValueError, match="no place"):
        order(evaluate(G[j, l], env), ("j",), env)


@pytest.fixture(scope="module")
def somewhere(optimum):
    """A torch environment at no particular point, with x, b, D, z as leaves that require gradients."""
    rng = np.random.default_rng(0)
    i = optimum.instance
    leaves = {
        "D": torch.tensor(rng.standard_normal((i.d, i.k)), requires_grad=True),
        "b": torch.tensor(rng.standard_normal(i.d), requires_grad=True),
        "z": torch.tensor(rng.random((i.n, i.k)), requires_grad=True),
    }
    arrays = {
        "D": Named(leaves["D"]),
        "b": Named(leaves["b"]),
        "z": Named(leaves["z"], (SAMPLE,)),
        "x": Named(torch.tensor(i.x), (SAMPLE,)),
        "lambda": Named(torch.tensor(i.lam), (SAMPLE,)),
        "mu": Named(torch.zeros(i.n, i.k, dtype=torch.float64), (SAMPLE,)),
        "nu": Named(torch.zeros(i.k, dtype=torch.float64)),
    }
    env = Env(arrays, {"d": i.d, "k": i.k}, torch.tensor(i.weights), einsum=torch.einsum)
    arrays["xhat"] = evaluate(Sum(D[a, j] * z[j], j), env)
    arrays["xhat"] = (
        Named(arrays["xhat"].array, (SAMPLE,))
        if arrays["xhat"].axes[0] == SAMPLE
        else Named(arrays["xhat"].array.T, (SAMPLE,))
    )
    arrays["r"] = Named(arrays["x"].array - leaves["b"] - arrays["xhat"].array, (SAMPLE,))
    return env, leaves


@pytest.mark.parametrize(
    ("premise", "leaf", "axes"), [("atom", "D", ("a", "j")), ("bias", "b", ("a",)), ("code", "z", (SAMPLE, "j"))]
)
def test_autograd_of_the_lowered_objective_is_the_lowered_derivation(somewhere, premise, leaf, axes):
    env, leaves = somewhere
    objective = evaluate(E(L1.specialise(loss())), env).array
    (gradient,) = torch.autograd.grad(objective, leaves[leaf], retain_graph=True)
    if premise == "code":
        # The code problem is per sample: a sample's weight is not part of its gradient.
        gradient = gradient / env.weights[:, None]
    derived = L1.specialise(PREMISES[premise].residual).subs({mu[j]: 0, nu[j]: 0})
    torch.testing.assert_close(value(derived, env, *axes).detach(), gradient, rtol=1e-10, atol=1e-10)


def test_what_cannot_be_evaluated_is_refused(env):
    with pytest.raises(TypeError, match="no rule for sin"):
        evaluate(sin(z[j]), env)
    with pytest.raises(KeyError):
        evaluate(code[j], env)
