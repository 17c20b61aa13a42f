"""The exact solver as a scikit-learn transformer, to stand where a pipeline has DictionaryLearning."""

from __future__ import annotations

import warnings
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from checks.errors import BadInput
from checks.judging.certify import certify
from checks.problem.instance import Array, instance
from checks.problem.point import Point
from checks.solvers.codes import codes
from checks.solvers.codes.result import Outcome
from checks.solvers.dictionary import joint


class NonnegativeDictionary(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Dictionary learning with nonnegative L1 codes, solved to rounding error and certified.

    Minimises the mean over samples of ½‖x − b − Σ_j z_j d_j‖² + λ Σ_j z_j over atoms with ‖d_j‖ = 1, codes z ≥ 0
    and, if it is free, the bias b: a stationary point, in practice a local minimum, the best of `restarts`.

    Parameters:
    n_components  number of atoms; as many as features if None
    lam           λ ≥ 0, the price of a unit of code, in the units of the data
    bias          whether b is free; otherwise b = 0
    restarts      starts, each from other samples
    max_iter      Newton steps of each start
    random_state  of the starts: an integer is the seed itself, as in `saelaws solve --seed`; a RandomState, or None for
                  numpy's own, draws one

    Attributes after fit:
    components_     (n_components, n_features), atoms as rows
    bias_           (n_features,), zero if it is not free
    objective_      the value of the objective on the training data
    certificate_    `checks.judging.certify.Certificate`: relative residuals, from data and solution alone
    outcome_        "converged", or why not, which also warns with ConvergenceWarning
    n_iter_         Newton steps over all restarts; 0 if the alternating steps before them were enough
    n_features_in_, feature_names_in_   as everywhere in scikit-learn
    """

    def __init__(
        self,
        n_components: int | None = None,
        lam: float = 1.0,
        *,
        bias: bool = False,
        restarts: int = 1,
        max_iter: int = 500,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.n_components = n_components
        self.lam = lam
        self.bias = bias
        self.restarts = restarts
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn the atoms from samples X (n, d). y is ignored. Raises ValueError for bad data or parameters."""
        x = validate_data(self, X, dtype=np.float64)
        k = x.shape[1] if self.n_components is None else self.n_components
        _check_whole("n_components", k, 1)
        _check_whole("restarts", self.restarts, 1)
        _check_whole("max_iter", self.max_iter, 0)
        problem = instance(x, k, _number(self.lam), bias=self.bias, name="X")
        steps = 0

        def count(*_: object) -> None:
            nonlocal steps
            steps += 1

        found = joint(
            problem.x,
            k,
            problem.lam,
            bias=self.bias,
            restarts=self.restarts,
            seed=_seed(self.random_state),
            max_iterations=self.max_iter,
            progress=count,
        )
        self.components_ = np.ascontiguousarray(found.D.T)
        self.bias_ = found.b
        self.objective_ = found.objective
        self.certificate_ = certify(Point(problem, found.D, found.b, found.Z))
        self.outcome_ = found.outcome.value
        self.n_iter_ = steps
        if found.outcome is not Outcome.CONVERGED:
            _warn(f"{self.outcome_}: stationarity {found.stationarity:.0e}. Raise max_iter or try another random_state")
        return self

    def transform(self, X: ArrayLike) -> Array:
        """The optimal codes (n, n_components) of samples X (n, d) for the learnt atoms and bias."""
        check_is_fitted(self)
        x = validate_data(self, X, dtype=np.float64, reset=False)
        found = codes(x - self.bias_, self.components_.T, _number(self.lam))
        if found.outcome is not Outcome.CONVERGED:
            _warn(f"codes: {found.outcome.value}, natural residual {found.residual:.0e}")
        return found.Z

    def inverse_transform(self, X: ArrayLike) -> Array:
        """The samples (n, d) that codes X (n, n_components) stand for."""
        check_is_fitted(self)
        Z = check_array(X, dtype=np.float64)
        if Z.shape[1] != len(self.components_):
            raise BadInput(f"codes have {Z.shape[1]} columns, the dictionary {len(self.components_)} atoms")
        return Z @ self.components_ + self.bias_

    @property
    def _n_features_out(self) -> int:
        """How many names get_feature_names_out makes."""
        return len(self.components_)


def _check_whole(name: str, value: Any, least: int) -> None:
    if not (isinstance(value, Integral) and int(value) >= least):
        raise BadInput(f"{name} = {value!r}: expected an integer ≥ {least}")


def _number(lam: Any) -> float:
    """λ, which has to be one number: new samples have no places in a list. Its sign is checked with the data."""
    if not isinstance(lam, Real):
        raise BadInput(f"lam = {lam!r}: expected a number")
    return float(lam)


def _seed(random_state: int | np.random.RandomState | None) -> int:
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))


def _warn(message: str) -> None:
    warnings.warn(message, ConvergenceWarning, stacklevel=3)
