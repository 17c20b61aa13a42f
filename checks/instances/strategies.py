"""Hypothesis strategies for specs and metamorphic relations: few samples and dimensions, every awkward case in reach.

Simple means small and shrinks first: a counterexample is a spec of one line. Nothing is filtered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from hypothesis import strategies as st

from checks.data.synthetic.family import Family
from checks.data.synthetic.geometry import Duplicates, Gaussian, Helix, Rays, SymmetricDirection
from checks.data.synthetic.hierarchy import ExclusiveGroups, Hierarchy, NestedGroups
from checks.data.synthetic.sparse import CorrelatedSupports, Markov, Sparse
from checks.data.synthetic.values import Bounded, Outliers, Quantised
from checks.errors import BadInput
from checks.instances.metamorphic import (
    AppendZeros,
    Duplicate,
    Embed,
    MetamorphicRelation,
    Permute,
    PermuteAtoms,
    Rotate,
    Scale,
    Translate,
)
from checks.instances.spec import WEIGHTS, Spec
from checks.instances.stationary import (
    FreeNorms,
    Stationary,
    StationaryBetween,
    StationaryGrid,
    StationaryNest,
    StationaryOverlap,
    StationaryRays,
    StationarySelection,
)
from checks.problem.instance import Instance
from theory.problem import L1, MATRYOSHKA, NORM_WEIGHTED, Objective

T = TypeVar("T")

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


@dataclass(frozen=True)
class Bounds:
    """Between what the sizes and λ of specs lie that are built backwards. Raises BadInput if a range is empty."""

    min_n: int = 2
    max_n: int = 60
    min_d: int = 1
    max_d: int = 6
    min_k: int = 1
    max_k: int = 8
    min_lam: float = 0.0
    max_lam: float = 3.0

    def __post_init__(self) -> None:
        for name in ("n", "d", "k"):
            _sizes(name, getattr(self, f"min_{name}"), getattr(self, f"max_{name}"))

    @property
    def n(self) -> st.SearchStrategy[int]:
        return st.integers(self.min_n, self.max_n)

    @property
    def lam(self) -> st.SearchStrategy[float]:
        return _numbers("lam", PENALTIES, self.min_lam, self.max_lam)

    def independent(self, spec: type[T], fewest: int, most: int, **fields: st.SearchStrategy) -> st.SearchStrategy[T]:
        """Specs of a kind that needs a dimension for each atom, if there are any with so many atoms."""
        fewest, most = max(self.min_k, fewest), min(self.max_k, self.max_d, most)
        if fewest > most:
            return st.nothing()

        def with_atoms(k: int) -> st.SearchStrategy[T]:
            d = st.integers(max(k, self.min_d), self.max_d)
            return st.builds(spec, d=d, k=st.just(k), seed=_seeds(), **fields)

        return st.integers(fewest, most).flatmap(with_atoms)


def stationary_specs(
    objective: Objective = L1, *, biased: bool = False, **bounds: Any
) -> st.SearchStrategy[Stationary]:
    """Specs whose `point()` is stationary by construction, as far as there are any within `Bounds`; if `biased`, only
    those with a free bias.

    Those of other objectives have supports that are nested in each other, or ± pairs that a limit does not reach, which
    the data of no family would lead to. Raises BadInput if a range is empty.
    """
    within, biases = Bounds(**bounds), st.just(True) if biased else st.booleans()
    if objective is MATRYOSHKA:
        return st.nothing() if biased else nests(within)
    if objective.limit is not None:
        return selections(objective, within, biases)
    l1: st.SearchStrategy[Any] = grids(within, biases)
    if not biased:
        l1 = one_sparse(within) | l1 | overlaps(within)
    if objective is NORM_WEIGHTED:
        return st.builds(FreeNorms, l1, _seeds())
    return l1 if biased else l1 | atoms_between(within)


def one_sparse(within: Bounds) -> st.SearchStrategy[StationaryRays]:
    """One atom for each sample."""
    d, k = st.integers(within.min_d, within.max_d), st.integers(within.min_k, within.max_k)
    return st.builds(StationaryRays, n=within.n, d=d, k=k, seed=_seeds(), lam=within.lam)


def grids(within: Bounds, biases: st.SearchStrategy[bool]) -> st.SearchStrategy[StationaryGrid]:
    """All on–off patterns of k atoms, which are 2^k samples."""
    fewest, most = (within.min_n - 1).bit_length(), within.max_n.bit_length() - 1
    return within.independent(StationaryGrid, fewest, most, lam=within.lam, bias=biases)


def overlaps(within: Bounds) -> st.SearchStrategy[StationaryOverlap]:
    """All atoms together, and each alone: more samples than atoms."""
    fewest = max(within.min_n, within.min_k + 1)
    if fewest > within.max_n or within.min_k > within.max_d:
        return st.nothing()
    n = st.integers(fewest, within.max_n)
    return n.flatmap(lambda n: within.independent(StationaryOverlap, 1, n - 1, n=st.just(n), lam=within.lam))


def atoms_between(within: Bounds) -> st.SearchStrategy[StationaryBetween]:
    """An atom that takes over from two others as prices rise up to tenfold."""
    fits = within.max_d >= 3 and within.min_n <= 4 <= within.max_n and within.min_k <= 3 <= within.max_k
    lam = _numbers("lam", PENALTIES, within.min_lam, max(within.min_lam, min(0.1, within.max_lam)))
    d = st.integers(max(3, within.min_d), max(3, within.max_d))
    return st.builds(StationaryBetween, d=d, seed=_seeds(), lam=lam) if fits else st.nothing()


def nests(within: Bounds) -> st.SearchStrategy[StationaryNest]:
    """As many parents as children, and as many samples as atoms."""
    return within.independent(StationaryNest, within.min_n, within.max_n, lam=within.lam)


def selections(
    objective: Objective, within: Bounds, biases: st.SearchStrategy[bool]
) -> st.SearchStrategy[StationarySelection]:
    """Pairs of samples under a limit of one to three units."""
    fewest, most = (within.min_n + 1) // 2, within.max_n // 2
    if fewest > most:
        return st.nothing()
    return within.independent(
        StationarySelection,
        1,
        within.max_k,
        pairs=st.integers(fewest, most),
        K=st.integers(1, 3),
        limit=st.just(objective.key),
        chained=st.booleans(),
        bias=biases,
    )


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


def metamorphic_relations(problem: Instance) -> st.SearchStrategy[MetamorphicRelation]:
    """The metamorphic relations that this instance has."""
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
