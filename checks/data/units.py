"""Units of samples: where their origin lies and how long a unit is, so that λ means the same for all data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from checks.errors import BadInput
from checks.problem.instance import Array

KEPT_VARIANCE = 0.99


@dataclass(frozen=True, eq=False)
class Units:
    """Samples in units of their own: x = (raw − mean) V / deviations, with E‖x‖² = d.

    directions V, orthonormal, or None for the coordinates as they are; deviations, one for each or one number for all.
    """

    mean: Float[Array, " raw"]
    deviations: Float[Array, "*each"]
    directions: Float[Array, "raw d"] | None = None

    def of(self, raw: ArrayLike) -> Float[Array, "n d"]:
        """Raw samples (n, d_raw) in these units, (n, d)."""
        centred = np.asarray(raw, np.float64) - self.mean
        return (centred if self.directions is None else centred @ self.directions) / self.deviations

    def undone(self, x: ArrayLike) -> Float[Array, "n raw"]:
        """Samples (n, d) as they were, (n, d_raw), but for what lies in the directions that were dropped."""
        scaled = np.asarray(x, np.float64) * self.deviations
        return self.mean + (scaled if self.directions is None else scaled @ self.directions.T)

    def json(self) -> dict[str, Any]:
        directions = None if self.directions is None else self.directions.tolist()
        return {"mean": self.mean.tolist(), "deviations": self.deviations.tolist(), "directions": directions}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Units:
        directions = kept["directions"]
        return cls(
            np.array(kept["mean"]),
            np.array(kept["deviations"]),
            None if directions is None else np.array(directions),
        )


def scaled(mean: Float[Array, " d"], covariance: Float[Array, "d d"]) -> Units:
    """Units of one scale, which keep the coordinates. Raises BadInput if there is no finite variance."""
    return Units(mean, np.asarray(np.sqrt(_power(covariance) / len(mean))))


def white(mean: Float[Array, " d"], covariance: Float[Array, "d d"]) -> Units:
    """Units of variance 1 in each of the principal directions that carry 99 % of the variance; no others are kept.

    So null directions, in which whitening would divide by zero, are dropped. Raises BadInput if there is no finite
    variance.
    """
    _power(covariance)
    variances, directions = np.linalg.eigh(covariance)
    variances, directions = variances[::-1], directions[:, ::-1]
    kept = enough(variances)
    return Units(mean, np.sqrt(variances[:kept]), directions[:, :kept])


def enough(variances: Float[Array, " d"]) -> int:
    """How many of these, the largest first, carry 99 % of the variance."""
    share = np.cumsum(variances) / variances.sum()
    return int(np.searchsorted(share, KEPT_VARIANCE)) + 1


def _power(covariance: Float[Array, "d d"]) -> float:
    power = float(np.trace(covariance))
    if not 0 < power < np.inf:
        raise BadInput(f"all samples are equal, or not finite: there is no variance to scale ({power})")
    return power


def null_directions(covariance: Float[Array, "d d"]) -> Float[Array, "d m"]:
    """Orthonormal directions (d, m) in which samples in float32 do not vary, by the rule of `np.linalg.matrix_rank`."""
    variances, directions = np.linalg.eigh(covariance)
    floor = (len(covariance) * np.finfo(np.float32).eps) ** 2 * variances[-1]
    return np.asarray(directions[:, variances <= floor])
