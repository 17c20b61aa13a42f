"""The estimator keeps scikit-learn's contract, and gives what the solver gives."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import DictionaryLearning
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from checks.data.synthetic.planted import planted
from checks.errors import BadInput
from checks.estimator import NonnegativeDictionary
from checks.judging.certify import certify
from checks.problem.instance import instance
from checks.problem.point import Point
from checks.solvers.dictionary import joint

CASES = [NonnegativeDictionary(), NonnegativeDictionary(3, 0.1, bias=True, restarts=2), NonnegativeDictionary(5, 0)]


@parametrize_with_checks(CASES)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


def data(offset=0.0):
    return planted(200, 6, 8, seed=1, noise=0.05, offset=offset).x


@pytest.mark.parametrize("bias", [False, True])
def test_is_the_joint_optimum(bias):
    x = data(offset=1.0)
    fitted = NonnegativeDictionary(8, 0.2, bias=bias, random_state=3).fit(x)
    found = joint(x, 8, 0.2, bias=bias, seed=3)
    np.testing.assert_array_equal(fitted.components_, found.D.T)
    np.testing.assert_array_equal(fitted.bias_, found.b)
    assert fitted.objective_ == found.objective
    assert fitted.outcome_ == "converged"
    assert fitted.n_iter_ > 0
    assert bias == fitted.bias_.any()


def test_transform_gives_the_certified_codes():
    x = data(offset=1.0)
    fitted = NonnegativeDictionary(8, 0.2, bias=True).fit(x)
    Z = fitted.transform(x)
    point = Point(instance(x, 8, 0.2, bias=True), fitted.components_.T, fitted.bias_, Z)
    assert certify(point).shortfall({"code", "act", "atom", "scale", "unit", "bias"}) == ""
    assert fitted.certificate_.shortfall({"code", "act", "atom", "scale", "unit", "bias"}) == ""
    assert point.objective == pytest.approx(fitted.objective_, rel=1e-12)


def test_inverse_transform_is_the_reconstruction():
    x = data(offset=1.0)
    fitted = NonnegativeDictionary(8, 0.05, bias=True, restarts=3).fit(x)
    back = fitted.inverse_transform(fitted.transform(x))
    assert ((x - back) ** 2).sum() < 0.02 * ((x - x.mean(axis=0)) ** 2).sum()
    np.testing.assert_allclose(fitted.inverse_transform(np.zeros((1, 8)))[0], fitted.bias_)


def test_restarts_never_do_worse():
    x = data()
    one, many = (NonnegativeDictionary(8, 0.2, restarts=restarts).fit(x) for restarts in (1, 4))
    assert many.objective_ <= one.objective_
    assert many.n_iter_ > one.n_iter_


def test_running_out_warns_and_says_so():
    with pytest.warns(ConvergenceWarning, match="out of iterations: stationarity"):
        fitted = NonnegativeDictionary(8, 0.2, max_iter=0).fit(data())
    assert fitted.outcome_ == "out of iterations"
    assert fitted.certificate_.shortfall({"atom"}) != ""


def test_random_states():
    x = data()
    once, again = (NonnegativeDictionary(8, 0.2, random_state=np.random.RandomState(5)).fit(x) for _ in range(2))
    np.testing.assert_array_equal(once.components_, again.components_)
    assert NonnegativeDictionary(8, 0.2, random_state=None).fit(x).outcome_ == "converged"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"n_components": 0}, "n_components = 0"),
        ({"n_components": 2.5}, "n_components = 2.5"),
        ({"restarts": 0}, "restarts = 0"),
        ({"max_iter": -1}, "max_iter = -1"),
        ({"lam": -0.1}, "λ = -0.1"),
        ({"lam": float("nan")}, "λ = nan"),
        ({"lam": [0.1] * 200}, "lam = "),
        ({"lam": None}, "lam = None"),
    ],
)
def test_bad_parameters(parameters, said):
    with pytest.raises(BadInput, match=said):
        NonnegativeDictionary(**parameters).fit(data())


def test_bad_use():
    x = data()
    with pytest.raises(NotFittedError):
        NonnegativeDictionary().transform(x)
    with pytest.raises(NotFittedError):
        NonnegativeDictionary().inverse_transform(x)
    fitted = NonnegativeDictionary(8, 0.2).fit(x)
    with pytest.raises(ValueError, match="6 features"):
        fitted.transform(x[:, :5])
    with pytest.raises(BadInput, match="codes have 6 columns, the dictionary 8 atoms"):
        fitted.inverse_transform(x)


def test_stands_where_dictionary_learning_stands():
    x = data()
    theirs = DictionaryLearning(4, alpha=0.2, max_iter=10, tol=1e-3, random_state=0).fit(x)
    ours = NonnegativeDictionary(4, 0.2).fit(x)
    assert ours.components_.shape == theirs.components_.shape
    assert ours.transform(x).shape == theirs.transform(x).shape
    assert ours.inverse_transform(ours.transform(x)).shape == x.shape
    assert list(ours.get_feature_names_out()) == [f"nonnegativedictionary{j}" for j in range(4)]


def test_pipeline_and_grid_search():
    x = data()
    y = x[:, 0] > np.median(x[:, 0])
    pipeline = make_pipeline(StandardScaler(), NonnegativeDictionary(8), LogisticRegression())
    search = GridSearchCV(pipeline, {"nonnegativedictionary__lam": [0.1, 0.5]}, cv=2).fit(x, y)
    assert search.best_score_ > 0.8
    assert clone(search.best_estimator_).fit(x, y).score(x, y) > 0.8
