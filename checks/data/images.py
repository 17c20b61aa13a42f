"""Real data bundled with scikit-learn: nothing is downloaded."""

from __future__ import annotations

import numpy as np

from checks.errors import BadInput
from checks.problem.instance import Array

KEPT_VARIANCE = 0.99
# ITU-R BT.601, the weights of the usual conversion to greyscale.
LUMA = (0.299, 0.587, 0.114)


def digits() -> Array:
    """Handwritten digits, (1797, 64): 8×8 pixels, not centred, in units where E‖x − mean‖² = 64.

    Source: UCI optical recognition of handwritten digits, test set, `sklearn.datasets.load_digits`.
    """
    from sklearn.datasets import load_digits

    return unit_power(load_digits().data.astype(np.float64))


def patches(n: int, size: int, seed: int) -> Array:
    """n whitened greyscale patches, size × size pixels, drawn uniformly from two photographs.

    The mean of each patch is removed, which leaves one exact null direction; the principal directions that carry
    99 % of the variance are kept and whitened. Returns (n, d) with d < size², zero mean, identity covariance and hence
    E‖x − mean‖² = d; d may differ between seeds. Raises BadInput if n or size is too small, or the size larger than a
    photograph.

    Source: china.jpg and flower.jpg, `sklearn.datasets.load_sample_images` (which reads them with pillow).
    """
    if n < 2 or size < 2:
        raise BadInput(f"n = {n}, size = {size}: patches need at least two samples of at least 2×2 pixels")
    pixels = _cut(_photographs(), n, size, np.random.default_rng(seed))
    return whitened(pixels - pixels.mean(axis=1, keepdims=True))


def unit_power(x: Array) -> Array:
    """x (n, d) times the scalar that makes E‖x − mean‖² = d. Raises BadInput if all samples are equal."""
    power = ((x - x.mean(axis=0)) ** 2).sum(axis=1).mean()
    if not power > 0:
        raise BadInput("all samples are equal: there is no variance to scale")
    return x * np.sqrt(x.shape[1] / power)


def whitened(x: Array) -> Array:
    """Centred principal coordinates of x (n, d) that carry 99 % of the variance, each scaled to variance 1."""
    U, singular, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    share = np.cumsum(singular**2) / (singular**2).sum()
    kept = int(np.searchsorted(share, KEPT_VARIANCE)) + 1
    return U[:, :kept] * np.sqrt(len(x))


def _photographs() -> list[Array]:
    from sklearn.datasets import load_sample_images

    return [image @ np.array(LUMA) / 255.0 for image in load_sample_images().images]


def _cut(images: list[Array], n: int, size: int, rng: np.random.Generator) -> Array:
    """n patches as rows, each from a random image at a random place."""
    height, width = np.min([image.shape for image in images], axis=0)
    if size > min(height, width):
        raise BadInput(f"size = {size}: the photographs have {height}×{width} pixels")
    rows, columns = rng.integers(height - size + 1, size=n), rng.integers(width - size + 1, size=n)
    which = rng.integers(len(images), size=n)
    return np.array([images[i][r : r + size, c : c + size].ravel() for i, r, c in zip(which, rows, columns)])
