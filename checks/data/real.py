"""Real data by name: how each is made, to be kept by `checks.data.cache`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from numpy.typing import NDArray

from checks.data.cache import Recipe
from checks.errors import BadInput

WINDOWS_PER_SHARD = 64
PATCHES_PER_SHARD = 8192


@dataclass(frozen=True)
class Real:
    """A real data set: recipe(n, seed) says how n samples of it are made, or a few more to make a part of text whole.

    usual: n if nothing else is said.
    """

    name: str
    description: str
    usual: int
    recipe: Callable[[int, int], Recipe]


def _digits(n: int, seed: int) -> Recipe:
    from checks.data.images import digit_pixels

    if n != DIGITS:
        raise BadInput(f"digits: there are {DIGITS}, and n = {n} were asked for: leave --n out")
    return Recipe("digits", {"images": "digits of scikit-learn"}, DIGITS, 64, 1, lambda number: digit_pixels(), False)


def _activations(name: str, layer: int, normed: bool, n: int, seed: int) -> Recipe:
    from checks.data.text import WINDOW, Activations, D, sources

    windows = -(-n // WINDOW)
    source = Activations(layer, normed, windows, seed)

    def shard(number: int) -> NDArray[Any]:
        first = number * WINDOWS_PER_SHARD
        return source.rows(first, min(first + WINDOWS_PER_SHARD, windows))

    facts = sources() | {"layer": layer, "normed": normed, "window": WINDOW, "windows": windows, "seed": seed}
    return Recipe(name, facts, source.n, D, -(-windows // WINDOWS_PER_SHARD), shard, False)


def _patches(name: str, size: int, colour: bool, more: bool, n: int, seed: int) -> Recipe:
    from checks.data.images import SKIMAGE, SKLEARN, photographs_of_skimage, pixels_of_patches

    if more:
        photographs_of_skimage()  # so that what is missing is said before anything is written

    def shard(number: int) -> NDArray[Any]:
        rows = min(PATCHES_PER_SHARD, n - number * PATCHES_PER_SHARD)
        return pixels_of_patches(rows, size, [seed, number], colour=colour, more=more)

    images = [*SKLEARN, *(SKIMAGE if more else ())]
    facts = {"images": images, "size": size, "colour": colour, "n": n, "seed": seed}
    return Recipe(name, facts, n, size**2 * (3 if colour else 1), -(-n // PATCHES_PER_SHARD), shard, True)


def _layers() -> Iterator[Real]:
    for layer in range(7):
        where = f"layer {layer}" if layer else "the embedding"
        for normed, ending, which in ((True, "", "after its last norm"), (False, "-sum", "before its last norm")):
            name = f"minilm-{layer}{ending}"
            description = f"tokens of MiniLM over the King James Bible: {where}, {which}, d = 384"
            yield Real(name, description, 200_000, partial(_activations, name, layer, normed))


def _kinds_of_patches() -> Iterator[Real]:
    for size, colour in ((12, False), (8, True)):
        for more, ending, which in (
            (False, "", "2 photographs"),
            (True, "-more", "9 photographs (needs scikit-image)"),
        ):
            name = f"patches-{size}{'-colour' if colour else ''}{ending}"
            description = f"{size}×{size} {'colour' if colour else 'grey'} patches of {which}, whitened"
            yield Real(name, description, 131_072, partial(_patches, name, size, colour, more))


DIGITS = 1797
REAL = {
    each.name: each
    for each in (*_layers(), *_kinds_of_patches(), Real("digits", "handwritten digits, d = 64", DIGITS, _digits))
}
