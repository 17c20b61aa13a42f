"""Everything that the repr of a drawn spec or twin refers to, to be imported by star before it is pasted."""

from checks.distributions.geometry import Duplicates, Gaussian, Helix, Rays, SymmetricDirection
from checks.distributions.hierarchy import ExclusiveGroups, Hierarchy, NestedGroups
from checks.distributions.sparse import CorrelatedSupports, Markov, Sparse
from checks.distributions.spec import Spec
from checks.distributions.stationary import (
    FreeNorms,
    StationaryBetween,
    StationaryGrid,
    StationaryNest,
    StationaryOverlap,
    StationaryRays,
    StationarySelection,
)
from checks.distributions.twins import (
    AppendZeros,
    Duplicate,
    Embed,
    Permute,
    PermuteAtoms,
    Rotate,
    Scale,
    Translate,
)
from checks.distributions.values import Bounded, Outliers, Quantised

__all__ = [
    "AppendZeros",
    "Bounded",
    "CorrelatedSupports",
    "Duplicate",
    "Duplicates",
    "Embed",
    "ExclusiveGroups",
    "FreeNorms",
    "Gaussian",
    "Helix",
    "Hierarchy",
    "Markov",
    "NestedGroups",
    "Outliers",
    "Permute",
    "PermuteAtoms",
    "Quantised",
    "Rays",
    "Rotate",
    "Scale",
    "Sparse",
    "Spec",
    "StationaryBetween",
    "StationaryGrid",
    "StationaryNest",
    "StationaryOverlap",
    "StationaryRays",
    "StationarySelection",
    "SymmetricDirection",
    "Translate",
]
