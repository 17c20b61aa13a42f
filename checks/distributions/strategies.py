"""Hypothesis strategies for specs and twins: few samples, few dimensions, every awkward case within reach.

Simple means small and shrinks first: a counterexample is a spec of one line. Nothing is filtered.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from checks.distributions.geometry import Duplicates, Gaussian, Helix, Rays, SymmetricDirection
from checks.distributions.hierarchy import ExclusiveGroups, Hierarchy, NestedGroups
from checks.distributions.sparse import CorrelatedSupports, Markov, Sparse
from checks.distributions.spec import WEIGHTS, Family, Spec
from checks.distributions.stationary import StationaryGrid, StationaryRays
from checks.distributions.twins import (
    AppendZeros,
    Duplicate,
    Embed,
    Permute,
    PermuteAtoms,
    Rotate,
    Scale,
    Translate,
    Twin,
)
from checks.distributions.values import Bounded, Outliers, Quantised
from checks.errors import BadInput
from checks.instance import Instance
from theory.problem import L1

# Simple first: Hypothesis shrinks towards the front of these.
PENALTIES = (0.1, 0.3, 0.01, 0.7, 1.0, 1.5, 3.0, 1e-3, 1e-6, 1e-9, 0.0)
SCALES = (1.0, 1e3, 1e-3, 1e8, 1e-8, 1e50, 1e-50)
PROBABILITIES = (0.5, 0.2, 0.8, 0.05, 1.0)
DISTANCES = (0.0, 1e-12, 1e-9, 1e-6, 1e-3, 0.1)


def specs(
    *,
    families: st.SearchStrategy[Family] | None = None,
    min_n: int = 1,
    max_n: int = 60,
    min_d: int = 1,
    max_d: int = 6,
    min_k: int = 1,
    max_k: int = 8,
    min_lam: float = 0.0,
    max_lam: float = 3.0,
    biases: st.SearchStrategy[bool] | None = None,
    weights: st.SearchStrategy[str] | None = None,
    max_lam_spread: float = 1.0,
    min_scale: float = 1e-50,
    max_scale: float = 1e50,
    objectives: st.SearchStrategy[str] | None = None,
) -> st.SearchStrategy[Spec]:
    """Specs of any family, size, penalty, weighting and scale.

    lam, lam_spread, scale and objective are as in `Spec`; objectives: L1 alone by default. The defaults keep an exact
    joint solve in the milliseconds. Raises BadInput if a range is empty.
    """
    return st.builds(
        Spec,
        families_of_data() if families is None else families,
        n=_sizes("n", min_n, max_n),
        d=_sizes("d", min_d, max_d),
        k=_sizes("k", min_k, max_k),
        seed=_seeds(),
        lam=_numbers("lam", PENALTIES, min_lam, max_lam),
        lam_spread=_numbers("lam_spread", (0.0, 0.5, 1.0), 0.0, max_lam_spread),
        bias=st.booleans() if biases is None else biases,
        weights=st.sampled_from(WEIGHTS) if weights is None else weights,
        scale=_numbers("scale", SCALES, min_scale, max_scale),
        objective=st.just("l1") if objectives is None else objectives,
    )


def stationary_specs(
    *,
    min_n: int = 2,
    max_n: int = 60,
    min_d: int = 1,
    max_d: int = 6,
    min_k: int = 1,
    max_k: int = 8,
    min_lam: float = 0.0,
    max_lam: float = 3.0,
    biased: bool = False,
) -> st.SearchStrategy[StationaryRays | StationaryGrid]:
    """Specs whose `point()` is stationary by construction; if `biased`, only those with a free bias, of which a small
    range of sizes may have none. Raises BadInput if a range is empty or max_n < 2.
    """
    n, d, k = _sizes("n", max(2, min_n), max_n), _sizes("d", min_d, max_d), _sizes("k", min_k, max_k)
    lam = _numbers("lam", PENALTIES, min_lam, max_lam)
    rays = st.nothing() if biased else st.builds(StationaryRays, n=n, d=d, k=k, seed=_seeds(), lam=lam)
    # A grid has 2^k samples, and no more atoms than dimensions.
    fewest, most = max(min_k, (min_n - 1).bit_length()), min(max_d, max_k, max_n.bit_length() - 1)
    if fewest > most:
        return rays
    biases = st.just(True) if biased else st.booleans()
    grids = st.integers(fewest, most).flatmap(
        lambda k: st.builds(
            StationaryGrid, d=st.integers(max(k, min_d), max_d), k=st.just(k), seed=_seeds(), lam=lam, bias=biases
        )
    )
    return rays | grids


def families_of_data() -> st.SearchStrategy[Family]:
    """Any family, with parameters that reach its extremes."""
    return st.one_of(rays(), sparse_families(), hierarchies(), gaussians(), repetitions(), curves(), values())


def sparse_families(*, max_sources: int = 4) -> st.SearchStrategy[Family]:
    """Independent, heavy-tailed, correlated and persistent sparse sources."""
    sources, firing = st.integers(1, max_sources), st.sampled_from(PROBABILITIES)
    tail, noise = st.sampled_from((1.0, 0.0, 3.0)), st.sampled_from((0.0, 0.05))
    return st.one_of(
        st.builds(Sparse, sources=sources, firing=firing, tail=tail, noise=noise),
        st.builds(CorrelatedSupports, sources=sources, firing=firing, correlation=st.sampled_from((0.5, 0.9, 1.0))),
        st.builds(Markov, sources=sources, firing=firing, stay=st.sampled_from((0.8, 0.0, 1.0))),
    )


def hierarchies(*, max_children: int = 3) -> st.SearchStrategy[Family]:
    """Parents with children, exclusive groups, chains."""
    return st.one_of(
        st.builds(
            Hierarchy,
            children=st.integers(1, max_children),
            present=st.sampled_from((1.0, 0.5)),
            alone=st.sampled_from((0.5, 0.0, 0.1, 1.0)),
            tied=st.booleans(),
        ),
        st.builds(ExclusiveGroups, groups=st.integers(1, 2), size=st.integers(1, max_children)),
        st.builds(NestedGroups, depth=st.integers(1, max_children)),
    )


def rays(*, max_rays: int = 4) -> st.SearchStrategy[Rays]:
    """Rays, with all samples at one distance or not, with their opposites or not."""
    spread = st.sampled_from((0.0, 1.0, 1e-6))
    return st.builds(Rays, rays=st.integers(1, max_rays), spread=spread, paired=st.booleans())


def repetitions(*, max_distinct: int = 4) -> st.SearchStrategy[Duplicates]:
    """Equal and nearly equal samples, down to a distance of 1e-12."""
    return st.builds(Duplicates, distinct=st.integers(1, max_distinct), distance=st.sampled_from(DISTANCES))


def gaussians() -> st.SearchStrategy[Family]:
    """Isotropic, anisotropic, of low rank, and dense along one symmetric direction."""
    return st.one_of(
        st.builds(SymmetricDirection, noise=st.sampled_from((0.0, 1e-6, 0.1))),
        st.builds(Gaussian, condition=st.sampled_from((1.0, 10.0, 1e6)), rank=st.integers(1, 6)),
    )


def curves() -> st.SearchStrategy[Helix]:
    """Circles, arcs and helices."""
    return st.builds(Helix, turns=st.sampled_from((1.0, 0.25, 3.0)), pitch=st.sampled_from((0.0, 0.5)))


def values() -> st.SearchStrategy[Family]:
    """Bounded and quantised values, outliers."""
    return st.one_of(
        st.builds(Quantised, levels=st.integers(1, 3)),
        st.builds(Bounded, low=st.sampled_from((0.0, -1.0, 0.9))),
        st.builds(Outliers, count=st.integers(1, 2), size=st.sampled_from((10.0, 1e6))),
    )


def twins(problem: Instance) -> st.SearchStrategy[Twin]:
    """The twins that this instance has."""
    seeds, few = _seeds(), st.integers(1, 3)
    always = (
        st.builds(Rotate, seed=seeds),
        st.builds(Permute, seed=seeds),
        st.builds(Duplicate, times=few),
        st.builds(Embed, extra=few),
    )
    if problem.objective is not L1:  # others may know an order of atoms, an amplitude or the number of samples
        return st.one_of(always)
    translations = st.builds(Translate, by=st.sampled_from((1.0, 10.0)), seed=seeds)
    return st.one_of(
        *always,
        st.builds(Scale, by=st.sampled_from((2.0, 0.1, 1e6, 1e-6))),
        st.builds(PermuteAtoms, seed=seeds),
        translations if problem.bias else st.builds(AppendZeros, rows=few),
    )


def _seeds() -> st.SearchStrategy[int]:
    return st.integers(0, 9999)


def _sizes(name: str, low: int, high: int) -> st.SearchStrategy[int]:
    if not 1 <= low <= high:
        raise BadInput(f"min_{name} = {low}, max_{name} = {high}: expected 1 ≤ min ≤ max")
    return st.integers(low, high)


def _numbers(name: str, values: Sequence[float], low: float, high: float) -> st.SearchStrategy[float]:
    """The listed values that lie within bounds, or if none does the bounds themselves."""
    if not 0 <= low <= high:
        raise BadInput(f"min_{name} = {low}, max_{name} = {high}: expected 0 ≤ min ≤ max")
    return st.sampled_from([value for value in values if low <= value <= high] or sorted({low, high}))
