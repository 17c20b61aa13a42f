"""Images bundled with scikit-learn and scikit-image: nothing is downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from checks.data.units import enough
from checks.errors import BadInput, MissingExtra
from checks.problem.instance import Array

# ITU-R BT.601, the weights of the usual conversion to greyscale.
LUMA = (0.299, 0.587, 0.114)
SKLEARN = ("china.jpg", "flower.jpg")
SKIMAGE = ("astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "grass.png", "gravel.png")
TILE = 256  # pixels of a side of the squares that photographs of several sizes are cut into


def digits() -> Array:
    """Handwritten digits, (1797, 64): 8×8 pixels, not centred, in units where E‖x − mean‖² = 64."""
    return unit_power(digit_pixels())


def digit_pixels() -> Array:
    """Handwritten digits, (1797, 64): 8×8 pixels from 0 to 16, of which three are 0 throughout.

    Source: UCI optical recognition of handwritten digits, test set, `sklearn.datasets.load_digits`.
    """
    from sklearn.datasets import load_digits

    return load_digits().data.astype(np.float64)


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
    return whitened(pixels_of_patches(n, size, seed))


def unit_power(x: Array) -> Array:
    """x (n, d) times the scalar that makes E‖x − mean‖² = d. Raises BadInput if all samples are equal."""
    power = ((x - x.mean(axis=0)) ** 2).sum(axis=1).mean()
    if not power > 0:
        raise BadInput("all samples are equal: there is no variance to scale")
    return x * np.sqrt(x.shape[1] / power)


def whitened(x: Array) -> Array:
    """Centred principal coordinates of x (n, d) that carry 99 % of the variance, each scaled to variance 1."""
    U, singular, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    return U[:, : enough(singular**2)] * np.sqrt(len(x))


def pixels_of_patches(
    n: int, size: int, seed: int | Sequence[int], *, colour: bool = False, more: bool = False
) -> Array:
    """n patches, size × size pixels from 0 to 1 less their mean, (n, size²) grey or (n, 3·size²) in colour.

    Removing the mean of each patch leaves one exact null direction. more: also from photographs of scikit-image, each
    place as likely as any other. Raises BadInput if size does not fit, MissingExtra where scikit-image is missing.

    Source: china.jpg and flower.jpg of scikit-learn; astronaut, brick, camera, … of scikit-image.
    """
    pixels = _cut(_tiles(colour) if more else _photographs(colour), n, size, np.random.default_rng(seed))
    return pixels - pixels.mean(axis=1, keepdims=True)


@lru_cache(maxsize=2)
def _photographs(colour: bool = False) -> list[Array]:
    from sklearn.datasets import load_sample_images

    return [image / 255.0 if colour else image @ np.array(LUMA) / 255.0 for image in load_sample_images().images]


def photographs_of_skimage() -> Path:
    """Their folder, found without importing the package. Raises MissingExtra if it is not installed."""
    found = find_spec("skimage")
    if found is None or not found.submodule_search_locations:
        raise MissingExtra("these photographs come with scikit-image: pip install 'sae-laws[images]'")
    return Path(next(iter(found.submodule_search_locations))) / "data"


@lru_cache(maxsize=2)
def _tiles(colour: bool) -> list[Array]:
    """All photographs in squares of one size, so that each place is as likely as any other."""
    from PIL import Image

    folder = photographs_of_skimage()
    images = [np.asarray(Image.open(folder / name).convert("RGB")) / 255.0 for name in SKIMAGE]
    images = _photographs(colour) + [image if colour else image @ np.array(LUMA) for image in images]
    return [
        image[r : r + TILE, c : c + TILE]
        for image in images
        for r in range(0, image.shape[0] - TILE + 1, TILE)
        for c in range(0, image.shape[1] - TILE + 1, TILE)
    ]


def _cut(images: list[Array], n: int, size: int, rng: np.random.Generator) -> Array:
    """n patches as rows, each from a random image at a random place."""
    height, width = np.min([image.shape[:2] for image in images], axis=0)
    if size > min(height, width):
        raise BadInput(f"size = {size}: the photographs have {height}×{width} pixels")
    rows, columns = rng.integers(height - size + 1, size=n), rng.integers(width - size + 1, size=n)
    which = rng.integers(len(images), size=n)
    return np.array([images[i][r : r + size, c : c + size].ravel() for i, r, c in zip(which, rows, columns)])
