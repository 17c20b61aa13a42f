"""Real activations for studies, in units where the mean is 0 and E‖x‖² = d."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from checks.data.cache import home
from checks.data.files import stream
from checks.data.images import digits, patches, unit_power
from checks.errors import BadInput
from checks.problem.instance import Array


def real(name: str, n: int, seed: int) -> Array:
    """n samples (n, d), or all if there are fewer, chosen by the seed. Raises BadInput where they are not there."""
    if name not in SOURCES:
        raise BadInput(f"real data {name!r}: there is {', '.join(SOURCES)}")
    x = SOURCES[name](n, seed)
    return unit_power(x - x.mean(axis=0))


def there(names: Sequence[str]) -> list[str]:
    """Those of the names whose samples are on this machine: tokens have to be made once."""
    return [name for name in names if name != "tokens" or _tokens() is not None]


def _digits(n: int, seed: int) -> Array:
    return np.random.default_rng(seed).permutation(digits())[:n]


def _of_tokens(n: int, seed: int) -> Array:
    folder = _tokens()
    if folder is None:
        raise BadInput("tokens: not on this machine")
    samples = stream(folder).spread(min(10 * n, 20_000))
    return np.random.default_rng(seed).permutation(samples.astype(np.float64))[:n]


def _tokens() -> Path | None:
    """Layer 3 of MiniLM over the King James Bible, if `saelaws data minilm-3` has made it."""
    return next(iter(sorted(home().glob("minilm-3-*"))), None)


SOURCES: dict[str, Callable[[int, int], Array]] = {
    "digits": _digits,
    "patches": lambda n, seed: patches(n, 8, seed),
    "tokens": _of_tokens,
}
