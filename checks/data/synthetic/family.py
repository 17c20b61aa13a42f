"""What every distribution of samples provides."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from jaxtyping import Float

from checks.problem.instance import Array


class Family(ABC):
    """A distribution of samples; subclasses are frozen dataclasses whose fields are its parameters."""

    @abstractmethod
    def samples(self, n: int, d: int, rng: np.random.Generator) -> Float[Array, "{n} {d}"]:
        """n samples in d dimensions, (n, d), of order 1."""
