"""Cone tests: is v⁽ˡ⁾ = ((1 − G_lj)E[z_j])_{j≠l} in the cone of the codes z_{−l} of samples on which atom l is silent?

At a stationary dictionary it must be (THEORY K1). For min‖Z‖₁ subject to X = DZ, with D invertible, it decides local
identifiability (K4): inside for every l is necessary for a local minimum, the interior for every l is sufficient.
By Farkas' lemma a failure has a witness c with c·z_{−l} ≥ 0 on those samples and c·v⁽ˡ⁾ < 0: a change of row l of the
codes, by c·z_{−l}, that keeps them feasible and lowers their sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog, nnls

from checks.errors import BadInput
from checks.problem.instance import Array, instance, samples
from checks.problem.processor import on_the_processor


@dataclass(frozen=True, eq=False)
class Cone:
    """The test of one atom l.

    distance: of v to the cone, relative to ‖v‖; about 1e-15 inside. margin: the largest t with v/‖v‖₁ − t·u/‖u‖₁ in the
    cone, u the mean direction of the silent codes; −inf if there is none. It is negative outside and positive in the
    interior (relative to the span of the codes), good to about 1e-9. full: the silent codes span all the other atoms.
    witness: (k,), zero at l, of unit length, with witness·z ≥ −slack·‖z‖ on all silent samples; None inside.
    """

    atom: int
    distance: float
    margin: float
    full: bool
    witness: Float[Any, " k"] | None
    slack: float

    @property
    def interior(self) -> bool:
        """Is v in the interior of the cone, beyond what the linear programme can get wrong?"""
        return self.full and self.margin > 1e-8


@on_the_processor
def cone_tests(Z: ArrayLike, G: ArrayLike, *, weights: ArrayLike | None = None) -> list[Cone]:
    """The test of every atom, for codes Z (n, k) and Gram matrix G = DᵀD (k, k).

    Samples of weight 0 do not count. Raises BadInput on input that is not finite or of the wrong shape, and on negative
    codes.
    """
    Z, G = samples(Z, "Z"), samples(G, "G")
    given = instance(Z, 1, 0.0, weights=weights, name="Z")
    k = Z.shape[1]
    if G.shape != (k, k):
        raise BadInput(f"G has shape {G.shape}, the codes need {(k, k)}")
    if (Z < 0).any():
        raise BadInput(f"Z: negative code in row {np.argwhere(Z < 0)[0][0]}")
    scale = float(Z.max()) or 1.0
    Z = Z[given.weights > 0] / scale
    mean = given.weights[given.weights > 0] @ Z
    return [_test(Z, G, mean, l) for l in range(k)]


def _test(Z: Float[Array, "n k"], G: Float[Array, "k k"], mean: Float[Array, " k"], l: int) -> Cone:
    others = np.delete(np.arange(Z.shape[1]), l)
    v = (1.0 - G[l, others]) * mean[others]
    size = np.linalg.norm(v)
    if not size > 0:  # nothing to explain: every other atom is dead or equal to this one
        return Cone(l, 0.0, 0.0, False, None, 0.0)
    A = _generators(Z[Z[:, l] == 0.0][:, others])
    v = v / size
    if A.shape[0] == 0:  # never silent: the cone is {0}
        return Cone(l, 1.0, -np.inf, False, _embed(-v, others, l), 0.0)
    a, _ = nnls(A.T, v)
    off = v - a @ A
    distance = float(np.linalg.norm(off))
    full = bool(np.linalg.matrix_rank(A) == others.size)
    if not distance > 1e-10:  # the accuracy of NNLS, whose residual then points nowhere
        return Cone(l, distance, _margin(A, v), full, None, 0.0)
    c = -off / distance
    return Cone(l, distance, _margin(A, v), full, _embed(c, others, l), float(max(0.0, -(A @ c).min())))


def _generators(A: Float[Array, "n others"]) -> Float[Array, "m others"]:
    """The rays of the cone: nonzero codes, of unit length, each once."""
    size = np.linalg.norm(A, axis=1)
    return np.unique(A[size > 0] / size[size > 0, None], axis=0)


def _margin(A: Float[Array, "m others"], v: Float[Array, " others"]) -> float:
    """max t with v/‖v‖₁ − t·ā ∈ cone(A), ā the mean of the generators with ‖ā‖₁ = 1."""
    middle = A.mean(axis=0)
    m = A.shape[0]
    solved = linprog(
        np.append(np.zeros(m), -1.0),
        A_eq=np.column_stack([A.T, middle / np.abs(middle).sum()]),
        b_eq=v / np.abs(v).sum(),
        bounds=[(0, None)] * m + [(None, None)],
    )
    return float(solved.x[-1]) if solved.status == 0 else -np.inf


def _embed(c: Float[Array, " others"], others: NDArray[np.intp], l: int) -> Float[Array, " k"]:
    witness = np.zeros(others.size + 1)
    witness[others] = c
    return witness
