"""Cone tests: known cases on both sides, and the witness followed until the sum of the codes falls."""

import numpy as np
import pytest

from checks.errors import BadInput
from checks.solvers.cones import cone_tests
from checks.solvers.dictionary import joint


def unit(D):
    return D / np.linalg.norm(D, axis=0)


def test_independent_features_are_identifiable():
    rng = np.random.default_rng(0)
    Z = (rng.random((400, 4)) < 0.4) * rng.exponential(1, (400, 4))
    D = unit(rng.standard_normal((4, 4)))
    tests = cone_tests(Z, D.T @ D)
    assert all(test.interior for test in tests)
    assert all(test.distance < 1e-10 and test.witness is None for test in tests)


def test_one_sparse_codes_generate_the_whole_cone():
    tests = cone_tests(np.eye(3), np.eye(3))
    assert all(test.interior for test in tests)
    assert all(test.margin == pytest.approx(1.0, abs=1e-8) for test in tests)


def nested(seed=0):
    """Atom 1 fires only where atom 0 does."""
    rng = np.random.default_rng(seed)
    Z = rng.exponential(1, (300, 3))
    Z[:, 0] *= rng.random(300) < 0.7
    Z[:, 1] *= (Z[:, 0] > 0) & (rng.random(300) < 0.5)
    Z[:, 2] *= rng.random(300) < 0.5
    return Z, unit(np.array([[1.0, 0.2, 0.0], [0.0, 1.0, 0.1], [0.3, 0.0, 1.0]]))


def test_nested_supports_fail_at_the_implied_atom():
    Z, D = nested()
    tests = cone_tests(Z, D.T @ D)
    assert [test.distance > 0.1 for test in tests] == [True, False, False]
    assert tests[0].margin < 0
    assert not tests[0].full


def test_the_witness_is_a_descent_direction():
    Z, D = nested()
    G = D.T @ D
    test = cone_tests(Z, G)[0]
    c = test.witness
    assert c[0] == 0
    silent = Z[Z[:, 0] == 0]
    assert (silent @ c >= -(test.slack + 1e-15) * np.linalg.norm(silent, axis=1)).all()
    assert test.slack < 1e-12
    v = (1 - G[0]) * Z.mean(axis=0)
    assert v @ c < 0
    X, size = Z @ D.T, 1e-5
    moved = unit(D @ (np.eye(3) - size * np.outer([1, 0, 0], c)))
    codes = np.linalg.solve(moved, X.T).T
    assert codes.min() > -1e-8  # feasible to first order
    change = (codes.sum() - Z.sum()) / len(Z)
    assert change < 0
    assert change == pytest.approx(size * (v @ c), rel=1e-3)


@pytest.mark.parametrize("bias", [False, True])
def test_joint_optima_pass(bias):
    rng = np.random.default_rng(1)
    x = ((rng.random((200, 6)) < 0.3) * rng.exponential(1, (200, 6))) @ unit(rng.standard_normal((4, 6))).T
    solved = joint(x, 6, 0.1, bias=bias)
    assert all(test.distance < 1e-8 for test in cone_tests(solved.Z, solved.D.T @ solved.D))


def test_degenerate_cases():
    always = cone_tests(np.ones((5, 2)), np.eye(2))
    assert [test.distance for test in always] == [1.0, 1.0]
    assert all(test.margin == -np.inf for test in always)
    dead = cone_tests(np.zeros((5, 3)), np.eye(3))
    assert all(test.distance == 0 and not test.interior for test in dead)
    assert cone_tests(np.ones((3, 1)), np.eye(1))[0].distance == 0
    Z = np.vstack([np.eye(2), [[1.0, 1.0]]])
    without = cone_tests(Z, np.eye(2), weights=[0.0, 0.0, 1.0])
    assert all(test.distance == 1.0 for test in without)


def test_bad_input():
    with pytest.raises(BadInput, match="row 1"):
        cone_tests([[1.0, 0], [0, -1.0]], np.eye(2))
    with pytest.raises(BadInput, match="shape"):
        cone_tests(np.eye(2), np.eye(3))
