"""Nonnegative dictionary learning: by scikit-learn, and by the simplest descent that there is."""

import warnings

import numpy as np
from sklearn.decomposition import DictionaryLearning
from sklearn.exceptions import ConvergenceWarning


def dictionary(x, k, lam):
    """Atoms and codes by scikit-learn: near to an optimum, and no nearer."""
    model = DictionaryLearning(
        k,
        alpha=lam,
        max_iter=60,
        fit_algorithm="cd",
        transform_algorithm="lasso_cd",
        positive_code=True,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        codes = model.fit_transform(x)
    return model.components_.T, None, codes


def alternating(x, k, lam, sweeps=20_000):
    """One atom and its codes at a time, each at its best for all others, until nothing moves any more."""
    D = (x[:k] / np.linalg.norm(x[:k], axis=1, keepdims=True)).T
    Z = np.zeros((len(x), k))
    r = x.copy()
    for _ in range(sweeps):
        moved = 0.0
        for j in range(k):
            rest = r + np.outer(Z[:, j], D[:, j])
            code = np.maximum(0.0, rest @ D[:, j] - lam)
            pull = rest.T @ code
            atom = pull / np.linalg.norm(pull) if pull.any() else D[:, j]
            moved = max(moved, np.abs(code - Z[:, j]).max(), np.abs(atom - D[:, j]).max())
            D[:, j], Z[:, j] = atom, code
            r = rest - np.outer(code, atom)
        if moved < 1e-13 * np.abs(x).max():
            break
    return D, None, Z
